import { afterEach, describe, expect, it } from 'vitest';

import { setFormatting } from '@/ui/formatting';
import { attribute } from '@/testing/model';
import { addDays, clockOf, instantOf, readDay, readTime, writeDay } from './dates';
import { readDuration } from './duration';
import { plainText, toParagraphs } from './memo';
import { fieldOf } from './registry';
import { safeUrl } from './text';
import { compareDecimals, isEmpty, sameValue, writeValue } from './values';
import { formatValue, validateValue } from './components';
import type { AttributeTypeName, Option } from '@/metadata';

const use = (locale: string, dateFormat: string | null = null, timeZone = 'Europe/Berlin') => setFormatting({ locale, timeZone, currency: 'EUR', dateFormat });
afterEach(() => use('en-GB'));

const of = (type: AttributeTypeName, more = {}) => attribute('x', 'X', type, more);
const parse = (type: AttributeTypeName, text: string, more = {}) => {
  const field = of(type, more);
  const parsed = fieldOf(field).parse(text, field);
  return parsed.ok ? parsed.value : `! ${parsed.message}`;
};
const OPTIONS: Option[] = [
  { value: 1, label: 'Hot', color: 'red', active: true },
  { value: 2, label: 'Cold', color: 'blue', active: true },
];
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('reading typed and pasted text', () => {
  it('reads numbers in the locale, exact where the type is exact', () => {
    use('de-DE');
    expect(parse('money', '1.234,50')).toBe('1234.50');
    expect(parse('int', '1.234')).toBe(1234);
    expect(parse('float', '0,125')).toBe(0.125);
    expect(parse('dec', '1,239', { precision: 2 })).toContain('At most 2 decimals');
    expect(parse('int', '1,5')).toContain('whole number');
    expect(parse('int', 'many')).toContain('Enter a number');
  });

  it('keeps to the limits of the attribute', () => {
    expect(parse('int', '101', { min: 0, max: 100 })).toContain('Not more than 100');
    expect(parse('money', '-1', { min: '0' })).toContain('Not less than 0');
    expect(parse('int', '100', { min: 0, max: 100 })).toBe(100);
  });

  it('finds options by their label, whatever its case', () => {
    expect(parse('pick', ' hot ', { options: OPTIONS })).toBe(1);
    expect(parse('pick', 'warm', { options: OPTIONS })).toContain('“warm” is not one of the options');
    expect(parse('multi', 'Cold; hot', { options: OPTIONS })).toEqual([2, 1]);
  });

  it('reads yes and no in the languages people paste', () => {
    expect([parse('bool', 'Ja'), parse('bool', 'x'), parse('bool', '0'), parse('bool', '')]).toEqual([true, true, false, null]);
    expect(parse('bool', 'perhaps')).toContain('Yes / No');
  });

  it('refuses what is no address, phone number or web address', () => {
    expect(parse('text', 'ana@example.com', { format: 'email' })).toBe('ana@example.com');
    expect(parse('text', 'ana@', { format: 'email' })).toContain('e-mail address');
    expect(parse('text', '+49 (30) 123-45 ext. 6', { format: 'phone' })).toBe('+49 (30) 123-45 ext. 6');
    expect(parse('text', 'call me', { format: 'phone' })).toContain('phone number');
    expect(parse('text', 'example.com', { format: 'url' })).toBe('example.com');
    expect(parse('text', 'javascript:alert(1)', { format: 'url' })).toContain('web address');
    expect(parse('text', 'abcdef', { max_length: 5 })).toContain('At most 5 characters');
  });

  it('does not take a name for a record', () => {
    expect(parse('lookup', 'Nordwind', { targets: ['account'] })).toContain('! ');
    expect(parse('lookup', '')).toBeNull();
  });
});

describe('showing as text', () => {
  it('writes each type for people', () => {
    use('de-DE', 'DD.MM.YYYY');
    expect(plain(formatValue(of('money'), '1054.00', { record: { id: '1', currency: { object: 'currency', id: 'c', name: 'SEK' } } }))).toBe('1.054,00 SEK');
    expect(plain(formatValue(attribute('value_base', 'Base', 'money'), '5', { record: { id: '1', currency: 'SEK' } }))).toBe('5,00 €');
    expect(formatValue(of('date'), '2026-11-22')).toBe('22.11.2026');
    expect(formatValue(of('multi', { options: OPTIONS }), [2, 1])).toBe('Cold, Hot');
    expect(formatValue(of('pick', { options: OPTIONS }), 9)).toBe('9');
    expect(formatValue(of('owner'), { object: 'user', id: 'u', name: 'Ana' })).toBe('Ana');
    expect(formatValue(of('duration'), 90)).toBe('1 h 30 min');
    expect(formatValue(of('bool'), null)).toBe('');
    expect(formatValue(of('memo', { format: 'rich' }), '<p>One</p><p>Two &amp; three</p>')).toBe('One\nTwo & three');
  });
});

describe('comparing', () => {
  const sorted = (type: AttributeTypeName, values: unknown[], more = {}) => {
    const field = of(type, more);
    return [...values].sort((a, b) => fieldOf(field).compare(a, b, field));
  };

  it('puts empty first, numbers by value, options in their order, names by language', () => {
    expect(sorted('money', ['10.00', null, '9.50'])).toEqual([null, '9.50', '10.00']);
    expect(sorted('pick', [2, 1, null], { options: OPTIONS })).toEqual([null, 1, 2]);
    expect(sorted('text', ['item 10', 'Item 2', ''])).toEqual(['', 'Item 2', 'item 10']);
    expect(sorted('datetime', ['2026-01-02T00:00:00Z', '2026-01-01T00:00:00+02:00'])[0]).toBe('2026-01-01T00:00:00+02:00');
  });

  it('tells decimals apart that floats cannot', () => {
    expect(compareDecimals('9007199254740993', '9007199254740992')).toBeGreaterThan(0);
    expect(compareDecimals('-2', '-10')).toBeGreaterThan(0);
  });
});

describe('values', () => {
  it('knows what is empty and what is the same', () => {
    expect([null, undefined, '', []].every(isEmpty)).toBe(true);
    expect([0, false, '0'].some(isEmpty)).toBe(false);
    expect(sameValue({ object: 'account', id: '1', name: 'A' }, { object: 'account', id: '1', name: 'renamed' })).toBe(true);
    expect(sameValue([1, 2], [1, 2])).toBe(true);
    expect(sameValue('', null)).toBe(true);
    expect(sameValue(0, null)).toBe(false);
  });

  it('writes references by id, where the object is not clear with the object', () => {
    const ref = { object: 'contact', id: '7', name: 'Ana' };
    expect(writeValue(of('lookup'), ref)).toBe('7');
    expect(writeValue(of('customer'), ref)).toEqual({ object: 'contact', id: '7' });
    expect(writeValue(of('owner'), null)).toBeNull();
    expect(writeValue(of('file'), { id: 'f', name: 'a.pdf', size: 1, mime_type: 'x', url: '/' })).toBe('f');
    expect(writeValue(of('text'), '')).toBeNull();
    expect(writeValue(of('bool'), false)).toBe(false);
  });

  it('says what is missing', () => {
    expect(validateValue(of('text', { required: true }), '  '.trim())).toBe('X is required');
    expect(validateValue(of('bool', { required: true }), null)).toBeNull();
    expect(validateValue(of('date'), 'tomorrow')).toContain('Enter a date as');
  });
});

describe('days and clocks', () => {
  it("reads days in the user's order, ISO, shifts and short years", () => {
    use('de-DE', 'DD.MM.YYYY');
    expect(readDay('3.4.26')).toBe('2026-04-03');
    expect(readDay('2026-4-3')).toBe('2026-04-03');
    expect(readDay('31.02.2026')).toBeNull();
    expect(readDay('3 April')).toBeNull();
    use('en-US');
    expect(readDay('3/4/2026')).toBe('2026-03-04');
    expect(writeDay('2026-03-04')).toBe('03/04/2026');
    expect(readDay('+1')).toBe(addDays(readDay('+0')!, 1));
  });

  it('reads times as people type them', () => {
    expect(['9', '930', '9:30', '21.15', '9 pm', '12am', '12 pm'].map(readTime)).toEqual(['09:00', '09:30', '09:30', '21:15', '21:00', '00:00', '12:00']);
    expect(['25:00', '9:70', 'noon', '13 pm'].map(readTime)).toEqual([null, null, null, null]);
  });

  it('moves between the clock of a zone and instants, over the changes of summer time', () => {
    const zone = 'Europe/Berlin';
    expect(instantOf('2026-07-01', '12:00', zone)).toBe('2026-07-01T10:00:00Z');
    expect(instantOf('2026-12-01', '12:00', zone)).toBe('2026-12-01T11:00:00Z');
    // Skipped hour: forward by the change. Hour that exists twice: the first one.
    expect(instantOf('2026-03-29', '02:30', zone)).toBe('2026-03-29T01:30:00Z');
    expect(instantOf('2026-10-25', '02:30', zone)).toBe('2026-10-25T00:30:00Z');
    for (const [day, time] of [['2026-03-29', '03:00'], ['2026-10-25', '03:00'], ['2026-10-25', '01:59'], ['2026-06-30', '23:59']] as const) {
      expect(clockOf(instantOf(day, time, zone), zone).time).toBe(time);
    }
  });

  it('reads durations', () => {
    expect(['90', '1:30', '1h 30m', '1.5 h', '1,5 Std', '2d', '45 min'].map(readDuration)).toEqual([90, 90, 90, 90, 90, 2880, 45]);
    expect(['soon', '1.5', '1h x'].map(readDuration)).toEqual([null, null, null]);
  });
});

describe('text of strangers', () => {
  it('opens http addresses only', () => {
    expect(safeUrl('example.com/a')).toBe('https://example.com/a');
    expect(safeUrl('localhost:8000')).toBe('https://localhost:8000/');
    expect([safeUrl('javascript:alert(1)'), safeUrl('data:text/html,x'), safeUrl('https://')]).toEqual([null, null, null]);
  });

  it('goes from mark-up to text and back without mark-up slipping in', () => {
    expect(plainText('<p>a<br>b</p><p>c</p>')).toBe('a\nb\nc');
    expect(toParagraphs('a <b>\nb\n\nc')).toBe('<p>a &lt;b&gt;<br>b</p><p>c</p>');
  });
});
