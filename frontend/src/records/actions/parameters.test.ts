import { describe, expect, it } from 'vitest';

import type { FullRecord } from '@/api';
import type { Action, Entity } from '@/metadata';
import { madeRefs, parameterAttributes, parameterBody, parameterErrors, startValues } from './parameters';

const entity = {
  attributes: [{ name: 'actual_revenue' }, { name: 'description' }, { name: 'owner' }],
  states: [
    { value: 'open', color: 'blue', reasons: [{ value: 1, label: 'In progress' }] },
    { value: 'lost', color: 'red', reasons: [{ value: 4, label: 'Canceled' }, { value: 5, label: 'Out-sold' }] },
  ],
} as unknown as Entity;

const action = (parameters: object[]) => ({ name: 'win', parameters }) as unknown as Action;
const record = { id: '1', version: 1, state: 'open', estimated_revenue: '500.00', actual_revenue: null, owner: { object: 'user', id: 'u', name: 'Ana' } } as FullRecord;

describe('an action dialog', () => {
  it('starts with what is likely', () => {
    const win = action([
      { name: 'actual_revenue', type: 'money' },
      { name: 'actual_close_date', type: 'date' },
      { name: 'owner', type: 'owner' },
      { name: 'keep', type: 'bool', default: true },
    ]);
    expect(startValues(entity, win, record, '2026-03-01')).toEqual({ actual_revenue: '500.00', actual_close_date: '2026-03-01', keep: true });
  });

  it('offers the reasons of the other states', () => {
    const [reason] = parameterAttributes(entity, action([{ name: 'status_reason', label: 'Reason', type: 'status_reason', required: true }]), record);
    expect(reason!.type).toBe('pick');
    expect(reason!.options!.map((option) => option.label)).toEqual(['Canceled', 'Out-sold']);
  });

  it('sends what is filled, in the shape the API takes', () => {
    const attributes = parameterAttributes(entity, action([{ name: 'owner', label: 'Owner', type: 'owner', required: true }, { name: 'note', label: 'Note', type: 'text' }]), record);
    expect(parameterBody(attributes, { owner: { object: 'user', id: 'u2', name: 'Ben' }, note: '' })).toEqual({ owner: 'u2' });
    expect(Object.keys(parameterErrors(attributes, {}))).toEqual(['owner']);
  });

  it('finds what was created', () => {
    const qualify = { name: 'qualify', makes: ['opportunity', 'account'] } as unknown as Action;
    expect(madeRefs(qualify, { account_id: 'a', opportunity_id: 'o', contact_id: null })).toEqual([{ object: 'opportunity', id: 'o', name: '' }, { object: 'account', id: 'a', name: '' }]);
    expect(madeRefs(qualify, { account_id: 'a', opportunity_id: null })).toEqual([{ object: 'account', id: 'a', name: '' }]);
    expect(madeRefs(qualify, null)).toEqual([]);
    expect(madeRefs({ ...qualify, makes: [] }, { opportunity_close_id: 'c' })).toEqual([]);
  });
});
