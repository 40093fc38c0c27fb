import { statesOf } from '../state';
import type { FilterProps, InputProps, Inputs } from '../types';
import { asText } from '../values';
import { frameProps } from './frame';
import { OptionPicker } from './OptionPicker';

/** States change by actions only; the input shows the present one. */
function Input(props: InputProps) {
  return (
    <OptionPicker
      label={props.attribute.label}
      frame={{ ...frameProps(props), disabled: true }}
      options={statesOf(props.attribute, props.entity).map((state) => ({ value: state.value, label: state.label, color: state.color }))}
      selected={props.value ? [asText(props.value)] : []}
      onChange={() => undefined}
    />
  );
}

function Filter({ attribute, operator, value, onChange, autoFocus }: FilterProps) {
  const many = operator === 'in' || operator === 'not_in';
  return (
    <OptionPicker
      label={attribute.label}
      multiple={many}
      options={statesOf(attribute).map((state) => ({ value: state.value, label: state.label, color: state.color }))}
      selected={(Array.isArray(value) ? value : value ? [value] : []) as string[]}
      onChange={(next) => onChange(many ? next : (next[0] ?? null))}
      autoFocus={autoFocus}
    />
  );
}

export const state: Inputs = { Input, Filter };
