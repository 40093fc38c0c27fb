import { describe, expect, it } from 'vitest';

import { allOf, drillPath, peopleOf, periodFilters, readScope, whoseFilters } from './scope';

const people = peopleOf(
  [
    { id: 'm', full_name: 'Melvin Marxen', region: 1, manager: null },
    { id: 'd', full_name: 'Darcel Schlecht', region: 1, manager: { object: 'user', id: 'm', name: 'Melvin Marxen' } },
    { id: 'v', full_name: 'Vicki Laflamme', region: 2, manager: { object: 'user', id: 'x', name: 'Celia Rouche' } },
  ],
  (value) => (value === 1 ? 'Central' : 'West'),
);

describe('readScope', () => {
  it('reads the address and falls back to what the user prefers', () => {
    expect(readScope({ period: 'this_year', whose: 'me' }, 'all')).toEqual({ period: 'this_year', from: null, to: null, whose: 'me' });
    expect(readScope({ period: 'nonsense', from: 'x' }, 'last_12')).toEqual({ period: 'last_12', from: null, to: null, whose: 'all' });
  });
});

describe('filters', () => {
  it('of the period', () => {
    const scope = readScope({}, 'all');
    expect(periodFilters(scope, 'd')).toEqual([]);
    expect(periodFilters({ ...scope, period: 'last_quarter' }, 'd')).toEqual([{ attribute: 'd', operator: 'last_quarter' }]);
    expect(periodFilters({ ...scope, period: 'last_12' }, 'd')).toEqual([{ attribute: 'd', operator: 'last_n_days', value: 365 }]);
    expect(periodFilters({ ...scope, period: 'custom', from: '2017-01-01' }, 'd')).toEqual([{ attribute: 'd', operator: 'on_or_after', value: '2017-01-01' }]);
  });

  it('of whose records, a manager standing for the whole team', () => {
    expect(whoseFilters('all', people)).toEqual([]);
    expect(whoseFilters('unit', people)).toEqual([{ attribute: 'owner', operator: 'my_unit' }]);
    expect(whoseFilters('manager:m', people)).toEqual([{ attribute: 'owner', operator: 'in', value: ['m', 'd'] }]);
    expect(whoseFilters('manager:x', people)).toEqual([{ attribute: 'owner', operator: 'in', value: ['v', 'x'] }]);
    expect(whoseFilters('region:Central', people)).toEqual([{ attribute: 'owner', operator: 'in', value: ['m', 'd'] }]);
  });

  it('joined without needless nesting', () => {
    const won = { attribute: 'state', operator: 'eq', value: 'won' };
    expect(allOf(won, [])).toEqual(won);
    expect(allOf({ and: [won] }, [{ attribute: 'owner', operator: 'me' }], null)).toEqual({ and: [won, { attribute: 'owner', operator: 'me' }] });
  });
});

it('links to a list with the same filter', () => {
  const path = drillPath('leads', { attribute: 'rating', operator: 'eq', value: 1 }, ['topic', 'rating'], '-created_at');
  const search = new URL(path, 'http://x').searchParams;
  expect(JSON.parse(search.get('filter')!)).toEqual({ attribute: 'rating', operator: 'eq', value: 1 });
  expect([search.get('view'), search.get('columns'), search.get('order')]).toEqual(['all', 'topic,rating', '-created_at']);
});
