import { Chip } from '@/ui/Chip';
import { t } from '@/i18n';
import { EmptyMark, frameProps, optionsOf } from './frame';
import { OptionPicker, type PickOption } from './OptionPicker';
import { compareTexts, compareWith } from './values';
import type { DisplayProps, FieldAttribute, FieldType, FilterProps, InputProps } from './types';

/** The option of a value; an unknown one is shown by its number, never hidden. */
export function optionOf(attribute: FieldAttribute, value: unknown): PickOption | null {
  if (value == null || value === '') return null;
  const found = optionsOf(attribute).find((option) => option.value === Number(value));
  return found ?? { value: Number(value), label: String(value), color: null };
}

/** Options to choose from: active ones, and the present one although it was retired. */
export const choosable = (attribute: FieldAttribute, present: unknown[]): PickOption[] =>
  optionsOf(attribute).filter((option) => option.active !== false || present.includes(option.value));

const asValues = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : value == null || value === '' ? [] : [Number(value)]);

function Display({ attribute, value }: DisplayProps) {
  const option = optionOf(attribute, value);
  return option ? <Chip label={option.label} color={option.color} /> : <EmptyMark />;
}

function Cell({ attribute, value }: DisplayProps) {
  const option = optionOf(attribute, value);
  return option ? <Chip label={option.label} color={option.color} /> : null;
}

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

/** The option with this label, whatever its case. */
export function optionByLabel(attribute: FieldAttribute, label: string) {
  const wanted = label.trim().toLowerCase();
  return optionsOf(attribute).find((option) => option.label.toLowerCase() === wanted);
}

export const pick: FieldType = {
  Display,
  Cell,
  Input,
  Filter: OptionFilter,
  parse: (text, attribute) => {
    if (!text.trim()) return { ok: true, value: null };
    const option = optionByLabel(attribute, text);
    return option ? { ok: true, value: option.value } : { ok: false, message: t('fields.unknownOption', { text: text.trim() }) };
  },
  format: (value, attribute) => optionOf(attribute, value)?.label ?? '',
  // Options have an order of their own, the administrator's.
  compare: (a, b, attribute) => {
    const at = (value: unknown) => optionsOf(attribute).findIndex((option) => option.value === Number(value));
    return compareWith(at, (x, y) => x - y)(a, b) || compareTexts(String(a ?? ''), String(b ?? ''));
  },
  width: 140,
};
