import { describe, expect, it } from 'vitest';

import type { RecordData } from '@/api';
import { groupsToRead, listItems, shownRows, WHOLE, type GroupInfo, type SegmentRows } from './items';

const rows = (...ids: string[]): RecordData[] => ids.map((id) => ({ id }));
const group = (key: string, count = 1): GroupInfo => ({ key, label: key, color: null, count, sums: [] });
const loaded = (list: RecordData[], hasMore = false): SegmentRows => ({ rows: list, state: 'idle', hasMore });
const kinds = (items: ReturnType<typeof listItems>) => items.map((item) => (item.kind === 'row' ? item.row.id : item.kind));

describe('listItems', () => {
  it('has nothing on its way where what the list asks for is gone', () => {
    expect(listItems(null, new Map(), new Set(), false)).toEqual([]);
  });

  it('puts a loading line where nothing is there yet', () => {
    expect(listItems(null, new Map(), new Set())).toMatchObject([{ kind: 'more', state: 'loading' }]);
  });

  it('ends with a line that loads more only while there is more', () => {
    expect(kinds(listItems(null, new Map([[WHOLE, loaded(rows('a', 'b'), true)]]), new Set()))).toEqual(['a', 'b', 'more']);
    expect(kinds(listItems(null, new Map([[WHOLE, loaded(rows('a', 'b'))]]), new Set()))).toEqual(['a', 'b']);
    expect(listItems(null, new Map([[WHOLE, { rows: rows('a'), state: 'error', hasMore: true, error: 'x' }]]), new Set()).at(-1)).toMatchObject({ kind: 'more', state: 'error', error: 'x' });
  });

  it('shows headers, hides the rows of closed groups and numbers rows through', () => {
    const segments = new Map([['x', loaded(rows('a', 'b'))], ['y', loaded(rows('c'))], ['z', loaded(rows('d'))]]);
    const items = listItems([group('x'), group('y'), group('z')], segments, new Set(['y']));
    expect(kinds(items)).toEqual(['group', 'a', 'b', 'group', 'group', 'd']);
    expect(items.at(-1)).toMatchObject({ index: 2 });
    expect(shownRows(items).map((row) => row.id)).toEqual(['a', 'b', 'd']);
  });
});

it('reads groups as they are reached, never closed or empty ones', () => {
  const groups = [group('a'), group('b', 0), group('c'), group('d')];
  expect(groupsToRead(groups, new Set(['c']), 3).map((entry) => entry.key)).toEqual(['a', 'd']);
  expect(groupsToRead(groups, new Set(), 0).map((entry) => entry.key)).toEqual(['a']);
});
