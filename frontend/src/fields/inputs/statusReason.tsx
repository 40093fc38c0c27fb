import { choosable, reasons, statesWithReasons } from '../statusReason';
import type { FilterProps, InputProps, Inputs } from '../types';
import { asText } from '../values';
import { frameProps } from './frame';
import { OptionPicker } from './OptionPicker';

/** Only reasons of the record's present state can be chosen. */
function Input(props: InputProps) {
  const { attribute, value, onChange, entity, record } = props;
  const states = statesWithReasons(attribute, { entity });
  const present = states.find((state) => state.value === asText(record?.state)) ?? states.find((state) => state.reasons.some((reason) => reason.value === value)) ?? states[0];
  const options = present ? choosable(reasons([present]), value) : (attribute.options ?? []);
  return (
    <OptionPicker label={attribute.label} frame={frameProps(props)} options={options} selected={value == null ? [] : [Number(value)]} clearable={false} onChange={([next]) => onChange(next ?? null)} />
  );
}

function Filter({ attribute, operator, value, onChange, autoFocus }: FilterProps) {
  const many = operator === 'in' || operator === 'not_in';
  const options = statesWithReasons(attribute).length ? reasons(statesWithReasons(attribute)) : (attribute.options ?? []);
  const selected = (Array.isArray(value) ? value : value == null ? [] : [value]) as number[];
  return <OptionPicker label={attribute.label} multiple={many} options={options} selected={selected} onChange={(next) => onChange(many ? next : (next[0] ?? null))} autoFocus={autoFocus} />;
}

export const statusReason: Inputs = { Input, Filter };
