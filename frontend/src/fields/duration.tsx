import { t, useT } from '@/i18n';
import { formatDuration, parseNumber } from '@/ui/formatting';
import { EmptyMark, Line } from './display';
import { asText, compareWith } from './values';
import type { DisplayProps, FieldBase } from './types';

/** Minutes in the user's words. */
export const writeDuration = (value: unknown) => (typeof value === 'number' ? formatDuration(value, t('fields.hour'), t('fields.minute')) : asText(value));

/** Minutes from `90`, `1:30`, `1h 30m`, `1.5 h`, `2 d` (days of 24 hours); null if unreadable. */
export function readDuration(text: string): number | null {
  const typed = text.trim().toLowerCase();
  const clock = /^(\d+):([0-5]\d)$/.exec(typed);
  if (clock) return Number(clock[1]) * 60 + Number(clock[2]);
  const bare = parseNumber(typed);
  if (bare !== null && /^[\d\s.,-]+$/.test(typed)) return Number.isInteger(Number(bare)) ? Number(bare) : null;
  const parts = [...typed.matchAll(/(\d+(?:[.,]\d+)?)\s*(d|h|std\.?|m|min\.?)[a-z]*\.?/g)];
  if (!parts.length || typed.replace(/(\d+(?:[.,]\d+)?)\s*(d|h|std\.?|m|min\.?)[a-z]*\.?/g, '').trim()) return null;
  const factor = (unit: string) => (unit.startsWith('d') ? 1440 : unit.startsWith('h') || unit.startsWith('s') ? 60 : 1);
  return Math.round(parts.reduce((sum, [, amount, unit]) => sum + Number(amount!.replace(',', '.')) * factor(unit!), 0));
}

function Display({ value }: DisplayProps) {
  useT();
  return value == null ? <EmptyMark /> : <span className="k-num">{writeDuration(value)}</span>;
}

/** Whole minutes. */
export const duration: FieldBase = {
  Display,
  Cell: ({ value }) => (value == null ? null : <Line right>{writeDuration(value)}</Line>),
  parse: (text) => {
    if (!text.trim()) return { ok: true, value: null };
    const value = readDuration(text);
    return value === null ? { ok: false, message: t('fields.invalidDuration') } : { ok: true, value };
  },
  format: writeDuration,
  compare: compareWith(Number, (a, b) => a - b),
  validate: (value) => (value == null || value === '' || typeof value === 'number' ? null : t('fields.invalidDuration')),
  align: 'right',
  width: 100,
};
