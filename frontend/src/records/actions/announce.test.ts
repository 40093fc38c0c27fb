import { beforeAll, describe, expect, it } from 'vitest';

import type { ActionAnswer } from '@/api';
import { setLanguage } from '@/i18n';
import type { Action, Entity } from '@/metadata';
import { outcome } from './announce';

const entity = {
  label: 'Lead', primary_attribute: 'topic', attributes: [],
  states: [{ value: 'open', label: 'Open' }, { value: 'qualified', label: 'Qualified' }],
} as unknown as Entity;
const answer = (record: object | null) => ({ record, result: null, warnings: [] }) as unknown as ActionAnswer;
const action = (states: string[]) => ({ label: 'Qualify', states }) as unknown as Action;

beforeAll(() => setLanguage('en'));

describe('what an action did', () => {
  it('is the state it led to', () => {
    expect(outcome(entity, action(['open']), answer({ id: 'x', topic: 'Ferry', state: 'qualified' }))).toBe('Ferry is now Qualified');
  });

  it('is its name where the state stays', () => {
    expect(outcome(entity, action(['open']), answer({ id: 'x', topic: 'Ferry', state: 'open' }))).toBe('Ferry: Qualify done');
    expect(outcome(entity, action([]), answer(null))).toBe('Lead: Qualify done');
  });
});
