import { describe, expect, it } from 'vitest';

import { bulkTarget, EVERYTHING, headerState, isNothing, isSelected, NOTHING, selectedCount, toggled, withRange, withRows } from './selection';

const order = ['a', 'b', 'c', 'd', 'e'];

describe('selection', () => {
  it('toggles rows one by one', () => {
    const one = toggled(NOTHING, 'b');
    expect(isSelected(one, 'b')).toBe(true);
    expect(isNothing(toggled(one, 'b'))).toBe(true);
  });

  it('selects and deselects ranges by shift in both directions', () => {
    const first = toggled(NOTHING, 'd');
    const range = withRange(first, order, 'd', 'b');
    expect(order.filter((id) => isSelected(range, id))).toEqual(['b', 'c', 'd']);
    const back = withRange(range, order, 'b', 'c');
    expect(order.filter((id) => isSelected(back, id))).toEqual(['d']);
  });

  it('treats a lost anchor as a plain click', () => {
    expect(order.filter((id) => isSelected(withRange(NOTHING, order, 'gone', 'c'), id))).toEqual(['c']);
  });

  it('keeps rows that are no longer shown', () => {
    const kept = withRows(toggled(NOTHING, 'elsewhere'), ['a'], true);
    expect(selectedCount(kept, 5)).toBe(2);
  });

  it('selects everything that matches except what is taken out', () => {
    const most = withRows(EVERYTHING, ['a', 'b'], false);
    expect(isSelected(most, 'a')).toBe(false);
    expect(isSelected(most, 'not loaded yet')).toBe(true);
    expect(selectedCount(most, 4812)).toBe(4810);
    expect(selectedCount(most, null)).toBeNull();
    expect(isSelected(toggled(most, 'a'), 'a')).toBe(true);
  });

  it('shows the header box as none, some or all', () => {
    expect(headerState(NOTHING, order)).toBe('none');
    expect(headerState(toggled(NOTHING, 'a'), order)).toBe('some');
    expect(headerState(withRows(NOTHING, order, true), order)).toBe('all');
    expect(headerState(withRows(EVERYTHING, ['a'], false), order)).toBe('some');
    expect(headerState(toggled(NOTHING, 'elsewhere'), order)).toBe('none');
    expect(headerState(EVERYTHING, [])).toBe('none');
  });
});

describe('bulkTarget', () => {
  it('names rows, or describes them by the filter without the excepted ones', () => {
    expect(bulkTarget(withRows(NOTHING, ['a', 'b'], true), null, 'x')).toEqual({ ids: ['a', 'b'] });
    const filter = { attribute: 'rating', operator: 'eq', value: 1 };
    expect(bulkTarget(EVERYTHING, filter, 'nord')).toEqual({ ids: null, filter, q: 'nord' });
    expect(bulkTarget(withRows(EVERYTHING, ['a'], false), filter, '')).toEqual({
      ids: null,
      filter: { and: [filter, { attribute: 'id', operator: 'not_in', value: ['a'] }] },
      q: undefined,
    });
  });

  it('refuses more exceptions than the API can take', () => {
    const many = withRows(EVERYTHING, Array.from({ length: 1001 }, (_, index) => String(index)), false);
    expect(() => bulkTarget(many, null, '')).toThrow(RangeError);
  });
});
