import { beforeEach, describe, expect, it } from 'vitest';

import type { Attribute, Entity } from '@/metadata';
import { setFormatting } from '@/ui';
import { changeOf, eventOf, eventsQuery, slotValues, whoFilter } from './events';
import { movedByDays, movedEvent, resizedEvent } from './time';

beforeEach(() => setFormatting({ locale: 'de-DE', timeZone: 'Europe/Berlin', currency: 'EUR', dateFormat: null }));

const attribute = (name: string, type: string, operators: string[] = []) => ({ name, label: name, type, operators, targets: [], options: [] }) as unknown as Attribute;
const entity = (type: 'datetime' | 'date') =>
  ({
    name: 'task', plural: 'tasks', primary_attribute: 'subject', color: 'amber', calendar: { start: 'scheduled_start', end: 'scheduled_end' },
    attributes: [attribute('subject', 'text'), attribute('scheduled_start', type), attribute('scheduled_end', type), attribute('owner', 'owner', ['me', 'my_unit'])],
    states: [{ value: 'open', closed: false, reasons: [] }, { value: 'completed', closed: true, reasons: [] }],
  }) as unknown as Entity;
const task = entity('datetime');
const trip = entity('date');

describe('eventOf', () => {
  it('reads start and end', () => {
    const event = eventOf(task, { id: 'a', subject: 'Call', scheduled_start: '2026-11-22T09:00:00Z', scheduled_end: '2026-11-22T10:00:00Z', state: 'completed' });
    expect(event).toMatchObject({ title: 'Call', start: '2026-11-22T09:00:00Z', end: '2026-11-22T10:00:00Z', closed: true, hasEnd: true });
  });

  it('draws what is only due at its due time, and leaves out what has no time', () => {
    expect(eventOf(task, { id: 'a', scheduled_start: null, scheduled_end: '2026-11-22T16:00:00Z' })).toMatchObject({ start: '2026-11-22T16:00:00Z', end: '2026-11-22T16:30:00Z', hasEnd: false });
    expect(eventOf(task, { id: 'a', scheduled_start: null, scheduled_end: null })).toBeNull();
  });

  it('makes days without a time whole days in the user’s zone', () => {
    expect(eventOf(trip, { id: 'a', scheduled_start: '2026-11-22', scheduled_end: '2026-11-23' })).toMatchObject({ start: '2026-11-21T23:00:00Z', end: '2026-11-23T23:00:00Z', allDay: true });
  });
});

describe('changeOf', () => {
  const row = { id: 'a', scheduled_start: '2026-11-22T09:00:00Z', scheduled_end: '2026-11-22T10:00:00Z' };
  it('writes both ends of a moved event and one of a resized one', () => {
    const event = eventOf(task, row)!;
    expect(changeOf(task, event, movedEvent(event, '2026-11-23', 600), row)).toEqual({ scheduled_start: '2026-11-23T09:00:00Z', scheduled_end: '2026-11-23T10:00:00Z' });
    expect(changeOf(task, event, resizedEvent(event, 720), row)).toEqual({ scheduled_end: '2026-11-22T11:00:00Z' });
  });

  it('keeps a due-only task due-only', () => {
    const due = { id: 'a', scheduled_start: null, scheduled_end: '2026-11-22T16:00:00Z' };
    const event = eventOf(task, due)!;
    expect(changeOf(task, event, movedByDays(event, 1), due)).toEqual({ scheduled_end: '2026-11-23T16:00:00Z' });
  });

  it('does not invent an end when an event without one is moved', () => {
    const open = { id: 'a', scheduled_start: '2026-11-22T09:00:00Z', scheduled_end: null };
    const event = eventOf(task, open)!;
    expect(changeOf(task, event, movedByDays(event, 1), open)).toEqual({ scheduled_start: '2026-11-23T09:00:00Z' });
  });

  it('writes days for date attributes, the last day included', () => {
    const days = { id: 'a', scheduled_start: '2026-11-22', scheduled_end: '2026-11-23' };
    const event = eventOf(trip, days)!;
    expect(changeOf(trip, event, movedByDays(event, 2), days)).toEqual({ scheduled_start: '2026-11-24', scheduled_end: '2026-11-25' });
  });
});

describe('asking', () => {
  it('is narrowed to whose events', () => {
    expect(whoFilter(task, 'me')).toEqual({ attribute: 'owner', operator: 'me' });
    expect(whoFilter(task, 'team')).toEqual({ attribute: 'owner', operator: 'my_unit' });
    expect(whoFilter(task, 'all')).toBeNull();
    expect(eventsQuery(task, null, '', 'all', 'a', 'b')).toEqual({ from: 'a', to: 'b', fields: ['subject', 'scheduled_start', 'scheduled_end', 'owner'] });
    const mine = { attribute: 'owner', operator: 'me' };
    const open = { attribute: 'state', operator: 'eq', value: 'open' };
    expect(eventsQuery(task, open, 'x', 'me', 'a', 'b')).toMatchObject({ q: 'x', filter: { and: [open, mine] } });
  });

  it('starts a new record at the slot', () => {
    expect(slotValues(task, '2026-11-22T09:00:00Z', '2026-11-22T10:00:00Z', false)).toEqual({ scheduled_start: '2026-11-22T09:00:00Z', scheduled_end: '2026-11-22T10:00:00Z' });
    expect(slotValues(trip, '2026-11-21T23:00:00Z', '2026-11-22T23:00:00Z', true)).toEqual({ scheduled_start: '2026-11-22', scheduled_end: '2026-11-22' });
  });
});
