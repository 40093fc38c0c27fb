/** Moving cards between the columns of a board, before the server has answered. */
import type { BoardColumn, BoardQuery, Filter, RecordData } from '@/api';
import { attributeOf, type Board, type Entity } from '@/metadata';
import { attributesIn, both } from '../filter/tree';

export type ColumnValue = BoardColumn['value'];

export interface BoardData {
  columns: BoardColumn[];
}

/** Cards of a column fetched with the board and with each "more". */
export const CARDS_PER_PAGE = 50;

/**
 * The filter of the board: the list's own, and the object's board filter (such as "open only") unless the list itself
 * says something about the same attributes.
 */
export function boardFilter(board: Board | null, filter: Filter | null): Filter | null {
  if (!board?.filter) return filter;
  const said = new Set(attributesIn(filter));
  return attributesIn(board.filter).some((name) => said.has(name)) ? filter : both(filter, board.filter);
}

/** When a card came into its column, if the object keeps it: `stage` has `stage_entered_at`. */
export function enteredAt(entity: Entity, attribute: string): string | null {
  return attributeOf(entity, `${attribute}_entered_at`) ? `${attribute}_entered_at` : null;
}

/** Attributes shown on a card: the board's, else those of the header, else of quick create. */
export function cardAttributes(entity: Entity, attribute: string): string[] {
  const wanted = entity.board?.card.length ? entity.board.card : entity.forms.main.header.length ? entity.forms.main.header : entity.forms.quick_create;
  return wanted.filter((name) => name !== attribute && name !== entity.primary_attribute && attributeOf(entity, name)).slice(0, 5);
}

const MOST_COLUMNS = 20;

/** Attributes a board can have columns for, the object's own first. */
export function boardAttributes(entity: Entity): string[] {
  const choices = entity.attributes.filter((attribute) => attribute.type === 'pick' && attribute.options.length > 1 && attribute.options.length <= MOST_COLUMNS && !attribute.system);
  const open = entity.states.filter((state) => !state.closed).flatMap((state) => state.reasons);
  return [...new Set([...(entity.board ? [entity.board.attribute] : []), ...choices.map((attribute) => attribute.name), ...(open.length > 1 ? ['status_reason'] : [])])];
}

/** The attribute whose options are the columns: the wanted one if the object has it, else the object's own. */
export const boardAttribute = (entity: Entity, wanted: string | null): string =>
  wanted && attributeOf(entity, wanted) ? wanted : (boardAttributes(entity)[0] ?? 'status_reason');

export function boardQuery(entity: Entity, attribute: string, filter: Filter | null, q: string, order: string[]): BoardQuery & { order?: string[] } {
  const has = (name: string) => !!attributeOf(entity, name);
  const extra = [enteredAt(entity, attribute), has('currency') ? 'currency' : null, has('state') ? 'state' : null, entity.board?.sum ?? null, entity.board?.weighted ?? null];
  return {
    attribute,
    filter: boardFilter(entity.board, filter) ?? { and: [] },
    q: q || undefined,
    fields: [...new Set([entity.primary_attribute, ...cardAttributes(entity, attribute), ...extra.filter((name): name is string => !!name)])],
    order: order.length ? order : undefined,
    limit: CARDS_PER_PAGE,
  };
}

export function findCard(data: BoardData, id: string): { column: BoardColumn; row: RecordData } | null {
  for (const column of data.columns) {
    const row = column.rows.find((entry) => entry.id === id);
    if (row) return { column, row };
  }
  return null;
}

/** A decimal string changed by another one; null when there is nothing to count. */
function added(sum: string | null, value: unknown, sign: 1 | -1): string | null {
  if (value == null || value === '') return sum;
  const result = Number(sum ?? 0) + sign * Number(value);
  return Number.isFinite(result) ? result.toFixed(2) : sum;
}

function counted(column: BoardColumn, row: RecordData, board: Board | null, sign: 1 | -1): BoardColumn {
  return {
    ...column,
    count: column.count + sign,
    sum: board?.sum ? added(column.sum, row[board.sum], sign) : column.sum,
    weighted: board?.weighted ? added(column.weighted, row[board.weighted], sign) : column.weighted,
  };
}

/**
 * The board with one card in another column, its counts and sums along with it.
 *
 * @param before id of the card it is put before; at the end when null or not in that column
 * @returns the same board when the card is not on it or already there
 */
export function moveCard(data: BoardData, id: string, to: ColumnValue, attribute: string, board: Board | null, before: string | null = null): BoardData {
  const found = findCard(data, id);
  if (!found || found.column.value === to) return data;
  const row: RecordData = { ...found.row, [attribute]: to };
  return {
    columns: data.columns.map((column) => {
      if (column.value === found.column.value) return { ...counted(column, found.row, board, -1), rows: column.rows.filter((entry) => entry.id !== id) };
      if (column.value !== to) return column;
      const at = before === null ? -1 : column.rows.findIndex((entry) => entry.id === before);
      return { ...counted(column, row, board, 1), rows: at < 0 ? [...column.rows, row] : column.rows.toSpliced(at, 0, row) };
    }),
  };
}

/** The board with a card changed or, with null, taken off it. */
export function withCard(data: BoardData, id: string, change: (row: RecordData) => RecordData | null, board: Board | null): BoardData {
  return {
    columns: data.columns.map((column) => {
      const at = column.rows.findIndex((entry) => entry.id === id);
      if (at < 0) return column;
      const next = change(column.rows[at]!);
      return next ? { ...column, rows: column.rows.with(at, next) } : { ...counted(column, column.rows[at]!, board, -1), rows: column.rows.toSpliced(at, 1) };
    }),
  };
}

/** The board with further cards at the end of a column; cards that are already there are not repeated. */
export function withMore(data: BoardData, value: ColumnValue, rows: RecordData[], next: string | null): BoardData {
  return {
    columns: data.columns.map((column) => {
      if (column.value !== value) return column;
      const known = new Set(column.rows.map((row) => row.id));
      return { ...column, rows: [...column.rows, ...rows.filter((row) => !known.has(row.id))], next };
    }),
  };
}

/** The condition that selects the cards of a column. */
export const columnFilter = (attribute: string, value: ColumnValue): Filter =>
  value === null ? { attribute, operator: 'empty' } : { attribute, operator: 'eq', value };

const DAY_MS = 86_400_000;

/** Whole days since an instant; null when it is not known. */
export function daysSince(instant: unknown, now = Date.now()): number | null {
  const at = typeof instant === 'string' ? Date.parse(instant) : NaN;
  return Number.isNaN(at) ? null : Math.max(0, Math.floor((now - at) / DAY_MS));
}

/** How long a card may stay before it is marked, in days. */
export const AGEING_DAYS = 14;
export const STALE_DAYS = 30;
export const ageOf = (days: number | null): 'fresh' | 'ageing' | 'stale' => (days === null || days < AGEING_DAYS ? 'fresh' : days < STALE_DAYS ? 'ageing' : 'stale');

/** The card an arrow key leads to: up and down in the column, left and right to the same height in the nearest column with cards. */
export function nextCard(columns: BoardColumn[], id: string | null, key: string): string | null {
  const at = columns.findIndex((column) => column.rows.some((row) => row.id === id));
  if (at < 0) return columns.find((column) => column.rows.length)?.rows[0]?.id ?? null;
  const rows = columns[at]!.rows;
  const index = rows.findIndex((row) => row.id === id);
  if (key === 'ArrowDown') return rows[index + 1]?.id ?? null;
  if (key === 'ArrowUp') return rows[index - 1]?.id ?? null;
  const step = key === 'ArrowRight' ? 1 : -1;
  for (let column = at + step; column >= 0 && column < columns.length; column += step) {
    const there = columns[column]!.rows;
    if (there.length) return there[Math.min(index, there.length - 1)]!.id;
  }
  return null;
}
