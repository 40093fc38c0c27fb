import type { FieldAttribute, FilterProps, InputProps, Inputs, PickOption } from '../types';
import { optionsOf } from '../display';
import { frameProps } from './frame';
import { OptionPicker } from './OptionPicker';

/** Options to choose from: active ones, and the present one although it was retired. */
export const choosable = (attribute: FieldAttribute, present: unknown[]): PickOption[] =>
  optionsOf(attribute).filter((option) => option.active !== false || present.includes(option.value));

const asValues = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : value == null || value === '' ? [] : [Number(value)]);

function Input(props: InputProps) {
  const { attribute, value, onChange } = props;
  return (
    <OptionPicker
      label={attribute.label}
      frame={frameProps(props)}
      options={choosable(attribute, [value])}
      selected={asValues(value)}
      clearable={!attribute.required}
      onChange={([next]) => onChange(next ?? null)}
    />
  );
}

/** One option for `eq`, several for `in`. */
export function OptionFilter({ attribute, operator, value, onChange, autoFocus }: FilterProps) {
  const many = operator !== 'eq' && operator !== 'ne';
  return (
    <OptionPicker
      label={attribute.label}
      multiple={many}
      options={optionsOf(attribute)}
      selected={asValues(value)}
      onChange={(next) => onChange(many ? next : (next[0] ?? null))}
      autoFocus={autoFocus}
    />
  );
}

export const pick: Inputs = { Input, Filter: OptionFilter };
