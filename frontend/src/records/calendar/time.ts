/** Days, weeks and places of events on a calendar. Days are `YYYY-MM-DD` in the user's zone; minutes count from midnight there. */
import { addDays, clockOf, instantOf } from '@/fields';
import { firstWeekday } from '@/ui';

export type Mode = 'month' | 'week' | 'day' | 'agenda';
export const MODES: Mode[] = ['month', 'week', 'day', 'agenda'];

export const DAY_MINUTES = 24 * 60;
/** Drag and click snap to this. */
export const SNAP_MINUTES = 15;
/** Length of an event that has no end. */
export const DEFAULT_MINUTES = 30;
const AGENDA_DAYS = 30;

/** Day of the week, Monday 1 … Sunday 7. */
export function weekday(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}

export function startOfWeek(day: string, first = firstWeekday()): string {
  return addDays(day, -((weekday(day) - first + 7) % 7));
}

export const startOfMonth = (day: string): string => `${day.slice(0, 7)}-01`;

export function addMonths(day: string, months: number): string {
  const [year, month] = day.split('-').map(Number);
  const target = new Date(Date.UTC(year!, month! - 1 + months, 1));
  const last = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  const date = Math.min(Number(day.slice(8)), last);
  return `${target.toISOString().slice(0, 8)}${String(date).padStart(2, '0')}`;
}

/** The days a mode shows around a day. */
export function daysOf(mode: Mode, day: string, first = firstWeekday()): string[] {
  const run = (start: string, count: number) => Array.from({ length: count }, (_, index) => addDays(start, index));
  if (mode === 'day') return [day];
  if (mode === 'week') return run(startOfWeek(day, first), 7);
  if (mode === 'agenda') return run(day, AGENDA_DAYS);
  const start = startOfWeek(startOfMonth(day), first);
  const end = addDays(addMonths(startOfMonth(day), 1), -1);
  const weeks = Math.ceil((daysBetween(start, end) + 1) / 7);
  return run(start, weeks * 7);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** The day before or after, by the mode's own step. */
export function stepped(mode: Mode, day: string, step: 1 | -1): string {
  if (mode === 'month') return addMonths(startOfMonth(day), step);
  return addDays(day, step * { week: 7, day: 1, agenda: AGENDA_DAYS }[mode]);
}

export interface CalendarEvent {
  key: string;
  object: string;
  id: string;
  version: number | undefined;
  title: string;
  start: string;
  end: string;
  /** Whole days: drawn above the hours. */
  allDay: boolean;
  /** The record has an end of its own; without one, resizing gives it one. */
  hasEnd: boolean;
  closed: boolean;
  color: string | null;
  owner: string | null;
  meta: string;
}

export interface Span {
  startDay: string;
  endDay: string;
  startMinute: number;
  endMinute: number;
}

const minuteOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** Where an event lies in the user's zone; an end at midnight belongs to the day before. */
export function spanOf(event: Pick<CalendarEvent, 'start' | 'end'>): Span {
  const [start, end] = [clockOf(event.start), clockOf(event.end)];
  const startMinute = minuteOf(start.time);
  if (end.time === '00:00' && end.day > start.day) return { startDay: start.day, endDay: addDays(end.day, -1), startMinute, endMinute: DAY_MINUTES };
  return { startDay: start.day, endDay: end.day, startMinute, endMinute: minuteOf(end.time) };
}

/** Events of several days or of whole days stand above the hours. */
export const isBar = (event: CalendarEvent): boolean => {
  const span = spanOf(event);
  return event.allDay || span.startDay !== span.endDay;
};

/** The instant of a minute of a day; minute 1440 is midnight of the next day. */
export function instantAt(day: string, minute: number): string {
  const whole = Math.max(0, Math.min(DAY_MINUTES, Math.round(minute)));
  if (whole === DAY_MINUTES) return instantOf(addDays(day, 1), '00:00');
  return instantOf(day, `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`);
}

export const snapped = (minute: number): number => Math.round(minute / SNAP_MINUTES) * SNAP_MINUTES;

/** An event moved to another day and minute, its length kept in real time. */
export function movedEvent<T extends Pick<CalendarEvent, 'start' | 'end'>>(event: T, day: string, minute: number): T {
  const length = Date.parse(event.end) - Date.parse(event.start);
  const start = instantAt(day, Math.max(0, Math.min(DAY_MINUTES - SNAP_MINUTES, snapped(minute))));
  return { ...event, start, end: new Date(Date.parse(start) + length).toISOString().replace('.000Z', 'Z') };
}

/** An event moved by whole days at the same wall-clock time. */
export function movedByDays<T extends Pick<CalendarEvent, 'start' | 'end'>>(event: T, days: number): T {
  const move = (instant: string) => {
    const { day, time } = clockOf(instant);
    return instantOf(addDays(day, days), time);
  };
  return { ...event, start: move(event.start), end: move(event.end) };
}

/** An event with another end on its day, never shorter than one step. */
export function resizedEvent<T extends Pick<CalendarEvent, 'start' | 'end'>>(event: T, minute: number): T {
  const { startDay, startMinute } = spanOf(event);
  return { ...event, end: instantAt(startDay, Math.max(startMinute + SNAP_MINUTES, snapped(minute))) };
}
