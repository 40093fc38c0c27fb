/** Inputs of references: each type knows which objects it may point at. */
import { useSession } from '@/metadata';
import type { FieldAttribute, FilterProps, InputProps, Inputs } from '../types';
import { asRef } from '../values';
import { frameProps } from './frame';
import { LookupPicker } from './LookupPicker';
import { RefListFilter } from './RefListFilter';

const targetsOr =
  (...fallback: string[]) =>
  (attribute: FieldAttribute): string[] =>
    attribute.targets?.length ? attribute.targets : fallback;

function referenceInputs(targetsOf: (attribute: FieldAttribute) => string[]): Inputs {
  return {
    Input: (props: InputProps) => (
      <LookupPicker
        label={props.attribute.label}
        frame={frameProps(props)}
        targets={targetsOf(props.attribute)}
        value={asRef(props.value)}
        onChange={props.onChange}
        clearable={!props.attribute.required}
      />
    ),
    Filter: (props: FilterProps) => <RefListFilter {...props} targets={targetsOf(props.attribute)} />,
  };
}

const ownerTargets = targetsOr('user', 'team');

/** The user is offered first: taking a record over is the most frequent change. */
function OwnerInput(props: InputProps) {
  const { user } = useSession();
  const value = asRef(props.value);
  const me = { object: 'user', id: user.id, name: user.name };
  return (
    <LookupPicker
      label={props.attribute.label}
      frame={frameProps(props)}
      targets={ownerTargets(props.attribute)}
      value={value}
      onChange={props.onChange}
      clearable={false}
      suggestions={value?.id === me.id ? [] : [me]}
    />
  );
}

export const lookup = referenceInputs(targetsOr());
export const customer = referenceInputs(targetsOr('account', 'contact'));
export const regarding = referenceInputs(targetsOr('account', 'contact', 'lead', 'opportunity'));
export const owner: Inputs = { ...referenceInputs(ownerTargets), Input: OwnerInput };
