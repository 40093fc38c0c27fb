/** Reading typed days and times, and moving between the user's zone and instants. */
import { dayOf, formatting, today } from '@/ui/formatting';

const DAY_MS = 86_400_000;
const pad = (n: number) => String(n).padStart(2, '0');

/** The pattern days are typed in: the user's own, else the locale's, as `DD.MM.YYYY`. */
export function datePattern(): string {
  const { dateFormat, locale } = formatting();
  if (dateFormat && /YYYY/.test(dateFormat) && /MM/.test(dateFormat) && /DD/.test(dateFormat)) return dateFormat;
  return new Intl.DateTimeFormat(locale, { timeZone: 'UTC', year: 'numeric', month: '2-digit', day: '2-digit' })
    .formatToParts(Date.UTC(2001, 10, 22))
    .map((part) => ({ year: 'YYYY', month: 'MM', day: 'DD' })[part.type as 'year'] ?? part.value)
    .join('');
}

/** A day in the pattern in which it is typed. */
export function writeDay(iso: string | null | undefined): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso ?? '');
  return match ? datePattern().replace('YYYY', match[1]!).replace('MM', match[2]!).replace('DD', match[3]!) : '';
}

function isoDay(year: number, month: number, day: number): string | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  const real = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return real && year > 0 && year <= 9999 ? `${String(year).padStart(4, '0')}-${pad(month)}-${pad(day)}` : null;
}

/** A day moved by some days, `YYYY-MM-DD`. */
export function addDays(iso: string, days: number): string {
  const date = new Date(`${iso}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** `YYYY-MM-DD` from ISO, the user's pattern, `+3` (days from today) or a day and month of this year; null if unreadable. */
export function readDay(text: string): string | null {
  const typed = text.trim();
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})/.exec(typed);
  if (iso) return isoDay(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const shift = /^([+-])(\d{1,4})$/.exec(typed);
  if (shift) return addDays(today(), Number(shift[1] + shift[2]!));
  const numbers = typed.match(/\d+/g)?.map(Number) ?? [];
  if (!/^[\d\s./-]+$/.test(typed) || numbers.length < 2 || numbers.length > 3) return null;
  const order = (datePattern().match(/YYYY|MM|DD/g) ?? ['DD', 'MM', 'YYYY']).filter((part) => numbers.length === 3 || part !== 'YYYY');
  const read = (part: string) => numbers[order.indexOf(part)];
  const [day, month] = [read('DD'), read('MM')];
  let year = read('YYYY') ?? Number(today().slice(0, 4));
  if (year < 100) year += year < 70 ? 2000 : 1900;
  return day === undefined || month === undefined ? null : isoDay(year, month, day);
}

/** `HH:MM` from `9`, `930`, `9:30`, `9.30`, `9:30 pm`; null if unreadable. */
export function readTime(text: string): string | null {
  const match = /^(\d{1,2})(?:[:.h]?(\d{2}))?\s*([ap])?\.?m?\.?$/i.exec(text.trim());
  if (!match) return null;
  let hour = Number(match[1]);
  const minute = Number(match[2] ?? 0);
  const half = match[3]?.toLowerCase();
  if (half && (hour < 1 || hour > 12)) return null;
  if (half === 'p' && hour < 12) hour += 12;
  if (half === 'a' && hour === 12) hour = 0;
  return hour < 24 && minute < 60 ? `${pad(hour)}:${pad(minute)}` : null;
}

/** The wall clock of an instant in a zone. */
export function clockOf(instant: string, timeZone = formatting().timeZone): { day: string; time: string } {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(instant));
  return { day: dayOf(instant), time: parts };
}

/** Milliseconds a zone is ahead of UTC at an instant. */
function zoneOffset(at: number, timeZone: string): number {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-US', {
      timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    })
      .formatToParts(at)
      .map((part) => [part.type, Number(part.value)]),
  ) as Record<string, number>;
  return Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!, parts.second!) - Math.floor(at / 1000) * 1000;
}

/**
 * The instant of a wall clock in a zone, ending in `Z`. A time that the change to summer time skips moves forward by
 * the change; one that exists twice is the first.
 */
export function instantOf(day: string, time: string, timeZone = formatting().timeZone): string {
  const wall = Date.parse(`${day}T${time}:00Z`);
  // The offsets before and after a change that may be near; away from one they are the same.
  const before = wall - zoneOffset(wall - DAY_MS, timeZone);
  const after = wall - zoneOffset(wall + DAY_MS, timeZone);
  const [first, second] = [Math.min(before, after), Math.max(before, after)];
  const fits = (at: number) => at + zoneOffset(at, timeZone) === wall;
  return new Date(fits(first) ? first : fits(second) ? second : before).toISOString().replace('.000Z', 'Z');
}

/** True for an instant as the API writes it. */
export const isInstant = (text: string): boolean => /^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text));
