import { Avatar } from '@/ui/Avatar';
import { EmptyMark } from './display';
import classes from './fields.module.css';
import { reference } from './references';
import type { DisplayProps, FieldBase } from './types';
import { asRef } from './values';

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

/** The user or team a record belongs to. */
export const owner: FieldBase = { ...reference, Display: Person, Cell: (props) => <Person {...props} line />, width: 160 };
