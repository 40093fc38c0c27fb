import { describe, expect, it } from 'vitest';

import type { FieldChange, TimelineItem } from '@/api';
import { foldChanges, groupByDay, mergeChanges, uniqueItems } from './grouping';

const ana = { id: 'u1', name: 'Ana' };
const ben = { id: 'u2', name: 'Ben' };
const change = (attribute: string, old: unknown, now: unknown): FieldChange => ({ attribute, label: attribute, old, new: now });
const item = (id: string, kind: string, at: string, more: Partial<TimelineItem> = {}): TimelineItem => ({ id, kind, at, actor: ana, object: null, title: null, body: null, ...more });

describe('mergeChanges', () => {
  it('keeps the first old and the last new value', () => {
    expect(mergeChanges([[change('stage', 'B', 'C')], [change('stage', 'A', 'B')]])).toEqual([change('stage', 'A', 'C')]);
  });
  it('drops what went back to where it was', () => {
    expect(mergeChanges([[change('stage', 'B', 'A')], [change('stage', 'A', 'B'), change('city', null, 'Kiel')]])).toEqual([change('city', null, 'Kiel')]);
  });
});

describe('foldChanges', () => {
  it('folds one person within a quarter of an hour and nothing else', () => {
    const items = [
      item('4', 'change', '2026-03-01T10:20:00Z', { changes: [change('city', 'Kiel', 'Bonn')] }),
      item('3', 'change', '2026-03-01T10:10:00Z', { changes: [change('phone', null, '1')] }),
      item('2', 'note', '2026-03-01T10:09:00Z', { body: 'Called' }),
      item('1', 'change', '2026-03-01T10:08:00Z', { changes: [change('city', null, 'Kiel')], actor: ben }),
    ];
    const folded = foldChanges(items);
    expect(folded.map((entry) => entry.id)).toEqual(['4', '2', '1']);
    expect(folded[0]!.changes).toHaveLength(2);
    expect(folded[0]!.folded).toBe(2);
  });

  it('names the entry the first old value is restored from, and keeps sources apart', () => {
    const items = [
      item('2', 'change', '2026-03-01T10:10:00Z', { source: 'screen', changes: [change('city', 'Kiel', 'Bonn')] }),
      item('1', 'change', '2026-03-01T10:08:00Z', { source: 'screen', changes: [change('city', null, 'Kiel')] }),
    ];
    expect(foldChanges(items)[0]!.changes).toEqual([{ ...change('city', null, 'Bonn'), entry: '1' }]);
    expect(foldChanges([{ ...items[0]!, source: 'rule' }, items[1]!])).toHaveLength(2);
  });

  it('does not fold different people or a later sitting', () => {
    const two = [
      item('2', 'change', '2026-03-01T10:30:00Z', { changes: [change('a', 1, 2)] }),
      item('1', 'change', '2026-03-01T10:00:00Z', { changes: [change('a', 0, 1)] }),
    ];
    expect(foldChanges(two)).toHaveLength(2);
    expect(foldChanges([{ ...two[0]!, at: '2026-03-01T10:01:00Z', actor: ben }, two[1]!])).toHaveLength(2);
  });
});

describe('groupByDay and uniqueItems', () => {
  it('cuts at midnight of the user', () => {
    const days = groupByDay([item('2', 'note', '2026-03-01T23:30:00Z'), item('1', 'note', '2026-03-01T20:00:00Z')], (at) =>
      new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Berlin' }).format(new Date(at)),
    );
    expect(days.map((day) => day.day)).toEqual(['2026-03-02', '2026-03-01']);
  });
  it('shows an item of two overlapping pages once', () => {
    const a = item('1', 'note', '2026-03-01T23:30:00Z');
    expect(uniqueItems([[a], [{ ...a }, item('2', 'note', '2026-03-01T20:00:00Z')]])).toHaveLength(2);
  });
});
