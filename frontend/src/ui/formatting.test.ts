import { afterEach, describe, expect, it } from 'vitest';

import { dayOf, formatBytes, formatDate, formatDateTime, formatDuration, formatMoney, formatNumber, formatRelative, parseNumber, setFormatting } from './formatting';

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');
const use = (locale: string, more: Partial<Parameters<typeof setFormatting>[0]> = {}) => setFormatting({ locale, timeZone: 'Europe/Berlin', currency: 'EUR', dateFormat: null, ...more });

afterEach(() => use('en-GB'));

describe('numbers and money', () => {
  it('never mixes two notations, as English in Germany would', () => {
    use('en-DE');
    expect(formatNumber('1234567.5', 2)).toBe('1,234,567.50');
    expect(formatMoney('1234567.5')).toBe('€1,234,567.50');
    expect(parseNumber('1,234.5')).toBe('1234.5');
    use('de-AT');
    expect(plain(formatMoney('1054'))).toBe('€ 1.054,00');
  });

  it('writes by locale', () => {
    use('de-DE');
    expect(formatNumber('1234567.5', 2)).toBe('1.234.567,50');
    expect(plain(formatMoney('-1054.00'))).toBe('-1.054,00 €');
    use('en-US', { currency: 'USD' });
    expect(formatMoney('1054')).toBe('$1,054.00');
    use('sv-SE', { currency: 'SEK' });
    expect(plain(formatMoney('1054'))).toBe('1 054,00 kr');
  });

  it('loses no digit of a long decimal', () => {
    use('en-GB');
    expect(formatNumber('9007199254740993.10', 2)).toBe('9,007,199,254,740,993.10');
  });

  it('writes an unknown currency by its code and nothing for nothing', () => {
    expect(formatMoney('5', 'nope')).toBe('5.00 nope');
    expect(formatMoney(null)).toBe('');
    expect(formatNumber('')).toBe('');
  });

  it.each([
    ['de-DE', '1.234,56', '1234.56'],
    ['de-DE', '1.234', '1234'],
    ['de-DE', '12,5', '12.5'],
    ['de-DE', '12.5', '12.5'],
    ['de-DE', '1 234,5 €', '1234.5'],
    ['en-GB', '1,234.56', '1234.56'],
    ['en-GB', '1,234', '1234'],
    ['en-GB', '12,5', '12.5'],
    ['en-GB', '−3', '-3'],
    ['en-GB', '.5', '0.5'],
    ['en-GB', '1,234,567', '1234567'],
    ['en-GB', '$ 12', '12'],
    ['en-GB', 'twelve', null],
    ['en-GB', '1.2.3x', null],
    ['en-GB', '', null],
  ])('%s reads %j as %j', (locale, text, expected) => {
    use(locale);
    expect(parseNumber(text)).toBe(expected);
  });
});

describe('days and times', () => {
  it('keeps a calendar day whatever the zone', () => {
    use('en-GB', { timeZone: 'Pacific/Kiritimati' });
    expect(formatDate('2026-03-01')).toBe('1 Mar 2026');
    use('en-GB', { timeZone: 'America/Los_Angeles' });
    expect(formatDate('2026-03-01')).toBe('1 Mar 2026');
  });

  it("writes an instant on the user's clock and in the user's pattern", () => {
    use('de-DE', { dateFormat: 'DD.MM.YYYY' });
    expect(formatDateTime('2026-11-22T23:30:00Z')).toBe('23.11.2026, 00:30');
    expect(dayOf('2026-11-22T23:30:00Z')).toBe('2026-11-23');
  });

  it('falls back to UTC for a zone the browser does not know', () => {
    use('en-GB', { timeZone: 'Mars/Olympus' });
    expect(formatDateTime('2026-11-22T10:00:00Z')).toBe('22 Nov 2026, 10:00');
  });

  it('writes nothing for nothing or nonsense', () => {
    expect([formatDate(null), formatDate('soon'), formatDateTime('soon'), formatDateTime(null)]).toEqual(['', '', '', '']);
  });

  it('says how long ago', () => {
    const now = Date.parse('2026-11-22T12:00:00Z');
    expect(formatRelative('2026-11-22T11:59:40Z', now)).toBe('now');
    expect(formatRelative('2026-11-20T12:00:00Z', now)).toBe('2 days ago');
  });

  it('writes durations and sizes', () => {
    expect(formatDuration(95, 'h', 'min')).toBe('1 h 35 min');
    expect(formatDuration(0, 'h', 'min')).toBe('0 min');
    expect(formatDuration(-60, 'h', 'min')).toBe('−1 h');
    expect(plain(formatBytes(1_250_000))).toBe('1.3 MB');
    expect(plain(formatBytes(14))).toBe('14 bytes');
  });
});
