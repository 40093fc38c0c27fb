import { describe, expect, it } from 'vitest';

import type { Attribute, Entity } from '@/metadata';
import { changedValues, initialValues, isEditable, sameValue, valuesToWrite } from './values';

function attribute(name: string, type: Attribute['type'], more: Partial<Attribute> = {}): Attribute {
  return {
    name, label: name, type, required: false, recommended: false, read_only: false, create_only: false, searchable: false, filterable: true,
    sortable: true, custom: false, secured: false, max_length: null, format: null, precision: null, min: null, max: null, default: null, help: '',
    targets: [], options: [], operators: [], aggregates: [], system: false, ...more,
  };
}

const entity = {
  name: 'opportunity',
  attributes: [
    attribute('topic', 'text', { required: true }),
    attribute('revenue', 'money'),
    attribute('customer', 'customer', { targets: ['account', 'contact'], required: true }),
    attribute('price_list', 'lookup', { targets: ['price_list'] }),
    attribute('owner', 'owner', { targets: ['user', 'team'] }),
    attribute('tags', 'multi'),
    attribute('probability', 'int', { default: 20 }),
    attribute('number', 'auto', { read_only: true, required: true }),
  ],
} as unknown as Entity;

const acme = { object: 'account', id: 'a1', name: 'Acme' };

describe('sameValue', () => {
  it('treats every kind of nothing alike', () => {
    expect(sameValue(null, '')).toBe(true);
    expect(sameValue([], undefined)).toBe(true);
    expect(sameValue(0, null)).toBe(false);
    expect(sameValue(false, null)).toBe(false);
  });

  it('compares money by amount and keeps every digit', () => {
    expect(sameValue('10.00', 10, 'money')).toBe(true);
    expect(sameValue('100', '10', 'money')).toBe(false);
    expect(sameValue('9007199254740993.10', '9007199254740993.1', 'money')).toBe(true);
    expect(sameValue('9007199254740993', '9007199254740992', 'money')).toBe(false);
  });

  it('compares references by id, options without order and instants by time', () => {
    expect(sameValue(acme, { ...acme, name: 'Acme Ltd' }, 'customer')).toBe(true);
    expect(sameValue([1, 2], [2, 1], 'multi')).toBe(true);
    expect(sameValue([1, 2], [1], 'multi')).toBe(false);
    expect(sameValue('2026-01-01T10:00:00Z', '2026-01-01T11:00:00+01:00', 'datetime')).toBe(true);
  });
});

describe('what is sent', () => {
  it('is only what changed', () => {
    const before = { topic: 'Boat', revenue: '10.00', customer: acme };
    expect(changedValues(entity, before, { topic: 'Boat', revenue: '12.50', customer: { ...acme } })).toEqual({ revenue: '12.50' });
    expect(changedValues(entity, before, { topic: '' })).toEqual({ topic: '' });
  });

  it('has references as ids, with the object where several are possible', () => {
    const written = valuesToWrite(entity, { customer: acme, price_list: { object: 'price_list', id: 'p1', name: 'EU' }, owner: { object: 'user', id: 'u1', name: 'Ana' }, topic: '', tags: null });
    expect(written).toEqual({ customer: { object: 'account', id: 'a1' }, price_list: 'p1', owner: 'u1', topic: null, tags: [] });
  });

  it('leaves out names the object does not have', () => {
    expect(valuesToWrite(entity, { topic: 'x', gone: 1 })).toEqual({ topic: 'x' });
  });
});

describe('a new record', () => {
  it('starts with defaults, and the context wins', () => {
    expect(initialValues(entity, { customer: acme })).toEqual({ probability: 20, customer: acme });
    expect(initialValues(entity, { probability: 50 }).probability).toBe(50);
  });
});

describe('isEditable', () => {
  const open = { mayWrite: true, closed: false, isNew: false };
  it('follows rights, state and kind', () => {
    const text = attribute('a', 'text');
    expect(isEditable(text, open)).toBe(true);
    expect(isEditable(text, { ...open, mayWrite: false })).toBe(false);
    expect(isEditable(text, { ...open, closed: true })).toBe(false);
    expect(isEditable(text, { ...open, masked: ['a'] })).toBe(false);
    expect(isEditable(attribute('s', 'state'), open)).toBe(false);
    expect(isEditable(attribute('c', 'text', { create_only: true }), open)).toBe(false);
    expect(isEditable(attribute('c', 'text', { create_only: true }), { ...open, isNew: true })).toBe(true);
  });
});
