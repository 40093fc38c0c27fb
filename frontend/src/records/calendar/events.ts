/** Events from records: which to ask for, how a row becomes an event, what a moved event changes in its record. */
import type { CalendarQuery, Filter, RecordData } from '@/api';
import { addDays, asRef, clockOf, formatValue, instantOf, isEmpty } from '@/fields';
import { attributeOf, recordName, stateOf, type Entity } from '@/metadata';
import { both } from '../filter/tree';
import { DEFAULT_MINUTES, type CalendarEvent } from './time';

export type Who = 'me' | 'team' | 'all';
export const WHO: Who[] = ['me', 'team', 'all'];

/** The attributes an object's events begin and end at. */
export interface Axis {
  start: string;
  end: string | null;
}

export const axisOf = (entity: Entity): Axis => ({ start: entity.calendar!.start, end: entity.calendar!.end });

export function whoFilter(entity: Entity, who: Who): Filter | null {
  const operators = attributeOf(entity, 'owner')?.operators ?? [];
  if (who === 'me' && operators.includes('me')) return { attribute: 'owner', operator: 'me' };
  if (who === 'team' && operators.includes('my_unit')) return { attribute: 'owner', operator: 'my_unit' };
  if (who === 'team' && operators.includes('my_teams')) return { attribute: 'owner', operator: 'my_teams' };
  return null;
}

const EXTRA = ['owner', 'state', 'all_day', 'regarding', 'location'];

/** What to ask the calendar of an object: the list's filter, whose records, which days. */
export function eventsQuery(entity: Entity, filter: Filter | null, q: string, who: Who, first: string, last: string): CalendarQuery {
  const axis = axisOf(entity);
  return {
    from: first,
    to: last,
    filter: both(filter, whoFilter(entity, who)) ?? undefined,
    q: q || undefined,
    fields: [...new Set([entity.primary_attribute, axis.start, ...(axis.end ? [axis.end] : []), ...EXTRA.filter((name) => attributeOf(entity, name))])],
  };
}

const plusMinutes = (instant: string, minutes: number) => new Date(Date.parse(instant) + minutes * 60_000).toISOString().replace('.000Z', 'Z');
const isDay = (entity: Entity, name: string) => attributeOf(entity, name)?.type === 'date';

/** The event of a row; null when it has neither start nor end. */
export function eventOf(entity: Entity, row: RecordData): CalendarEvent | null {
  const axis = axisOf(entity);
  const read = (name: string | null) => (name && typeof row[name] === 'string' ? (row[name] as string) : null);
  const [from, to] = [read(axis.start), read(axis.end)];
  const first = from ?? to;
  if (!first) return null;
  const days = isDay(entity, axis.start);
  const start = days ? instantOf(first.slice(0, 10), '00:00') : first;
  const given = days ? instantOf(addDays((to ?? first).slice(0, 10), 1), '00:00') : (to ?? null);
  const end = given && Date.parse(given) > Date.parse(start) ? given : plusMinutes(start, DEFAULT_MINUTES);
  const regarding = asRef(row.regarding);
  return {
    key: `${entity.name}:${row.id}`, object: entity.name, id: row.id, version: row.version, title: recordName(entity, row), start, end,
    allDay: days || row.all_day === true, hasEnd: !!to && !!from,
    closed: typeof row.state === 'string' && stateOf(entity, row.state)?.closed === true, color: entity.color, owner: asRef(row.owner)?.name ?? null,
    meta: [regarding?.name, isEmpty(row.location) ? '' : formatValue(attributeOf(entity, 'location')!, row.location)].filter(Boolean).join(' · '),
  };
}

/** What to write into the record of a moved or resized event; only what the record has. */
export function changeOf(entity: Entity, before: CalendarEvent, after: CalendarEvent, row: RecordData): Record<string, unknown> {
  const axis = axisOf(entity);
  const write = (name: string, instant: string, isEnd: boolean) => {
    if (!isDay(entity, name)) return instant;
    const day = clockOf(instant).day;
    return isEnd ? addDays(day, -1) : day;
  };
  const change: Record<string, unknown> = {};
  const moved = before.start !== after.start;
  if (isEmpty(row[axis.start]) && axis.end) {
    // Something that is only due keeps having only a due time.
    return { [axis.end]: moved ? write(axis.end, after.start, false) : write(axis.end, after.end, true) };
  }
  if (moved) change[axis.start] = write(axis.start, after.start, false);
  if (axis.end && before.end !== after.end && (before.hasEnd || !moved)) change[axis.end] = write(axis.end, after.end, true);
  return change;
}

/** Values a new record starts with when a slot is clicked. */
export function slotValues(entity: Entity, start: string, end: string, allDay: boolean): Record<string, unknown> {
  const axis = axisOf(entity);
  const day = isDay(entity, axis.start);
  const values: Record<string, unknown> = { [axis.start]: day ? clockOf(start).day : start };
  if (axis.end) values[axis.end] = day ? clockOf(start).day : end;
  if (allDay && attributeOf(entity, 'all_day')) values.all_day = true;
  return values;
}
