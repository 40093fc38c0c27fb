import { describe, expect, it } from 'vitest';

import type { Change } from '@/api/customization';
import { linkRows } from './links';

const sponsors = { label: 'Boats', target: 'c_boat', reverse_label: 'Sponsors' };
const change = (more: Partial<Change>): Change => ({ id: 'x', kind: 'relationship', operation: 'create', object: 'account', name: 'c_new', definition: sponsors, ...more });

describe('many-to-many relationships', () => {
  it('stand on both objects, with the draft', () => {
    const stored = { account: { c_boats: sponsors } };
    expect(linkRows('account', stored, []).map((row) => row.key)).toEqual(['c_boats']);
    expect(linkRows('c_boat', stored, []).map((row) => row.key)).toEqual(['c_boats']);
    expect(linkRows('contact', stored, [])).toEqual([]);
    expect(linkRows('c_boat', stored, [change({})]).map((row) => [row.key, row.draft])).toEqual([['c_boats', null], ['c_new', 'new']]);
    expect(linkRows('account', stored, [change({ operation: 'delete', name: 'c_boats', definition: {} })])[0]).toMatchObject({ draft: 'deleted', changeId: 'x', definition: sponsors });
    expect(linkRows('account', stored, [change({ operation: 'update', name: 'c_boats', definition: { ...sponsors, label: 'Ships' } })])[0]).toMatchObject({ draft: 'changed', definition: { label: 'Ships' } });
  });
});
