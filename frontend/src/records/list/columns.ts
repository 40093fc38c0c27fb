/** Columns of a list: widths, order, alignment. */
import type { Attribute, Entity, ViewColumn } from '@/metadata';
import { resolvePath, type FindEntity } from '../filter/paths';

export interface Column {
  /** Attribute name or path; the key of the value in a row. */
  name: string;
  label: string;
  /** Undefined when the attribute is gone or hidden: the column is shown as broken. */
  attribute: Attribute | undefined;
  width: number;
  numeric: boolean;
  /** Values of related records cannot be edited in this row. */
  own: boolean;
}

export const MIN_WIDTH = 72;
export const MAX_WIDTH = 800;

const NUMERIC = new Set(['int', 'dec', 'float', 'money', 'duration']);
const WIDTHS: Record<string, number> = {
  text: 180, memo: 280, int: 104, dec: 112, float: 112, money: 136, bool: 88, pick: 144, multi: 200, date: 124, datetime: 176, duration: 104, lookup: 184,
  customer: 200, regarding: 200, owner: 156, parties: 200, file: 180, auto: 112, state: 112, status_reason: 148,
};

export const isNumeric = (attribute: Attribute | undefined): boolean => !!attribute && NUMERIC.has(attribute.type);

const LETTER_PX = 6.8;
/** Padding, sort arrow and column menu beside a heading. */
const HEADING_PX = 44;
const MOST_FOR_HEADING = 220;

/** Width of a column nobody has sized: by type, the name widest, and no heading cut without need. */
export function defaultWidth(attribute: Attribute | undefined, label: string, primary: boolean): number {
  const byType = primary ? 280 : attribute ? (WIDTHS[attribute.type] ?? 160) : 140;
  return Math.max(byType, Math.min(MOST_FOR_HEADING, Math.ceil(label.length * LETTER_PX) + HEADING_PX));
}

export const clampWidth = (width: number): number => Math.round(Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width)));

/** The columns to show: the primary attribute always first (it is frozen), nothing twice. */
export function columnsOf(entity: Entity, wanted: ViewColumn[], widths: Record<string, number>, find: FindEntity): Column[] {
  const primary = entity.primary_attribute;
  const first = wanted.find((column) => column.name === primary) ?? { name: primary };
  const unique = new Map([first, ...wanted].map((column) => [column.name, column]));
  return [...unique.values()].map(({ name, width }) => {
    const resolved = resolvePath(entity, name, find);
    const label = resolved ? resolved.labels.join(' · ') : name;
    return {
      name,
      label,
      attribute: resolved?.attribute,
      width: clampWidth(widths[name] ?? width ?? defaultWidth(resolved?.attribute, label, name === primary)),
      numeric: isNumeric(resolved?.attribute),
      own: !name.includes('.'),
    };
  });
}

/** Move an entry to another place; the first place is the frozen column's and stays. */
export function moved<T>(list: T[], from: number, to: number): T[] {
  const target = Math.min(list.length - 1, Math.max(1, to));
  if (from < 1 || from === target || from >= list.length) return list;
  const next = list.toSpliced(from, 1);
  next.splice(target, 0, list[from]!);
  return next;
}

/** The attributes to ask the server for: the shown ones, the name, what groups, what the board shows. */
export function fieldsFor(entity: Entity, columns: Column[], extra: (string | null)[] = []): string[] {
  const names = [entity.primary_attribute, ...columns.filter((column) => column.attribute).map((column) => column.name), ...extra.filter((name): name is string => !!name)];
  // Money is written in the currency of its record; state decides what may be edited.
  const has = (name: string) => entity.attributes.some((attribute) => attribute.name === name);
  if (columns.some((column) => column.attribute?.type === 'money') && has('currency')) names.push('currency');
  if (entity.states.length > 1 && has('state')) names.push('state');
  return [...new Set(names)];
}
