import { describe, expect, it } from 'vitest';

import type { ListAnswer, RecordData } from '@/api';
import { mergedRows, narrowed, pageSize, withRow, type Pages } from './pages';

const page = (...ids: string[]): ListAnswer => ({ rows: ids.map((id) => ({ id, version: 1, name: id })), next: null, previous: null, count: { value: 10, exact: true }, sums: null });
const data = (...pages: ListAnswer[]): Pages => ({ pages, pageParams: pages.map(() => null) });
const ids = (rows: RecordData[]) => rows.map((row) => row.id);

describe('mergedRows', () => {
  it('joins pages in order', () => {
    expect(ids(mergedRows([page('a', 'b'), page('c')]))).toEqual(['a', 'b', 'c']);
    expect(mergedRows([])).toEqual([]);
  });

  it('shows a record that slipped to the next page once, in its later place', () => {
    expect(ids(mergedRows([page('a', 'b'), page('b', 'c')]))).toEqual(['a', 'b', 'c']);
    expect(ids(mergedRows([page('a', 'b', 'c'), page('d', 'a')]))).toEqual(['b', 'c', 'd', 'a']);
  });
});

describe('withRow', () => {
  it('changes one row and leaves the other pages as they are', () => {
    const before = data(page('a'), page('b'));
    const after = withRow(before, 'b', (row) => ({ ...row, name: 'B' }));
    expect(mergedRows(after.pages)[1]!.name).toBe('B');
    expect(after.pages[0]).toBe(before.pages[0]);
    expect(mergedRows(before.pages)[1]!.name).toBe('b');
  });

  it('removes a row and counts one less', () => {
    const after = withRow(data(page('a', 'b')), 'a', () => null);
    expect(ids(mergedRows(after.pages))).toEqual(['b']);
    expect(after.pages[0]!.count).toEqual({ value: 9, exact: true });
  });

  it('is the same object for an unknown row, so nothing is drawn again', () => {
    const before = data(page('a'));
    expect(withRow(before, 'x', () => null)).toBe(before);
  });
});

describe('narrowed', () => {
  it('keeps the attributes the row shows and the new version', () => {
    expect(narrowed({ id: 'a', version: 1, name: 'old' }, { id: 'a', version: 2, name: 'new', description: 'long' })).toEqual({ id: 'a', version: 2, name: 'new' });
  });
});

it('asks for larger pages the further one scrolls', () => {
  expect([0, 1, 2, 3, 30].map(pageSize)).toEqual([50, 100, 200, 400, 400]);
});
