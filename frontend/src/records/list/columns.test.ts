import { describe, expect, it } from 'vitest';

import type { Attribute, Entity } from '@/metadata';
import { clampWidth, columnsOf, fieldsFor, moved } from './columns';

const attribute = (name: string, type: string, targets: string[] = []) => ({ name, label: name.toUpperCase(), type, targets, operators: [], system: false, filterable: true }) as unknown as Attribute;
const account = { name: 'account', primary_attribute: 'name', attributes: [attribute('name', 'text'), attribute('industry', 'pick'), attribute('parent', 'lookup', ['account'])], states: [] } as unknown as Entity;
const deal = {
  name: 'opportunity',
  primary_attribute: 'topic',
  attributes: [attribute('topic', 'text'), attribute('revenue', 'money'), attribute('customer', 'customer', ['account', 'contact']), attribute('currency', 'lookup', ['currency']), attribute('state', 'state')],
  states: [{ value: 'open' }, { value: 'won' }],
} as unknown as Entity;
const find = (name: string) => (name === 'account' ? account : undefined);

describe('columnsOf', () => {
  it('puts the name first, once, and reads widths from the user, the view, the type', () => {
    const columns = columnsOf(deal, [{ name: 'revenue', width: 200 }, { name: 'topic' }, { name: 'customer' }], { customer: 333 }, find);
    expect(columns.map((column) => [column.name, column.width])).toEqual([['topic', 280], ['revenue', 200], ['customer', 333]]);
    expect(columns.map((column) => column.numeric)).toEqual([false, true, false]);
  });

  it('follows paths over relations and marks what is gone', () => {
    const columns = columnsOf(deal, [{ name: 'customer.parent.industry' }, { name: 'removed' }], {}, find);
    expect(columns[1]).toMatchObject({ label: 'CUSTOMER · PARENT · INDUSTRY', own: false });
    expect(columns[1]!.attribute?.name).toBe('industry');
    expect(columns[2]).toMatchObject({ label: 'removed', attribute: undefined });
  });
});

describe('moved', () => {
  it('moves columns but never the frozen one or before it', () => {
    expect(moved(['n', 'a', 'b', 'c'], 3, 1)).toEqual(['n', 'c', 'a', 'b']);
    expect(moved(['n', 'a', 'b', 'c'], 1, 99)).toEqual(['n', 'b', 'c', 'a']);
    expect(moved(['n', 'a', 'b'], 2, 0)).toEqual(['n', 'b', 'a']);
    expect(moved(['n', 'a'], 0, 1)).toEqual(['n', 'a']);
  });
});

it('asks for the currency beside money and for the state, and not for columns that are gone', () => {
  const columns = columnsOf(deal, [{ name: 'revenue' }, { name: 'removed' }], {}, find);
  expect(fieldsFor(deal, columns, ['customer', null])).toEqual(['topic', 'revenue', 'customer', 'currency', 'state']);
});

it('keeps widths within reason', () => {
  expect(clampWidth(3)).toBe(72);
  expect(clampWidth(5000)).toBe(800);
  expect(clampWidth(100.4)).toBe(100);
});
