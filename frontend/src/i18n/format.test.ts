import { describe, expect, it } from 'vitest';

import { formatMessage } from './format';

describe('formatMessage', () => {
  it('fills names and groups numbers by language', () => {
    expect(formatMessage('en', 'Hello {name}', { name: 'Ana' })).toBe('Hello Ana');
    expect(formatMessage('en', '{n} rows', { n: 4812 })).toBe('4,812 rows');
    expect(formatMessage('de', '{n} Zeilen', { n: 4812 })).toBe('4.812 Zeilen');
  });

  it('chooses the plural of the language', () => {
    const en = '{count, plural, one {# row} other {# rows}}';
    expect(formatMessage('en', en, { count: 1 })).toBe('1 row');
    expect(formatMessage('en', en, { count: 0 })).toBe('0 rows');
    const ru = '{count, plural, one {# строка} few {# строки} many {# строк} other {# строки}}';
    expect([1, 2, 5, 21].map((count) => formatMessage('ru', ru, { count }))).toEqual(['1 строка', '2 строки', '5 строк', '21 строка']);
  });

  it('prefers an exact number and fills parameters inside a branch', () => {
    const message = '{count, plural, =0 {Nobody in {team}} one {One in {team}} other {# in {team}}}';
    expect(formatMessage('en', message, { count: 0, team: 'Sales' })).toBe('Nobody in Sales');
    expect(formatMessage('en', message, { count: 3, team: 'Sales' })).toBe('3 in Sales');
  });

  it('keeps what it has no value for and refuses broken braces', () => {
    expect(formatMessage('en', 'Hello {name}')).toBe('Hello {name}');
    expect(() => formatMessage('en', 'Hello {name', { name: 'x' })).toThrow('Unbalanced');
  });
});
