/** Enough of the filter language for the mock API. */
import type { Filter, RecordData } from '@/api/types';
import { sameValue } from '@/fields/values';

const DAY = 86_400_000;
const scalar = (value: unknown): unknown => (value && typeof value === 'object' && 'id' in value ? value.id : value);

function compare(value: unknown, operand: unknown): number {
  if (typeof value === 'number' || /^-?\d+(\.\d+)?$/.test(String(value))) return Number(value) - Number(operand);
  return String(value) < String(operand) ? -1 : String(value) > String(operand) ? 1 : 0;
}

function relative(operator: string, value: unknown, operand: unknown): boolean | null {
  if (value == null) return null;
  const at = Date.parse(String(value));
  const midnight = Math.floor(Date.now() / DAY) * DAY;
  const within = (from: number, days: number) => at >= from && at < from + days * DAY;
  switch (operator) {
    case 'today': return within(midnight, 1);
    case 'yesterday': return within(midnight - DAY, 1);
    case 'tomorrow': return within(midnight + DAY, 1);
    case 'last_n_days': return within(midnight - Number(operand) * DAY, Number(operand) + 1);
    case 'next_n_days': return within(midnight, Number(operand) + 1);
    case 'older_than_n_days': return at < midnight - Number(operand) * DAY;
    case 'this_week': return within(midnight - ((new Date(midnight).getUTCDay() + 6) % 7) * DAY, 7);
    case 'this_month': return String(value).slice(0, 7) === new Date().toISOString().slice(0, 7);
    case 'this_year': return String(value).slice(0, 4) === new Date().toISOString().slice(0, 4);
    default: return null;
  }
}

function holds(row: RecordData, attribute: string, operator: string, operand: unknown, me: string): boolean {
  const value = scalar(row[attribute]);
  const empty = value == null || value === '' || (Array.isArray(value) && !value.length);
  const list = Array.isArray(operand) ? operand.map(scalar) : [scalar(operand)];
  switch (operator) {
    case 'empty': return empty;
    case 'not_empty': return !empty;
    case 'me': return value === me;
    case 'my_teams': case 'my_unit': case 'my_unit_and_below': case 'my_reports': return true;
    case 'eq': return sameValue(value, list[0]);
    case 'ne': return !sameValue(value, list[0]);
    case 'in': return list.includes(value);
    case 'not_in': return !list.includes(value);
    case 'contains': return String(value ?? '').toLowerCase().includes(String(operand).toLowerCase());
    case 'not_contains': return !String(value ?? '').toLowerCase().includes(String(operand).toLowerCase());
    case 'begins': return String(value ?? '').toLowerCase().startsWith(String(operand).toLowerCase());
    case 'ends': return String(value ?? '').toLowerCase().endsWith(String(operand).toLowerCase());
    case 'gt': return !empty && compare(value, operand) > 0;
    case 'ge': return !empty && compare(value, operand) >= 0;
    case 'lt': return !empty && compare(value, operand) < 0;
    case 'le': return !empty && compare(value, operand) <= 0;
    case 'between': return !empty && compare(value, list[0]) >= 0 && compare(value, list[1]) <= 0;
    case 'on': return String(value).slice(0, 10) === operand;
    case 'on_or_before': return !empty && String(value).slice(0, 10) <= String(operand);
    case 'on_or_after': return !empty && String(value).slice(0, 10) >= String(operand);
    case 'has_any': return Array.isArray(value) && list.some((entry) => value.includes(entry));
    case 'has_all': return Array.isArray(value) && list.every((entry) => value.includes(entry));
    case 'has_none': return !Array.isArray(value) || !list.some((entry) => value.includes(entry));
    default: return relative(operator, row[attribute], operand) ?? false;
  }
}

/** Whether a row fulfils a filter tree. */
export function matches(row: RecordData, filter: Filter | null | undefined, me: string): boolean {
  if (!filter) return true;
  if ('and' in filter) return filter.and.every((part) => matches(row, part, me));
  if ('or' in filter) return filter.or.some((part) => matches(row, part, me));
  if ('not' in filter) return !matches(row, filter.not, me);
  if ('related' in filter) return true;
  return holds(row, filter.attribute, filter.operator, filter.value, me);
}

/** Sort by `-name` keys. */
export function sortRows(rows: RecordData[], order: string[]): RecordData[] {
  return [...rows].sort((a, b) => {
    for (const key of order) {
      const name = key.replace(/^-/, '');
      const text = (value: unknown) => (value && typeof value === 'object' && 'name' in value ? value.name : value);
      const [left, right] = [text(a[name]), text(b[name])];
      if (left == null || right == null) {
        if (left !== right) return left == null ? 1 : -1;
        continue;
      }
      const result = typeof left === 'string' && !/^-?\d+(\.\d+)?$/.test(left) ? left.localeCompare(String(right)) : Number(left) - Number(right);
      if (result) return key.startsWith('-') ? -result : result;
    }
    return 0;
  });
}
