import { useSession } from '@/metadata';
import { Avatar } from '@/ui/Avatar';
import { EmptyMark, frameProps } from './frame';
import classes from './fields.module.css';
import { LookupPicker } from './LookupPicker';
import { referenceField } from './references';
import { asRef } from './values';
import type { DisplayProps, FieldAttribute, FieldType, InputProps } from './types';

const targetsOf = (attribute: FieldAttribute) => (attribute.targets?.length ? attribute.targets : ['user', 'team']);
const base = referenceField(targetsOf, 160);

function Person({ value, line }: DisplayProps & { line?: boolean }) {
  const ref = asRef(value);
  if (!ref) return line ? null : <EmptyMark />;
  return (
    <span className={classes.person} title={ref.name}>
      <Avatar name={ref.name} square={ref.object === 'team'} />
      <span className="k-truncate">{ref.name}</span>
    </span>
  );
}

function Input(props: InputProps) {
  const { user } = useSession();
  const value = asRef(props.value);
  const me = { object: 'user', id: user.id, name: user.name };
  return (
    <LookupPicker
      label={props.attribute.label}
      frame={frameProps(props)}
      targets={targetsOf(props.attribute)}
      value={value}
      onChange={props.onChange}
      clearable={false}
      suggestions={value?.id === me.id ? [] : [me]}
    />
  );
}

/** The user or team a record belongs to. */
export const owner: FieldType = { ...base, Display: Person, Cell: (props) => <Person {...props} line />, Input };
