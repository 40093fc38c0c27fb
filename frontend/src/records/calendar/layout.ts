/** Putting events beside each other: columns for overlapping hours, lanes for bars over days. */
import { daysBetween, DEFAULT_MINUTES, isBar, spanOf, type CalendarEvent } from './time';

export interface Placed {
  event: CalendarEvent;
  /** Minutes from midnight. */
  top: number;
  bottom: number;
  /** Column within its overlapping group, and how many there are. */
  column: number;
  columns: number;
}

/** Shortest drawn height, so that a title fits. */
const MIN_DRAWN_MINUTES = 25;

/** The timed events of one day, overlapping ones side by side. */
export function placedEvents(events: CalendarEvent[], day: string): Placed[] {
  const own = events
    .filter((event) => !isBar(event) && spanOf(event).startDay === day)
    .map((event) => {
      const { startMinute, endMinute } = spanOf(event);
      const top = Math.min(startMinute, 24 * 60 - MIN_DRAWN_MINUTES);
      return { event, top, bottom: Math.max(endMinute || startMinute + DEFAULT_MINUTES, top + MIN_DRAWN_MINUTES), column: 0, columns: 1 };
    })
    .sort((a, b) => a.top - b.top || b.bottom - a.bottom);
  let group: Placed[] = [];
  let end = -1;
  const close = () => {
    const columns = Math.max(0, ...group.map((entry) => entry.column)) + 1;
    group.forEach((entry) => (entry.columns = columns));
  };
  for (const entry of own) {
    if (entry.top >= end) {
      close();
      group = [];
      end = -1;
    }
    const taken = new Set(group.filter((other) => other.bottom > entry.top).map((other) => other.column));
    while (taken.has(entry.column)) entry.column++;
    group.push(entry);
    end = Math.max(end, entry.bottom);
  }
  close();
  return own;
}

export interface Bar {
  event: CalendarEvent;
  /** Index of the first and last day within the shown days. */
  from: number;
  to: number;
  lane: number;
  /** It began before or goes on after the shown days. */
  cutStart: boolean;
  cutEnd: boolean;
}

/**
 * Bars over a run of days, each in the first lane where it does not touch another.
 *
 * @param all also events within one day, as a month shows them
 */
export function bars(events: CalendarEvent[], days: string[], all: boolean): Bar[] {
  const first = days[0]!;
  const last = days.at(-1)!;
  const found = events
    .filter((event) => all || isBar(event))
    .map((event) => ({ event, span: spanOf(event) }))
    .filter(({ span }) => span.endDay >= first && span.startDay <= last)
    .map(({ event, span }) => ({
      event,
      from: Math.max(0, daysBetween(first, span.startDay)),
      to: Math.min(days.length - 1, daysBetween(first, span.endDay)),
      lane: 0,
      cutStart: span.startDay < first,
      cutEnd: span.endDay > last,
    }))
    .sort((a, b) => a.from - b.from || b.to - b.from - (a.to - a.from) || Number(isBar(b.event)) - Number(isBar(a.event)) || a.event.start.localeCompare(b.event.start));
  const ends: number[] = [];
  for (const bar of found) {
    while ((ends[bar.lane] ?? -1) >= bar.from) bar.lane++;
    ends[bar.lane] = bar.to;
  }
  return found;
}
