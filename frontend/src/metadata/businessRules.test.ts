import { describe, expect, it } from 'vitest';

import type { Filter } from '@/api';
import { effectsOn, evaluateRules, holds, ruleMessage, settled, underRules, type Effects } from './businessRules';
import cases from './businessRules.cases.json';
import type { Attribute, BusinessRule, Entity } from './types';

const types: Record<string, string> = cases.types;
const typeOf = (name: string) => types[name];
const NOTHING: Effects = { required: [], recommended: [], hidden: [], locked: [], values: {}, holding: [], violations: [] };

describe('conditions', () => {
  it.each(cases.conditions as unknown as [string, Filter | null, Record<string, unknown>, boolean][])('%s', (_name, tree, values, expected) => {
    expect(holds(typeOf, tree, values)).toBe(expected);
  });
});

describe('rules', () => {
  it.each(cases.rules.map((entry) => [entry.name, entry] as const))('%s', (_name, entry) => {
    const effects = evaluateRules(typeOf, entry.rules as unknown as BusinessRule[], entry.values, { before: entry.before, changed: entry.changed });
    expect(effects).toEqual({ ...NOTHING, ...entry.effects });
  });

  it('say their own message', () => {
    const rules: BusinessRule[] = [{ key: 'r', when: null, then: [{ action: 'error', attribute: null, message: 'No' }] }];
    expect(ruleMessage(rules, { rule: 'r', attribute: null, code: 'rule.refused' })).toBe('No');
    expect(ruleMessage(rules, { rule: 'r', attribute: 'x', code: 'value.required' })).toBeNull();
  });
});

describe('in a form', () => {
  const attribute = (name: string, more: Partial<Attribute> = {}) => ({ name, label: name, type: types[name], required: false, recommended: false, ...more }) as Attribute;
  const entity = (rules: BusinessRule[]) => ({ attributes: Object.keys(types).map((name) => attribute(name)), states: [{ value: 'open', reasons: [{ value: 4 }, { value: 5, default: true }] }], rules }) as unknown as Entity;
  const filled = entity([{ key: 'r', when: { attribute: 'won', operator: 'eq', value: true }, then: [{ action: 'default', attribute: 'reason', value: 'Price' }, { action: 'require', attribute: 'due' }] }]);

  it('a default fills once, and may be emptied again', () => {
    expect(settled(filled, { won: true }, null, [])).toEqual({ won: true, reason: 'Price' });
    expect(settled(filled, { won: true, reason: '' }, null, ['r'])).toEqual({ won: true, reason: '' });
    expect(settled(filled, { won: true }, { won: false }, [])).toEqual({ won: true });
  });

  it('what is set stays set while the rule holds', () => {
    const set = entity([{ key: 'r', when: null, then: [{ action: 'set', attribute: 'level', value: 2 }] }]);
    expect(settled(set, { level: 1 }, null, ['r'])).toEqual({ level: 2 });
  });

  it('an attribute is required while a rule says so and it can be seen', () => {
    const effects = effectsOn(filled, { won: true });
    expect(underRules(attribute('due'), effects).required).toBe(true);
    expect(underRules(attribute('due'), { ...effects, hidden: ['due'] }).required).toBe(false);
    expect(underRules(attribute('name'), effects).required).toBe(false);
  });

  it('a new record belongs to who makes it and has the base currency, which rules see as the server does', () => {
    const maker = { user: { id: 'U1', name: 'Ada' }, workspace: { currency: 'EUR' } };
    const more = ['owner', 'currency', 'exchange_rate', 'price'].map((name) => ({ ...attribute(name), type: { owner: 'owner', price: 'money', exchange_rate: 'dec' }[name] ?? 'text' }) as Attribute);
    const asked = entity([
      { key: 'mine', when: { attribute: 'owner', operator: 'eq', value: 'u1' }, then: [{ action: 'require', attribute: 'due' }] },
      { key: 'base', when: { attribute: 'currency', operator: 'eq', value: 'EUR' }, then: [{ action: 'hide', attribute: 'reason' }, { action: 'default', attribute: 'currency', value: 'USD' }] },
    ]);
    const owned = { ...asked, attributes: [...asked.attributes, ...more] } as Entity;
    for (const values of [{}, { owner: null, currency: '' }]) {
      const effects = effectsOn(owned, values, { maker });
      expect([effects.holding, effects.required, effects.hidden, effects.values]).toEqual([['mine', 'base'], ['due'], ['reason'], {}]);
    }
    const other = { owner: { object: 'user', id: 'U2', name: 'Bea' }, currency: 'USD' };
    expect(effectsOn(owned, other, { maker }).holding).toEqual([]);
    expect(effectsOn(owned, { owner: null }, { before: { owner: null }, maker }).holding).toEqual([]);
    // organisation-owned, without amounts: nothing is filled in; a part takes both from its whole
    expect(effectsOn(asked, {}, { maker }).holding).toEqual([]);
    const whole = { ...attribute('whole', { required: true, create_only: true }), type: 'lookup', behaviour: { kind: 'parental' } } as unknown as Attribute;
    expect(effectsOn({ ...owned, attributes: [...owned.attributes, whole] } as Entity, {}, { maker }).holding).toEqual([]);
    expect(settled(owned, {}, null, [], maker)).toEqual({});
  });

  it('a new record begins in the first state, which rules see as the server does', () => {
    const asked = entity([{ key: 'r', when: { attribute: 'status_reason', operator: 'eq', value: 5 }, then: [{ action: 'require', attribute: 'due' }] }]);
    const withReason = { ...asked, attributes: [...asked.attributes, { ...attribute('status_reason'), type: 'status_reason' }] } as Entity;
    expect(effectsOn(withReason, {}).required).toEqual(['due']);
    expect(effectsOn(withReason, { status_reason: 4 }, { before: { status_reason: 4 } }).required).toEqual([]);
  });

  it('without rules there is nothing to do', () => {
    const plain = entity([]);
    const values = { won: true };
    expect(settled(plain, values, null, [])).toBe(values);
    expect(effectsOn(plain, values)).toEqual(NOTHING);
  });
});
