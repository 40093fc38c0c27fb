/** What each operator of the filter language takes as its value (deploy/docs/api.md, Filter language). */
import type { FilterValue } from '@/api';
import type { Attribute } from '@/metadata';

/** none: no value · one: a value of the attribute's type · list: several · range: two · days: a number of days, weeks … */
export type Arity = 'none' | 'one' | 'list' | 'range' | 'days';

const NONE = new Set([
  'empty', 'not_empty', 'me', 'my_reports', 'my_teams', 'my_unit', 'my_unit_and_below', 'today', 'yesterday', 'tomorrow', 'this_week', 'last_week', 'next_week', 'this_month',
  'last_month', 'next_month', 'this_quarter', 'last_quarter', 'next_quarter', 'this_year', 'last_year', 'next_year',
  'this_fiscal_quarter', 'last_fiscal_quarter', 'next_fiscal_quarter', 'this_fiscal_year', 'last_fiscal_year', 'next_fiscal_year',
]);
const LIST = new Set(['in', 'not_in', 'has_any', 'has_all', 'has_none']);
export const UNITS = ['days', 'weeks', 'months', 'years'] as const;
export type Unit = (typeof UNITS)[number];
const COUNTED = /^(last|next|older_than)_n_(days|weeks|months|years)$/;

/** The unit a counted operator counts in; null for all others. */
export const unitOf = (operator: string): Unit | null => (COUNTED.exec(operator)?.[2] as Unit | undefined) ?? null;

/** A counted operator in another unit: `last_n_days` and `last_n_weeks` are one choice in the form, with the unit beside the number. */
export const inUnit = (operator: string, unit: Unit): string => operator.replace(COUNTED, `$1_n_${unit}`);

export const isFiscal = (operator: string): boolean => operator.includes('_fiscal_');

export function arityOf(operator: string): Arity {
  if (NONE.has(operator)) return 'none';
  if (LIST.has(operator)) return 'list';
  if (unitOf(operator)) return 'days';
  return operator === 'between' ? 'range' : 'one';
}

export const isNegative = (operator: string): boolean => operator === 'ne' || operator.startsWith('not_') || operator === 'has_none';

const hasText = (value: unknown) => value !== undefined && value !== null && value !== '';

/** Whether a condition can be sent: attribute, operator and as much value as the operator takes. */
export function isComplete(condition: { attribute: string; operator: string; value?: FilterValue }): boolean {
  if (!condition.attribute || !condition.operator) return false;
  const { value } = condition;
  switch (arityOf(condition.operator)) {
    case 'none':
      return true;
    case 'list':
      return Array.isArray(value) && value.length > 0;
    case 'range':
      return Array.isArray(value) && value.length === 2 && value.every(hasText);
    case 'days':
      return typeof value === 'number' && Number.isInteger(value) && value >= 0;
    default:
      return hasText(value) && !Array.isArray(value);
  }
}

/** Order in which operators are offered; those an attribute does not know are left out, unknown ones come last. */
const OFFERED = [
  'contains', 'in', 'eq', 'me', 'my_reports', 'my_teams', 'my_unit', 'my_unit_and_below', 'has_any', 'on', 'on_or_before', 'on_or_after', 'gt', 'ge', 'lt', 'le', 'between', 'ne', 'not_in',
  'has_all', 'has_none', 'not_contains', 'begins', 'ends', 'under_or_equal', 'under', 'above_or_equal', 'above', 'not_under_or_equal', 'not_under', 'today', 'yesterday', 'tomorrow', 'this_week', 'last_week', 'next_week',
  'this_month', 'last_month', 'next_month', 'this_quarter', 'last_quarter', 'next_quarter', 'this_year', 'last_year', 'next_year', 'this_fiscal_quarter',
  'last_fiscal_quarter', 'next_fiscal_quarter', 'this_fiscal_year', 'last_fiscal_year', 'next_fiscal_year', 'last_n_days',
  'next_n_days', 'older_than_n_days', 'empty', 'not_empty',
];

export type OperatorGroup = 'compare' | 'relative' | 'presence';

export function groupOf(operator: string): OperatorGroup {
  if (operator === 'empty' || operator === 'not_empty') return 'presence';
  return unitOf(operator) || /^(today|yesterday|tomorrow|(this|last|next)_)/.test(operator) ? 'relative' : 'compare';
}

const isText = (attribute: Attribute) => ['text', 'memo', 'auto'].includes(attribute.type);

/** The operators of an attribute in the order they are offered. */
export function operatorsOf(attribute: Attribute): string[] {
  const rank = (operator: string) => {
    const index = OFFERED.indexOf(operator);
    return index < 0 ? OFFERED.length : index;
  };
  // `in` says the same as `eq` for one value, so choices are offered with `in` only; for text and numbers `eq` reads better.
  const choice = ['pick', 'state', 'status_reason', 'lookup', 'customer', 'owner', 'regarding'].includes(attribute.type);
  const hidden = choice ? new Set(['eq', 'ne']) : new Set(['in', 'not_in']);
  const known = attribute.operators.filter((operator) => (unitOf(operator) ?? 'days') === 'days' && !hidden.has(operator) || (choice && !attribute.operators.includes(operator === 'eq' ? 'in' : 'not_in')));
  return known.sort((a, b) => rank(a) - rank(b));
}

/** The operator a new condition starts with. */
export function defaultOperator(attribute: Attribute): string {
  const offered = operatorsOf(attribute);
  const wish = isText(attribute) ? 'contains' : attribute.type === 'date' || attribute.type === 'datetime' ? 'on_or_after' : null;
  return (wish && offered.includes(wish) ? wish : offered[0]) ?? 'eq';
}

/** Keep a value when the operator changes, as far as the new operator can use it. */
export function convertValue(value: FilterValue | undefined, from: string, to: string): FilterValue | undefined {
  const [before, after] = [arityOf(from), arityOf(to)];
  if (before === after) return value;
  if (after === 'none' || before === 'none' || after === 'days' || before === 'days') return undefined;
  const first = Array.isArray(value) ? value[0] : value;
  if (after === 'one') return first;
  if (!hasText(first)) return undefined;
  if (after === 'list') return Array.isArray(value) ? value : [first as string | number];
  return [first as string | number, ''];
}
