import { describe, expect, it } from 'vitest';

import type { Column } from './columns';
import { nextCell, nextEditable, nextRow } from './cursor';
import type { Item } from './items';

const row = (id: string): Item => ({ kind: 'row', key: id, row: { id }, index: 0, segment: 'all' });
const items: Item[] = [
  { kind: 'group', key: 'g', group: { key: 'g', label: 'G', color: null, count: 2, sums: [] }, collapsed: false },
  row('a'), row('b'),
  { kind: 'more', key: 'm', segment: 'all', state: 'loading' },
];
const columns = ['name', 'city', 'phone'].map((name) => ({ name })) as Column[];
const press = (key: string, ctrlKey = false) => ({ key, ctrlKey, metaKey: false });
const at = (key: string, column = 'name') => ({ key, column });

describe('nextCell', () => {
  it('moves between lines and stops before the loading line', () => {
    expect(nextCell(press('ArrowDown'), items, columns, at('a', 'city'))?.cell).toEqual(at('b', 'city'));
    expect(nextCell(press('ArrowDown'), items, columns, at('b'))).toBeNull();
    expect(nextCell(press('ArrowUp'), items, columns, at('a'))?.cell.key).toBe('g');
    expect(nextCell(press('ArrowUp'), items, columns, null)?.cell.key).toBe('g');
    expect(nextCell(press('End', true), items, columns, at('a'))?.cell.key).toBe('b');
    expect(nextCell(press('PageDown'), items, columns, at('g'))?.cell.key).toBe('b');
  });

  it('moves between columns within bounds', () => {
    expect(nextCell(press('ArrowRight'), items, columns, at('a', 'phone'))?.cell.column).toBe('phone');
    expect(nextCell(press('ArrowLeft', true), items, columns, at('a', 'phone'))?.cell.column).toBe('name');
    expect(nextCell(press('End'), items, columns, at('a'))?.cell.column).toBe('phone');
    expect(nextCell(press('q'), items, columns, at('a'))).toBeNull();
  });
});

it('steps over rows only with j and k', () => {
  expect(nextRow(items, null, 1)?.key).toBe('a');
  expect(nextRow(items, at('a'), 1)?.key).toBe('b');
  expect(nextRow(items, at('a'), -1)).toBeNull();
});

it('tabs to the next editable cell, also in the next row', () => {
  const editable = (_: unknown, column: Column) => column.name !== 'name';
  expect(nextEditable(items, columns, at('a', 'city'), 1, editable)).toEqual(at('a', 'phone'));
  expect(nextEditable(items, columns, at('a', 'phone'), 1, editable)).toEqual(at('b', 'city'));
  expect(nextEditable(items, columns, at('b', 'city'), -1, editable)).toEqual(at('a', 'phone'));
  expect(nextEditable(items, columns, at('b', 'phone'), 1, editable)).toBeNull();
});
