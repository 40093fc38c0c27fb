/**
 * What a list shows, as it stands in the address: the chosen view and everything that differs from it. A reload, a
 * copied link and the back button therefore show the same list.
 */
import type { Filter } from '@/api';
import type { Entity, Layout, View, ViewColumn } from '@/metadata';

/** The view that is always there and filters nothing; links from figures use it. */
export const ALL_VIEW = 'all';
const NONE = 'none';

export type Search = Record<string, unknown>;
export type SetSearch = (next: Search, options?: { replace?: boolean }) => void;

export interface ListState {
  view: View;
  layout: Layout;
  q: string;
  filter: Filter | null;
  order: string[];
  groupBy: string | null;
  columns: ViewColumn[];
  boardAttribute: string | null;
  /** Id of the record open in the side panel. */
  panel: string | null;
}

function parsedJson(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

const isFilter = (value: unknown): value is Filter =>
  typeof value === 'object' && value !== null && ['and', 'or', 'not', 'attribute', 'related'].some((key) => key in value);

function listOf(value: unknown): string[] | undefined {
  if (value === NONE) return [];
  const parsed = parsedJson(value);
  if (Array.isArray(parsed)) return parsed.filter((entry): entry is string => typeof entry === 'string');
  return typeof parsed === 'string' && parsed ? parsed.split(',').filter(Boolean) : undefined;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined);

/** A filter with nothing in it says: show everything, although the view filters. */
export const simplified = (filter: Filter | null): Filter | null =>
  filter && (('and' in filter && !filter.and.length) || ('or' in filter && !filter.or.length)) ? null : filter;

/** A few columns for an object that has no view: its name, then the facts of its header. */
function fallbackColumns(entity: Entity): ViewColumn[] {
  const names = [entity.primary_attribute, ...entity.forms.main.header, ...entity.forms.quick_create];
  return [...new Set(names)].slice(0, 7).map((name) => ({ name }));
}

/** The built-in view of all records, with the columns of the object's default view. */
export function allView(entity: Entity, views: View[], label: string): View {
  const base = views.find((view) => view.is_default) ?? views[0];
  return {
    id: ALL_VIEW, name: label, kind: 'standard', object: entity.name, is_default: false, layout: 'table', columns: base?.columns ?? fallbackColumns(entity),
    filter: null, order: base?.order ?? [], group_by: null, board_attribute: entity.board?.attribute ?? null, editable: false, owner: null,
  };
}

/** The view an address means: the one it names, else the default one, else all records; a bare filter is applied to all records. */
export function chosenView(search: Search, views: View[], all: View, preferred?: string | null): View {
  const id = textOf(search.view);
  if (id) return views.find((view) => view.id === id) ?? all;
  if (isFilter(parsedJson(search.filter))) return all;
  return (preferred === ALL_VIEW ? all : undefined) ?? views.find((view) => view.id === preferred) ?? views.find((view) => view.is_default) ?? views[0] ?? all;
}

/** True when the address names a view that is gone or was never shared with the user. */
export const isMissingView = (search: Search, views: View[]): boolean => {
  const id = textOf(search.view);
  return !!id && id !== ALL_VIEW && !views.some((view) => view.id === id);
};

const LAYOUTS: readonly string[] = ['table', 'board', 'calendar'];

/** Older view documents call the board a kanban and may leave the layout out. */
export const layoutOf = (view: View): Layout => ((view.layout as string) === 'kanban' ? 'board' : (view.layout ?? 'table'));

/** Read the state from the address on top of its view. */
export function readState(search: Search, view: View): ListState {
  const layout = textOf(search.layout);
  const filter = parsedJson(search.filter);
  const group = textOf(search.group);
  const columns = listOf(search.columns);
  return {
    view,
    layout: layout && LAYOUTS.includes(layout) ? (layout as Layout) : layoutOf(view),
    q: textOf(search.q) ?? '',
    filter: simplified(isFilter(filter) ? filter : view.filter),
    order: listOf(search.order) ?? view.order ?? [],
    groupBy: group === NONE ? null : (group ?? view.group_by ?? null),
    columns: columns ? columns.map((name) => view.columns.find((column) => column.name === name) ?? { name }) : view.columns,
    boardAttribute: textOf(search.by) ?? view.board_attribute ?? null,
    panel: textOf(search.panel) ?? null,
  };
}

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
const names = (columns: ViewColumn[]) => columns.map((column) => column.name);

/** Keys of the address that a saved view holds; removing them all is "reset". */
export const EDITS: Search = { filter: null, order: null, group: null, columns: null };

/** The address keys for a change of the state; a value equal to the view's own is removed from the address. */
export function searchFor(view: View, change: Partial<Omit<ListState, 'view'>>): Search {
  const next: Search = {};
  if ('layout' in change) next.layout = change.layout === layoutOf(view) ? null : change.layout;
  if ('q' in change) next.q = change.q || null;
  if ('filter' in change) next.filter = same(change.filter, simplified(view.filter)) ? null : (change.filter ?? { and: [] });
  if ('order' in change) next.order = same(change.order, view.order ?? []) ? null : change.order!.length ? change.order!.join(',') : NONE;
  if ('groupBy' in change) next.group = same(change.groupBy, view.group_by) ? null : (change.groupBy ?? NONE);
  if ('columns' in change) next.columns = same(names(change.columns!), names(view.columns)) ? null : names(change.columns!).join(',');
  if ('boardAttribute' in change) next.by = same(change.boardAttribute, view.board_attribute) ? null : change.boardAttribute;
  if ('panel' in change) next.panel = change.panel;
  return next;
}

/** Whether other records, or other facts of them, are shown than the view says. Merely looking at them as a board is no edit. */
export function isEdited(state: ListState): boolean {
  const { view } = state;
  return (
    !same(state.filter, simplified(view.filter)) ||
    !same(state.order, view.order ?? []) ||
    !same(state.groupBy, view.group_by) ||
    !same(names(state.columns), names(view.columns))
  );
}

/** Cycle a column's order as a header click does: ascending, descending, none; `add` keeps the other columns. */
export function toggledOrder(order: string[], name: string, add: boolean): string[] {
  const at = order.findIndex((entry) => entry === name || entry === `-${name}`);
  const next = at < 0 ? name : order[at] === name ? `-${name}` : null;
  if (!add) return next ? [next] : [];
  if (at < 0) return [...order, name];
  return next ? order.map((entry, index) => (index === at ? next : entry)) : order.filter((_, index) => index !== at);
}
