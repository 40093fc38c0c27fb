import { beforeEach, describe, expect, it } from 'vitest';

import { setFormatting } from '@/ui';
import { bars, placedEvents } from './layout';
import { addMonths, daysOf, instantAt, movedByDays, movedEvent, resizedEvent, spanOf, startOfWeek, stepped, type CalendarEvent } from './time';

beforeEach(() => setFormatting({ locale: 'de-DE', timeZone: 'Europe/Berlin', currency: 'EUR', dateFormat: null }));

const event = (id: string, start: string, end: string, allDay = false): CalendarEvent => ({
  key: id, object: 'appointment', id, version: 1, title: id, start, end, allDay, hasEnd: true, closed: false, color: null, owner: null, meta: '',
});

describe('days', () => {
  it('show whole weeks of a month from the first weekday', () => {
    const days = daysOf('month', '2026-11-15', 1);
    expect(days[0]).toBe('2026-10-26');
    expect(days.at(-1)).toBe('2026-12-06');
    expect(days.length % 7).toBe(0);
    expect(daysOf('month', '2026-02-10', 7)[0]).toBe('2026-02-01');
    expect(daysOf('month', '2026-02-10', 7)).toHaveLength(28);
  });

  it('step by the length of the mode', () => {
    expect(stepped('month', '2026-01-31', 1)).toBe('2026-02-01');
    expect(stepped('week', '2026-11-22', -1)).toBe('2026-11-15');
    expect(addMonths('2026-01-31', 1)).toBe('2026-02-28');
    expect(startOfWeek('2026-11-22', 1)).toBe('2026-11-16');
    expect(startOfWeek('2026-11-22', 7)).toBe('2026-11-22');
  });
});

describe('events in the user’s zone', () => {
  it('lie on the local day', () => {
    expect(spanOf({ start: '2026-11-22T23:30:00Z', end: '2026-11-23T00:30:00Z' })).toEqual({ startDay: '2026-11-23', endDay: '2026-11-23', startMinute: 30, endMinute: 90 });
  });

  it('that end at midnight belong to the day before', () => {
    expect(spanOf({ start: '2026-11-22T21:00:00Z', end: '2026-11-22T23:00:00Z' })).toMatchObject({ startDay: '2026-11-22', endDay: '2026-11-22', endMinute: 1440 });
  });

  it('keep their wall-clock time when moved over the change of the clock', () => {
    const moved = movedByDays(event('a', '2026-10-24T08:00:00Z', '2026-10-24T09:00:00Z'), 1);
    expect(moved).toMatchObject({ start: '2026-10-25T09:00:00Z', end: '2026-10-25T10:00:00Z' });
  });

  it('keep their length when moved and snap to quarters', () => {
    const moved = movedEvent(event('a', '2026-11-22T08:00:00Z', '2026-11-22T08:50:00Z'), '2026-11-23', 607);
    expect(moved).toMatchObject({ start: '2026-11-23T09:00:00Z', end: '2026-11-23T09:50:00Z' });
  });

  it('never get shorter than one step', () => {
    expect(resizedEvent(event('a', '2026-11-22T08:00:00Z', '2026-11-22T09:00:00Z'), 100).end).toBe('2026-11-22T08:15:00Z');
    expect(resizedEvent(event('a', '2026-11-22T08:00:00Z', '2026-11-22T09:00:00Z'), 24 * 60).end).toBe('2026-11-22T23:00:00Z');
    expect(instantAt('2026-11-22', 1440)).toBe('2026-11-22T23:00:00Z');
  });
});

describe('placedEvents', () => {
  it('puts overlapping events side by side and others in full width', () => {
    const day = placedEvents(
      [
        event('a', '2026-11-22T08:00:00Z', '2026-11-22T10:00:00Z'),
        event('b', '2026-11-22T08:30:00Z', '2026-11-22T09:00:00Z'),
        event('c', '2026-11-22T09:00:00Z', '2026-11-22T09:30:00Z'),
        event('d', '2026-11-22T12:00:00Z', '2026-11-22T13:00:00Z'),
        event('other day', '2026-11-23T12:00:00Z', '2026-11-23T13:00:00Z'),
        event('all day', '2026-11-21T23:00:00Z', '2026-11-22T23:00:00Z', true),
      ],
      '2026-11-22',
    );
    expect(day.map((entry) => [entry.event.id, entry.column, entry.columns])).toEqual([['a', 0, 2], ['b', 1, 2], ['c', 1, 2], ['d', 0, 1]]);
  });
});

describe('bars', () => {
  const days = ['2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21', '2026-11-22'];
  it('stack in lanes and are cut at the edges', () => {
    const found = bars([event('long', '2026-11-14T09:00:00Z', '2026-11-18T09:00:00Z'), event('x', '2026-11-18T09:00:00Z', '2026-11-25T09:00:00Z'), event('short', '2026-11-20T09:00:00Z', '2026-11-20T10:00:00Z')], days, false);
    expect(found.map((bar) => [bar.event.id, bar.from, bar.to, bar.lane, bar.cutStart, bar.cutEnd])).toEqual([['long', 0, 2, 0, true, false], ['x', 2, 6, 1, false, true]]);
  });

  it('include single events for a month', () => {
    expect(bars([event('short', '2026-11-20T09:00:00Z', '2026-11-20T10:00:00Z')], days, true)).toMatchObject([{ from: 4, to: 4, lane: 0 }]);
  });
});
