import { t } from '@/i18n';
import { formatDateTime } from '@/ui/formatting';
import { datePattern, instantOf, isInstant, readDay, readTime } from './dates';
import { EmptyMark, Line } from './display';
import { asText, compareWith } from './values';
import type { FieldBase } from './types';

export const datetime: FieldBase = {
  Display: ({ value }) => (value ? <time className="k-num" dateTime={asText(value)}>{formatDateTime(asText(value))}</time> : <EmptyMark />),
  Cell: ({ value }) => (value ? <Line>{formatDateTime(asText(value))}</Line> : null),
  parse: (raw) => {
    if (!raw.trim()) return { ok: true, value: null };
    if (isInstant(raw.trim())) return { ok: true, value: new Date(raw.trim()).toISOString().replace('.000Z', 'Z') };
    const match = /^(.*?)[,\s]+(\d{1,2}[:.]\d{2}(?:\s*[ap]m)?)$/i.exec(raw.trim());
    const day = readDay(match ? match[1]! : raw);
    const time = match ? readTime(match[2]!) : '00:00';
    return day && time ? { ok: true, value: instantOf(day, time) } : { ok: false, message: t('fields.invalidDate', { pattern: `${datePattern()} HH:MM` }) };
  },
  format: (value) => formatDateTime(asText(value)),
  compare: compareWith((value) => Date.parse(asText(value)), (a, b) => a - b),
  validate: (value) => (!value || isInstant(asText(value)) ? null : t('fields.invalidDate', { pattern: `${datePattern()} HH:MM` })),
  width: 170,
};
