import { describe, expect, it } from 'vitest';

import type { Change } from '@/api/customization';
import type { Entity } from '@/metadata';
import { behaviourRows, KINDS, kindOf, meant } from './behaviours';

const behaviour = { kind: 'referential', assign: 'none', share: 'none', unshare: 'none', reparent: 'none', delete: 'remove_link', fixed: false, owned: true };
const entity = {
  name: 'contact',
  attributes: [
    { name: 'last_name', label: 'Last name', type: 'text' },
    { name: 'parent_customer', label: 'Company', type: 'customer', behaviour },
  ],
} as unknown as Entity;
const change = (more: Partial<Change>): Change => ({ id: 'c1', kind: 'behaviour', operation: 'update', object: 'contact', name: 'parent_customer', definition: {}, ...more });

describe('behaviours of relationships', () => {
  it('names each combination once', () => {
    for (const kind of KINDS) if (kind !== 'configurable') expect(kindOf(meant(kind))).toBe(kind);
    expect(kindOf({ ...meant('parental'), share: 'active' })).toBe('configurable');
    expect(kindOf({ ...meant('referential'), delete: 'cascade' })).toBe('configurable');
  });

  it('shows relationships only, as the draft has them', () => {
    expect(behaviourRows(entity, []).map((row) => [row.attribute.name, row.behaviour.kind, row.changeId])).toEqual([['parent_customer', 'referential', null]]);
    const parental = change({ definition: { label: 'Company', ...meant('parental') } });
    expect(behaviourRows(entity, [parental])[0]).toMatchObject({ changeId: 'c1', behaviour: { kind: 'parental', delete: 'cascade', owned: true } });
    const elsewhere = change({ object: 'lead', definition: meant('parental') });
    expect(behaviourRows(entity, [elsewhere])[0]!.changeId).toBeNull();
  });
});
