import { describe, expect, it } from 'vitest';

import type { Translate } from '@/i18n';
import type { Entity } from '@/metadata';
import { comparisonsOf, describeCondition } from './describe';

const t = ((key: string, params?: Record<string, unknown>) => `${key.split('.').pop()}${params?.n ? ` ${String(params.n)}` : ''}`) as Translate;
const account = { attributes: [{ name: 'name', label: 'Account name' }] } as unknown as Entity;
const lead = { attributes: [{ name: 'company_name', label: 'Company' }] } as unknown as Entity;

describe('describeCondition', () => {
  it('names both fields where they differ', () => {
    const condition = { attribute: 'company_name', matching_attribute: 'name', operator: 'company', n: null, ignore_blank: true } as const;
    expect(describeCondition(t, condition, lead, account)).toBe('Company = Account name: company');
  });
  it('says how many characters count', () => {
    const condition = { attribute: 'name', matching_attribute: 'name', operator: 'begins', n: 4, ignore_blank: true } as const;
    expect(describeCondition(t, condition, account, account)).toBe('Account name: begins 4');
  });
});

describe('comparisonsOf', () => {
  it('offers what suits the field', () => {
    expect(comparisonsOf({ type: 'file' })).toEqual([]);
    expect(comparisonsOf({ type: 'date' })).toEqual(['same', 'same_date']);
    expect(comparisonsOf({ type: 'money' })).toEqual(['same']);
    expect(comparisonsOf({ type: 'text', format: 'email' })).toContain('email');
    expect(comparisonsOf({ type: 'text', format: 'phone' })).not.toContain('email');
  });
});
