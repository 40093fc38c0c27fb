import { describe, expect, it } from 'vitest';

import type { Attribute } from '@/metadata';
import { arityOf, convertValue, defaultOperator, groupOf, inUnit, isComplete, operatorsOf, unitOf } from './operators';

const attribute = (type: string, operators: string[]) => ({ name: 'a', label: 'A', type, operators }) as Attribute;

describe('isComplete', () => {
  it.each([
    [{ attribute: 'a', operator: 'eq', value: 0 }, true],
    [{ attribute: 'a', operator: 'eq', value: false }, true],
    [{ attribute: 'a', operator: 'eq', value: '' }, false],
    [{ attribute: 'a', operator: 'eq', value: [1] }, false],
    [{ attribute: 'a', operator: 'in', value: [] }, false],
    [{ attribute: 'a', operator: 'in', value: [1] }, true],
    [{ attribute: 'a', operator: 'between', value: [1, ''] }, false],
    [{ attribute: 'a', operator: 'between', value: [0, 1] }, true],
    [{ attribute: 'a', operator: 'last_n_days', value: 7 }, true],
    [{ attribute: 'a', operator: 'last_n_days', value: 1.5 }, false],
    [{ attribute: 'a', operator: 'today' }, true],
    [{ attribute: '', operator: 'today' }, false],
  ])('%o → %s', (condition, complete) => {
    expect(isComplete(condition)).toBe(complete);
  });
});

describe('operators', () => {
  it('offer choices with in, text and numbers with eq', () => {
    expect(operatorsOf(attribute('pick', ['eq', 'ne', 'in', 'not_in', 'empty', 'not_empty']))).toEqual(['in', 'not_in', 'empty', 'not_empty']);
    expect(operatorsOf(attribute('lookup', ['eq', 'empty']))).toEqual(['eq', 'empty']);
    expect(operatorsOf(attribute('int', ['eq', 'in', 'between', 'gt', 'empty']))).toEqual(['eq', 'gt', 'between', 'empty']);
  });

  it('start with the one people mean most', () => {
    expect(defaultOperator(attribute('text', ['eq', 'contains']))).toBe('contains');
    expect(defaultOperator(attribute('date', ['on', 'on_or_after']))).toBe('on_or_after');
    expect(defaultOperator(attribute('pick', ['eq', 'in']))).toBe('in');
  });

  it('count in one unit in the list, with the unit beside the number', () => {
    expect(operatorsOf(attribute('date', ['on', 'last_n_days', 'last_n_weeks', 'older_than_n_days', 'older_than_n_years']))).toEqual(['on', 'last_n_days', 'older_than_n_days']);
    expect(inUnit('older_than_n_days', 'months')).toBe('older_than_n_months');
    expect(inUnit('today', 'months')).toBe('today');
    expect(unitOf('next_n_years')).toBe('years');
    expect(unitOf('this_year')).toBeNull();
    expect(convertValue(3, 'last_n_days', 'last_n_months')).toBe(3);
  });

  it('know what they take', () => {
    expect(arityOf('has_none')).toBe('list');
    expect(arityOf('older_than_n_days')).toBe('days');
    expect(arityOf('next_quarter')).toBe('none');
    expect(arityOf('under')).toBe('one');
    expect(arityOf('older_than_n_months')).toBe('days');
    expect(arityOf('this_fiscal_quarter')).toBe('none');
    expect(arityOf('my_unit_and_below')).toBe('none');
    expect(groupOf('last_n_days')).toBe('relative');
    expect(groupOf('next_n_weeks')).toBe('relative');
    expect(groupOf('le')).toBe('compare');
    expect(groupOf('not_empty')).toBe('presence');
  });
});

describe('convertValue', () => {
  it('keeps what the new operator can use', () => {
    expect(convertValue(5, 'eq', 'gt')).toBe(5);
    expect(convertValue(5, 'eq', 'in')).toEqual([5]);
    expect(convertValue([5, 6], 'in', 'eq')).toBe(5);
    expect(convertValue([5, 6], 'in', 'not_in')).toEqual([5, 6]);
    expect(convertValue(5, 'ge', 'between')).toEqual([5, '']);
    expect(convertValue(7, 'last_n_days', 'on')).toBeUndefined();
    expect(convertValue('x', 'eq', 'empty')).toBeUndefined();
  });
});
