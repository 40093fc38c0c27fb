import { describe, expect, it } from 'vitest';

import type { Action, Attribute, Entity } from '@/metadata';
import { EVERYTHING, NOTHING, withRows } from '../list/selection';
import { bulkActions, bulkRequest, editValues, exportColumns, exportOrder, numberToType, reasonTexts } from './request';

const attribute = (name: string, type: string) => ({ name, label: name, type, options: [], targets: [] }) as unknown as Attribute;
const entity = {
  attributes: [attribute('city', 'text'), attribute('tags', 'multi'), attribute('parent', 'lookup')],
  actions: [{ name: 'win', scope: 'record' }, { name: 'assign', scope: 'record' }, { name: 'recalculate_all', scope: 'collection' }] as Action[],
} as unknown as Entity;
const filter = { attribute: 'city', operator: 'eq', value: 'Bonn' };

describe('an exported file', () => {
  it('has the rows in the order of the screen, group by group, and leaves out what is gone', () => {
    const sortable = { ...entity, attributes: entity.attributes.map((entry) => ({ ...entry, sortable: true })) } as Entity;
    expect(exportOrder(sortable, { groupBy: 'city', order: ['-parent.name', 'gone'] })).toEqual(['city', '-parent.name']);
    expect(exportOrder(sortable, { groupBy: 'city', order: ['-city'] })).toEqual(['-city']);
    expect(exportOrder(entity, { groupBy: 'tags', order: ['city'] })).toEqual(['city']);
    expect(exportColumns(entity, ['city', 'gone', 'parent.name'])).toEqual(['city', 'parent.name']);
  });
});

describe('bulkRequest', () => {
  it('names rows, or describes everything that matches', () => {
    const two = withRows(NOTHING, ['a', 'b'], true);
    expect(bulkRequest(entity, two, filter, 'x', { operation: 'delete' })).toEqual({ operation: 'delete', ids: ['a', 'b'] });
    expect(bulkRequest(entity, EVERYTHING, filter, 'x', { operation: 'assign', owner: 'u1' })).toEqual({ operation: 'assign', ids: null, filter, q: 'x', owner: 'u1' });
  });

  it('says so when really everything is meant', () => {
    expect(bulkRequest(entity, EVERYTHING, null, '', { operation: 'delete' })).toEqual({ operation: 'delete', ids: null, all: true });
  });

  it('sends values in write shape and clears by null', () => {
    const entries = [
      { name: 'city', value: 'Köln', clear: false },
      { name: 'parent', value: { object: 'account', id: 'p1', name: 'Acme' }, clear: false },
      { name: 'tags', value: [1], clear: true },
      { name: '', value: null, clear: false },
    ];
    expect(editValues(entity, entries)).toEqual({ city: 'Köln', parent: 'p1', tags: [] });
    expect(editValues(entity, [{ name: 'city', value: 'x', clear: true }])).toEqual({ city: null });
  });

  it('passes an action with its parameters', () => {
    expect(bulkRequest(entity, withRows(NOTHING, ['a'], true), null, '', { operation: 'action', action: 'win', values: { actual_revenue: '5' } })).toEqual({
      operation: 'action', ids: ['a'], action: 'win', values: { actual_revenue: '5' },
    });
  });
});

it('asks to type the number only for large destructive operations', () => {
  expect(numberToType(true, 999)).toBeNull();
  expect(numberToType(true, 1000)).toBe('1000');
  expect(numberToType(false, 5000)).toBeNull();
});

it('reads reasons with and without counts', () => {
  expect(reasonTexts({ selected: 3, allowed: 1, skipped: 2, reasons: ['closed', { message: 'not yours', count: 1 }] })).toEqual([
    { text: 'closed', count: null },
    { text: 'not yours', count: 1 },
  ]);
  expect(reasonTexts({ selected: 3, allowed: 1, skipped: 2, reasons: [{ code: 'privilege.missing', count: 2 }] }, { 'privilege.missing': 'may not' })).toEqual([{ text: 'may not', count: 2 }]);
});

it('offers actions of single records that have no button of their own', () => {
  expect(bulkActions(entity).map((action) => action.name)).toEqual(['win']);
});
