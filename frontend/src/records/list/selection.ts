/** Which rows are selected: named ones, or everything that matches but a few. Rows need not be loaded. */
import type { Filter } from '@/api';
import { both } from '../filter/tree';

export type Selection = { mode: 'some'; ids: ReadonlySet<string> } | { mode: 'all'; except: ReadonlySet<string> };

export const NOTHING: Selection = { mode: 'some', ids: new Set() };
export const EVERYTHING: Selection = { mode: 'all', except: new Set() };

/** The API refuses longer lists of values in one condition. */
const MAX_LISTED = 1000;

export const isSelected = (selection: Selection, id: string): boolean => (selection.mode === 'some' ? selection.ids.has(id) : !selection.except.has(id));

export const isNothing = (selection: Selection): boolean => selection.mode === 'some' && selection.ids.size === 0;

/** How many are selected, given how many match; null when everything is selected and the total is not known yet. */
export function selectedCount(selection: Selection, total: number | null): number | null {
  if (selection.mode === 'some') return selection.ids.size;
  return total === null ? null : Math.max(0, total - selection.except.size);
}

/** Select or deselect some rows. */
export function withRows(selection: Selection, ids: string[], selected: boolean): Selection {
  const base = selection.mode === 'some' ? selection.ids : selection.except;
  const add = (selection.mode === 'some') === selected;
  const next = new Set(base);
  for (const id of ids) {
    if (add) next.add(id);
    else next.delete(id);
  }
  return selection.mode === 'some' ? { mode: 'some', ids: next } : { mode: 'all', except: next };
}

export const toggled = (selection: Selection, id: string): Selection => withRows(selection, [id], !isSelected(selection, id));

/**
 * What shift-click means: every row between the last clicked one and this one takes the state this one is about to get.
 *
 * @param order ids of the rows as shown
 */
export function withRange(selection: Selection, order: string[], anchor: string | null, id: string): Selection {
  const from = anchor === null ? -1 : order.indexOf(anchor);
  const to = order.indexOf(id);
  if (from < 0 || to < 0) return toggled(selection, id);
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return withRows(selection, range, !isSelected(selection, id));
}

/** State of the box in the header for the rows that are loaded. */
export function headerState(selection: Selection, shown: string[]): 'none' | 'some' | 'all' {
  if (isNothing(selection) || !shown.length) return 'none';
  const count = shown.reduce((sum, id) => sum + (isSelected(selection, id) ? 1 : 0), 0);
  return count === shown.length ? 'all' : count || selection.mode === 'all' ? 'some' : 'none';
}

export interface BulkTarget {
  ids: string[] | null;
  filter?: Filter | null;
  q?: string;
}

/**
 * The selection as the bulk endpoint takes it.
 *
 * @throws RangeError when more rows are excepted than one condition can list
 */
export function bulkTarget(selection: Selection, filter: Filter | null, q: string): BulkTarget {
  if (selection.mode === 'some') return { ids: [...selection.ids] };
  if (selection.except.size > MAX_LISTED) throw new RangeError('too many exceptions');
  const except: Filter | null = selection.except.size ? { attribute: 'id', operator: 'not_in', value: [...selection.except] } : null;
  return { ids: null, filter: both(filter, except), q: q || undefined };
}
