import { Chip } from '@/ui/Chip';
import { t } from '@/i18n';
import { EmptyMark, optionsOf } from './display';
import { compareTexts, compareWith } from './values';
import type { DisplayProps, FieldAttribute, FieldBase, PickOption } from './types';

/** The option of a value; an unknown one is shown by its number, never hidden. */
export function optionOf(attribute: FieldAttribute, value: unknown): PickOption | null {
  if (value == null || value === '') return null;
  const found = [...optionsOf(attribute), ...(attribute.former_options ?? [])].find((option) => option.value === Number(value));
  return found ?? { value: Number(value), label: String(value), color: null };
}

function Display({ attribute, value }: DisplayProps) {
  const option = optionOf(attribute, value);
  return option ? <Chip label={option.label} color={option.color} /> : <EmptyMark />;
}

function Cell({ attribute, value }: DisplayProps) {
  const option = optionOf(attribute, value);
  return option ? <Chip label={option.label} color={option.color} /> : null;
}

/** The option with this label, whatever its case. */
export function optionByLabel(attribute: FieldAttribute, label: string) {
  const wanted = label.trim().toLowerCase();
  return optionsOf(attribute).find((option) => option.label.toLowerCase() === wanted);
}

export const pick: FieldBase = {
  Display,
  Cell,
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
