import { describe, expect, it } from 'vitest';

import type { Change } from '@/api/customization';
import type { View } from '@/metadata';
import { viewRows, viewToSend } from './viewRows';

const view = (key: string, more: Partial<View> = {}): View => ({
  id: `standard:boat:${key}`, name: key, kind: 'standard', object: 'boat', is_default: key === 'active', layout: 'table', columns: [{ name: 'name' }], filter: null, order: [], group_by: null, board_attribute: null, editable: false, owner: null, key, ...more,
});
const change = (operation: Change['operation'], name: string, definition: object): Change => ({ id: `${operation}-${name}`, kind: 'view', operation, object: 'boat', name, definition: definition as Change['definition'] });

describe('viewRows', () => {
  it('shows what the draft adds, changes and takes away', () => {
    const rows = viewRows([view('active'), view('all')], {}, [change('create', 'c_big', { label: 'Big', columns: [{ name: 'name' }] }), change('update', 'active', { label: 'Busy', columns: [] }), change('delete', 'all', { hidden: true, label: 'all' })], 'boat');
    expect(rows.map((row) => [row.key, row.definition.label, row.draft])).toEqual([
      ['active', 'Busy', 'changed'],
      ['all', 'all', 'deleted'],
      ['c_big', 'Big', 'new'],
    ]);
  });

  it('keeps a view that was taken away in sight, and shows when it returns', () => {
    const stored = { all: { label: 'all', hidden: true, columns: [], filter: null, order: [] } };
    expect(viewRows([view('active')], stored, [], 'boat').map((row) => [row.key, row.draft])).toEqual([
      ['active', null],
      ['all', 'deleted'],
    ]);
    expect(viewRows([view('active')], stored, [change('delete', 'all', {})], 'boat')[1]!.draft).toBe('changed');
  });

  it('leaves views of people out', () => {
    expect(viewRows([view('mine', { kind: 'own', key: undefined })], {}, [], 'boat')).toEqual([]);
  });

  it('sends only what the server knows', () => {
    expect(viewToSend({ label: ' A ', labels: { de: '' }, columns: [{ name: 'name' }], filter: null, order: ['name'], position: 3 })).toEqual({
      label: 'A', labels: {}, columns: [{ name: 'name' }], filter: null, order: ['name'], default: false, layout: 'table', board_attribute: null,
    });
  });
});
