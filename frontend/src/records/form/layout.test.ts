import { describe, expect, it } from 'vitest';

import type { Entity } from '@/metadata';
import { namesOf, placedTabs, quickCreateNames } from './layout';

const attributes = [
  { name: 'name', type: 'text', required: true, default: null },
  { name: 'email', type: 'text', required: false, default: null },
  { name: 'kind', type: 'pick', required: true, default: 1 },
  { name: 'region', type: 'pick', required: true, default: null },
  { name: 'number', type: 'auto', required: true, default: null },
  { name: 'created_at', type: 'datetime', system: true, read_only: true },
];
const entity = (forms: unknown) => ({ label: 'Account', primary_attribute: 'name', attributes, forms }) as unknown as Entity;

describe('the form of an object', () => {
  it('leaves out attributes that are gone and what is empty without them', () => {
    const tabs = placedTabs(
      entity({
        main: {
          tabs: [
            { label: 'General', sections: [{ label: 'Details', columns: 9, attributes: ['name', 'gone'] }, { label: 'Old', columns: 1, attributes: ['gone'] }] },
            { label: 'Empty', sections: [{ label: 'x', columns: 1, attributes: ['gone'] }] },
          ],
        },
        quick_create: [],
      }),
    );
    expect(tabs).toHaveLength(1);
    expect(tabs[0]!.sections.map((section) => [section.label, section.columns])).toEqual([['Details', 4]]);
    expect(namesOf(tabs)).toEqual(['name']);
  });

  it('shows everything but system attributes when nobody designed one', () => {
    expect(namesOf(placedTabs(entity({ main: { tabs: [] }, quick_create: [] })))).toEqual(['name', 'email', 'kind', 'region', 'number']);
  });
});

describe('quick create', () => {
  it('asks for what is declared and for what else the server would refuse', () => {
    expect(quickCreateNames(entity({ main: { tabs: [] }, quick_create: ['email', 'name', 'gone'] }))).toEqual(['email', 'name', 'region']);
    expect(quickCreateNames(entity({ main: { tabs: [] }, quick_create: [] }))).toEqual(['name', 'region']);
  });
});
