/** What the whole dashboard is narrowed to: a period for what was won, and whose records. Both stand in the address. */
import type { Filter, RecordData } from '@/api';
import { asRef } from '@/fields';

export const PERIODS = ['all', 'this_month', 'this_quarter', 'last_quarter', 'this_year', 'last_year', 'last_12', 'custom'] as const;
export type Period = (typeof PERIODS)[number];

export interface Scope {
  period: Period;
  /** Days of a custom period, `YYYY-MM-DD`. */
  from: string | null;
  to: string | null;
  /** `all`, `me`, `teams`, `unit`, or `user:ID`, `manager:ID`, `region:NAME`. */
  whose: string;
}

const DAYS_OF_A_YEAR = 365;
const isDay = (value: unknown): value is string => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value);

export function readScope(search: Record<string, unknown>, preferred: Period): Scope {
  const period = PERIODS.includes(search.period as Period) ? (search.period as Period) : preferred;
  return { period, from: isDay(search.from) ? search.from : null, to: isDay(search.to) ? search.to : null, whose: typeof search.whose === 'string' ? search.whose : 'all' };
}

/** The conditions of the period on a date attribute; none for all time. */
export function periodFilters(scope: Scope, attribute: string): Filter[] {
  if (scope.period === 'all') return [];
  if (scope.period === 'last_12') return [{ attribute, operator: 'last_n_days', value: DAYS_OF_A_YEAR }];
  if (scope.period !== 'custom') return [{ attribute, operator: scope.period }];
  const found: Filter[] = [];
  if (scope.from) found.push({ attribute, operator: 'on_or_after', value: scope.from });
  if (scope.to) found.push({ attribute, operator: 'on_or_before', value: scope.to });
  return found;
}

export interface Person {
  id: string;
  name: string;
  region: string | null;
  managerId: string | null;
  managerName: string | null;
}

/** People as the user list delivers them; region is an option label or a text. */
export function peopleOf(rows: RecordData[], regionLabel: (value: unknown) => string): Person[] {
  return rows.map((row) => {
    const manager = asRef(row.manager);
    return { id: row.id, name: String(row.full_name ?? ''), region: regionLabel(row.region) || null, managerId: manager?.id ?? null, managerName: manager?.name ?? null };
  });
}

/** Conditions for whose records; a manager stands for everybody reporting to that person, and for themselves. */
export function whoseFilters(whose: string, people: Person[]): Filter[] {
  const [kind = 'all', id = ''] = whose.split(/:(.*)/s);
  const owners = (list: Person[]): Filter[] => [{ attribute: 'owner', operator: 'in', value: list.map((person) => person.id) }];
  switch (kind) {
    case 'me':
      return [{ attribute: 'owner', operator: 'me' }];
    case 'teams':
      return [{ attribute: 'owner', operator: 'my_teams' }];
    case 'unit':
      return [{ attribute: 'owner', operator: 'my_unit' }];
    case 'user':
      return [{ attribute: 'owner', operator: 'eq', value: id }];
    case 'manager':
      return owners([...people.filter((person) => person.managerId === id || person.id === id), ...(people.some((person) => person.id === id) ? [] : [{ id } as Person])]);
    case 'region':
      return owners(people.filter((person) => person.region === id));
    default:
      return [];
  }
}

/** One filter of several conditions. */
export const allOf = (...filters: (Filter | Filter[] | null | undefined)[]): Filter => {
  const parts = filters.flat().filter((filter): filter is Filter => !!filter);
  return parts.length === 1 ? parts[0]! : { and: parts.flatMap((part) => ('and' in part ? part.and : [part])) };
};

/** Address of a list that shows exactly the records of a figure. */
export function drillPath(plural: string, filter: Filter, columns: string[] = [], order = ''): string {
  const search = new URLSearchParams({ view: 'all', filter: JSON.stringify(filter) });
  if (columns.length) search.set('columns', columns.join(','));
  if (order) search.set('order', order);
  return `/${plural}?${search.toString()}`;
}
