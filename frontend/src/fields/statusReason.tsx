import type { State } from '@/metadata';
import { Chip } from '@/ui/Chip';
import { EmptyMark, frameProps } from './frame';
import { OptionPicker, type PickOption } from './OptionPicker';
import { optionOf, pick } from './pick';
import { asText } from './values';
import type { DisplayProps, FieldAttribute, FieldType, FilterProps, FormatContext, InputProps } from './types';

const statesOf = (attribute: FieldAttribute, context?: FormatContext): State[] => attribute.states ?? context?.entity?.states ?? [];

/** Reasons of all states, in the colour of their state. */
function reasons(states: State[]): PickOption[] {
  return states.flatMap((state) => state.reasons.map((reason) => ({ value: reason.value, label: reason.label, color: state.color })));
}

function found(attribute: FieldAttribute, value: unknown, context?: FormatContext): PickOption | null {
  if (value == null || value === '') return null;
  return reasons(statesOf(attribute, context)).find((reason) => reason.value === Number(value)) ?? optionOf(attribute, value);
}

function Reason({ attribute, value, entity, record, line }: DisplayProps & { line?: boolean }) {
  const reason = found(attribute, value, { entity, record });
  if (!reason) return line ? null : <EmptyMark />;
  return <Chip label={reason.label} color={reason.color} />;
}

/** Only reasons of the record's present state can be chosen. */
function Input(props: InputProps) {
  const { attribute, value, onChange, entity, record } = props;
  const states = statesOf(attribute, { entity });
  const present = states.find((state) => state.value === asText(record?.state)) ?? states.find((state) => state.reasons.some((reason) => reason.value === value)) ?? states[0];
  const options = present ? reasons([present]) : (attribute.options ?? []);
  return (
    <OptionPicker label={attribute.label} frame={frameProps(props)} options={options} selected={value == null ? [] : [Number(value)]} clearable={false} onChange={([next]) => onChange(next ?? null)} />
  );
}

function Filter({ attribute, operator, value, onChange, autoFocus }: FilterProps) {
  const many = operator === 'in' || operator === 'not_in';
  const options = statesOf(attribute).length ? reasons(statesOf(attribute)) : (attribute.options ?? []);
  const selected = (Array.isArray(value) ? value : value == null ? [] : [value]) as number[];
  return <OptionPicker label={attribute.label} multiple={many} options={options} selected={selected} onChange={(next) => onChange(many ? next : (next[0] ?? null))} autoFocus={autoFocus} />;
}

/** Why a record is in its state. */
export const statusReason: FieldType = {
  ...pick,
  Display: Reason,
  Cell: (props) => <Reason {...props} line />,
  Input,
  Filter,
  format: (value, attribute, context) => found(attribute, value, context)?.label ?? '',
};
