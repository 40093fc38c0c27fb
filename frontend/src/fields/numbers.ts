/** Numbers as text: what is typed, what the API writes, what an attribute allows. */
import { t } from '@/i18n';
import { formatNumber, parseNumber } from '@/ui/formatting';
import type { FieldAttribute, Parsed } from './types';
import { asText, compareDecimals } from './values';

/** A plain decimal string as the API writes it; null for anything else. */
export const parsePlain = (text: string): string | null => (/^-?\d+(\.\d+)?$/.test(text) ? text : null);

/** What is wrong with a number, in words. */
export function validateNumber(value: unknown, attribute: FieldAttribute, precision: number | null): string | null {
  const text = asText(value).trim();
  if (!text) return null;
  // Floats such as 1e-7 are fine too.
  if (parsePlain(text) === null && !(typeof value === 'number' && Number.isFinite(value))) return t('fields.invalidNumber');
  if (precision != null && (text.split('.')[1] ?? '').replace(/0+$/, '').length > precision) {
    return precision === 0 ? t('fields.wholeNumber') : t('fields.decimals', { precision });
  }
  if (attribute.min != null && compareDecimals(text, String(attribute.min)) < 0) return t('fields.min', { min: formatNumber(attribute.min) });
  if (attribute.max != null && compareDecimals(text, String(attribute.max)) > 0) return t('fields.max', { max: formatNumber(attribute.max) });
  return null;
}

/** Typed or pasted text to a number. */
export function parseNumeric(text: string, attribute: FieldAttribute, kind: 'string' | 'number', precision: number | null): Parsed {
  if (!text.trim()) return { ok: true, value: null };
  const plain = parseNumber(text);
  if (plain === null) return { ok: false, message: t('fields.invalidNumber') };
  const value = kind === 'number' ? Number(plain) : plain;
  const message = validateNumber(value, attribute, precision);
  return message ? { ok: false, message } : { ok: true, value };
}
