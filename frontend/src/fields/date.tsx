import { t } from '@/i18n';
import { formatDate } from '@/ui/formatting';
import { datePattern, readDay } from './dates';
import { EmptyMark, Line } from './display';
import { asText, compareWith } from './values';
import type { FieldBase } from './types';

const validate = (value: unknown) => (!value || /^\d{4}-\d{2}-\d{2}/.test(asText(value)) ? null : t('fields.invalidDate', { pattern: datePattern() }));

/** Calendar days; no zone is involved. */
export const date: FieldBase = {
  Display: ({ value }) => (value ? <span className="k-num">{formatDate(asText(value))}</span> : <EmptyMark />),
  Cell: ({ value }) => (value ? <Line>{formatDate(asText(value))}</Line> : null),
  parse: (text) => {
    if (!text.trim()) return { ok: true, value: null };
    const value = readDay(text);
    return value ? { ok: true, value } : { ok: false, message: t('fields.invalidDate', { pattern: datePattern() }) };
  },
  format: (value) => formatDate(asText(value)),
  compare: compareWith(asText, (a, b) => (a < b ? -1 : a > b ? 1 : 0)),
  validate,
  width: 120,
};
