import { TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';

import { t } from '@/i18n';
import { formatNumber, parseNumber } from '@/ui/formatting';
import { frameProps } from './frame';
import classes from './fields.module.css';
import { asText, compareDecimals } from './values';
import type { FieldAttribute, InputProps, Parsed } from './types';

export interface NumericProps extends InputProps {
  /** Numbers are kept as decimal strings, or as JSON numbers for integers and floats. */
  kind: 'string' | 'number';
  precision: number | null;
  suffix?: ReactNode;
}

/**
 * A number typed in the user's way. While typing the text stays as it is; what cannot be read is handed on as text,
 * so that nothing is lost and `validateNumber` can say why.
 */
export function NumericInput({ kind, precision, suffix, ...props }: NumericProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const { value, onChange, variant } = props;
  const frame = frameProps(props);
  const readable = asText(value) !== '' && parsePlain(asText(value)) !== null;
  const shown = draft ?? (readable ? formatNumber(asText(value), kind === 'string' ? precision : null) : asText(value));
  return (
    <TextInput
      {...frame}
      className={classes.number}
      inputMode={precision === 0 ? 'numeric' : 'decimal'}
      autoComplete="off"
      value={shown}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        setDraft(typed);
        const plain = parseNumber(typed);
        onChange(typed.trim() === '' ? null : plain === null ? typed : kind === 'number' ? Number(plain) : plain);
      }}
      onBlur={() => {
        setDraft(null);
        props.onBlur?.();
      }}
      rightSection={variant !== 'cell' && suffix ? <span className={classes.suffix}>{suffix}</span> : undefined}
      rightSectionWidth={suffix && variant !== 'cell' ? 'auto' : undefined}
      rightSectionPointerEvents="none"
    />
  );
}

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
