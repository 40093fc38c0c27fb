import { describe, expect, it } from 'vitest';

import type { Attribute, Entity } from '@/metadata';
import { canGroup, groupQuery, groupsOf } from './grouping';

const attribute = (name: string, type: string, options: { value: number; color: string }[] = []) => ({ name, type, options, filterable: true }) as unknown as Attribute;
const entity = {
  name: 'deal',
  attributes: [attribute('stage', 'pick', [{ value: 3, color: 'blue' }, { value: 1, color: 'red' }]), attribute('close', 'date'), attribute('state', 'state'), attribute('topic', 'text'), attribute('hot', 'bool'), attribute('customer', 'customer')],
  states: [{ value: 'open', color: 'blue', reasons: [] }, { value: 'won', color: 'green', reasons: [] }],
} as unknown as Entity;
const base = { attribute: 'owner', operator: 'me' };

describe('groupsOf', () => {
  it('orders options as defined, no value last, and adds the list’s filter', () => {
    const groups = groupsOf(
      entity, 'stage',
      {
        groups: [
          { keys: [null], labels: [''], values: [2, null] },
          { keys: ['1'], labels: ['Close'], values: [5, '10.00'], filter: { attribute: 'stage', operator: 'eq', value: 1 } },
          { keys: ['3'], labels: ['Qualify'], values: [7, '70.00'] },
        ],
        totals: [14, '80.00'],
      },
      base, 'No stage',
    );
    expect(groups.map((group) => [group.key, group.label, group.count, group.color])).toEqual([['3', 'Qualify', 7, 'blue'], ['1', 'Close', 5, 'red'], ['', 'No stage', 2, null]]);
    expect(groups[1]!.filter).toEqual({ and: [base, { attribute: 'stage', operator: 'eq', value: 1 }] });
    expect(groups[2]!.filter).toEqual({ and: [base, { attribute: 'stage', operator: 'empty' }] });
    expect(groups[0]!.sums).toEqual(['70.00']);
  });

  it('keeps the order of states', () => {
    const groups = groupsOf(entity, 'state', { groups: [{ keys: ['won'], labels: ['Won'], values: [1] }, { keys: ['open'], labels: ['Open'], values: [1] }], totals: [2] }, null, '');
    expect(groups.map((group) => group.key)).toEqual(['open', 'won']);
  });
});

it('says months and yes or no as the user reads them', () => {
  const one = (name: string, key: string) => groupsOf(entity, name, { groups: [{ keys: [key], labels: [key], values: [1] }], totals: [1] }, null, '')[0]!.label;
  expect(one('close', '2026-02-01')).toBe('February 2026');
  expect([one('hot', 'True'), one('hot', 'False')]).toEqual(['Yes', 'No']);
});

it('groups dates by month and asks for the sums of the footer', () => {
  expect(groupQuery(entity, 'close', null, '', ['revenue'])).toMatchObject({ group: [{ attribute: 'close', by: 'month' }], measures: [{ fn: 'count' }, { fn: 'sum', attribute: 'revenue' }] });
  expect(canGroup(entity.attributes[0]!)).toBe(true);
  expect(canGroup(entity.attributes[3]!)).toBe(false);
  expect(canGroup(entity.attributes[5]!)).toBe(true);
});
