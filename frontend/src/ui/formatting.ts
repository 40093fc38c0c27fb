/**
 * Numbers, money, dates and durations as this user reads them. The settings come from the session once
 * (`setFormatting`), because they are needed inside hundreds of cells.
 */

export interface Formatting {
  /** BCP 47 tag of the interface language with the workspace's country, such as `de-AT`. */
  locale: string;
  /** IANA name. */
  timeZone: string;
  /** ISO 4217 code of the workspace. */
  currency: string;
  /** The user's pattern such as `DD.MM.YYYY`, or null for the locale's own. */
  dateFormat: string | null;
  /** First day of the user's week, Monday 1 … Sunday 7; where it is not known, the locale's. */
  weekStart?: number;
}

let current: Formatting = { locale: 'en', timeZone: 'UTC', currency: 'EUR', dateFormat: null };
let numbers = 'en';
const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>();

/** Set how everything is written from now on; unknown zones fall back to UTC instead of failing every cell. */
export function setFormatting(next: Formatting): void {
  current = { ...next, timeZone: validZone(next.timeZone) };
  numbers = numberLocale(next.locale);
  cache.clear();
}

export const formatting = (): Formatting => current;

/**
 * The locale numbers are written in: the given one, unless its decimal sign differs between money and plain numbers.
 * English in Germany has €1,234.50 beside 1.234,5; two notations in one table would be misread.
 */
function numberLocale(locale: string): string {
  const decimal = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options).formatToParts(1234567.5).find((part) => part.type === 'decimal')?.value;
  return decimal({}) === decimal({ style: 'currency', currency: 'EUR' }) ? locale : locale.split('-')[0]!;
}

/** First day of the week as the user set it, else as it is usual in the locale: Monday 1 … Sunday 7. */
export function firstWeekday(): number {
  if (current.weekStart) return current.weekStart;
  try {
    const locale = new Intl.Locale(current.locale) as Intl.Locale & { getWeekInfo?: () => { firstDay: number }; weekInfo?: { firstDay: number } };
    return (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1;
  } catch {
    return 1;
  }
}

function validZone(zone: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone;
  } catch {
    return 'UTC';
  }
}

function cached<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(key: string, make: () => T): T {
  let format = cache.get(key) as T | undefined;
  if (!format) cache.set(key, (format = make()));
  return format;
}

/** Decimal strings go to Intl as strings, so that no digit is lost; typed as number for older declarations. */
const exact = (value: string | number) => value as number;

/** A number with grouping; `precision` fixes the decimals, null keeps up to ten. */
export function formatNumber(value: string | number | null | undefined, precision: number | null = null): string {
  if (value == null || value === '') return '';
  const format = cached(`n${precision}`, () =>
    new Intl.NumberFormat(numbers, precision == null ? { maximumFractionDigits: 10 } : { minimumFractionDigits: precision, maximumFractionDigits: precision }),
  );
  return format.format(exact(value));
}

/** Money in a currency by the locale's rule. */
export function formatMoney(value: string | number | null | undefined, currency: string | null = null, precision: number | null = 2): string {
  if (value == null || value === '') return '';
  const code = currency ?? current.currency;
  try {
    return cached(`m${code}${precision}`, () =>
      new Intl.NumberFormat(numbers, {
        style: 'currency',
        currency: code,
        minimumFractionDigits: precision ?? undefined,
        maximumFractionDigits: precision ?? undefined,
      }),
    ).format(exact(value));
  } catch {
    // A code the browser does not know.
    return `${formatNumber(value, precision)} ${code}`;
  }
}

/** Money shortened for headers: 1.2M €. */
export function formatMoneyShort(value: string | number | null | undefined, currency: string | null = null): string {
  if (value == null || value === '') return '';
  const code = currency ?? current.currency;
  return cached(`s${code}`, () =>
    new Intl.NumberFormat(numbers, { style: 'currency', currency: code, notation: 'compact', maximumFractionDigits: 1 }),
  ).format(exact(value));
}

const pad = (n: number) => String(n).padStart(2, '0');

function byPattern(pattern: string, year: number, month: number, day: number): string {
  return pattern
    .replace(/YYYY|yyyy/, String(year))
    .replace(/MM/, pad(month))
    .replace(/DD|dd/, pad(day));
}

/** True when a stored pattern is one this file can write. */
const usable = (pattern: string | null): pattern is string => !!pattern && /YYYY|yyyy/.test(pattern) && /MM/.test(pattern) && /DD|dd/.test(pattern);

/** A calendar day `YYYY-MM-DD`; no zone is involved. */
export function formatDate(value: string | null | undefined): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(value ?? '');
  if (!match) return '';
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (usable(current.dateFormat)) return byPattern(current.dateFormat, year, month, day);
  return cached('d', () => new Intl.DateTimeFormat(current.locale, { timeZone: 'UTC', year: 'numeric', month: 'short', day: 'numeric' })).format(
    Date.UTC(year, month - 1, day),
  );
}

/** The month a day lies in, such as “February 2026”. */
export function formatMonth(value: string): string {
  const day = new Date(`${value.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(day.getTime())) return value;
  return cached('month', () => new Intl.DateTimeFormat(current.locale, { month: 'long', year: 'numeric', timeZone: 'UTC' })).format(day);
}

/** The name of a day of the week, Monday 1 … Sunday 7. */
export function formatWeekday(day: number): string {
  // 1 January 2024 was a Monday.
  return cached('wd', () => new Intl.DateTimeFormat(current.locale, { weekday: 'long', timeZone: 'UTC' })).format(Date.UTC(2024, 0, day));
}

/** The name of a month, January 1 … December 12. */
export function formatMonthName(month: number): string {
  return cached('mn', () => new Intl.DateTimeFormat(current.locale, { month: 'long', timeZone: 'UTC' })).format(Date.UTC(2024, month - 1, 1));
}

/** A day without its year when that is this year's; for lists where room is short. */
export function formatDayShort(value: string): string {
  if (usable(current.dateFormat) || value.slice(0, 4) !== today().slice(0, 4)) return formatDate(value);
  return cached('ds', () => new Intl.DateTimeFormat(current.locale, { timeZone: 'UTC', weekday: 'short', month: 'short', day: 'numeric' })).format(Date.parse(`${value.slice(0, 10)}T00:00:00Z`));
}

/** The calendar day of an instant in the user's zone, `YYYY-MM-DD`. */
export function dayOf(instant: string | number | Date): string {
  return cached('iso', () => new Intl.DateTimeFormat('en-CA', { timeZone: current.timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })).format(new Date(instant));
}

/** Today in the user's zone, `YYYY-MM-DD`. */
export const today = (): string => dayOf(Date.now());

/** The time of day of an instant in the user's zone. */
export function formatTime(value: string | null | undefined): string {
  if (!value) return '';
  return cached('t', () => new Intl.DateTimeFormat(current.locale, { timeZone: current.timeZone, hour: '2-digit', minute: '2-digit' })).format(new Date(value));
}

/** Day and time of an instant in the user's zone. */
export function formatDateTime(value: string | null | undefined): string {
  if (!value || Number.isNaN(Date.parse(value))) return '';
  return `${formatDate(dayOf(value))}, ${formatTime(value)}`;
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000], ['month', 2_592_000], ['week', 604_800], ['day', 86_400], ['hour', 3600], ['minute', 60],
];

/** "3 days ago", "in 2 hours"; below a minute "now". */
export function formatRelative(value: string | null | undefined, now = Date.now()): string {
  if (!value) return '';
  const seconds = (Date.parse(value) - now) / 1000;
  const format = cached('r', () => new Intl.RelativeTimeFormat(current.locale, { numeric: 'auto', style: 'short' }));
  for (const [unit, size] of STEPS) if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  return format.format(0, 'second');
}

/** Minutes as hours and minutes; the words come from the caller's language. */
export function formatDuration(minutes: number | null | undefined, hour: string, minute: string): string {
  if (minutes == null) return '';
  const sign = minutes < 0 ? '−' : '';
  const whole = Math.abs(Math.round(minutes));
  const [h, m] = [Math.floor(whole / 60), whole % 60];
  return sign + [h ? `${h} ${hour}` : '', m || !h ? `${m} ${minute}` : ''].filter(Boolean).join(' ');
}

/** Bytes as KB or MB. */
export function formatBytes(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  let step = 0;
  let value = bytes;
  while (value >= 1000 && step < units.length - 1) [value, step] = [value / 1000, step + 1];
  return new Intl.NumberFormat(numbers, { style: 'unit', unit: units[step], unitDisplay: step ? 'short' : 'long', maximumFractionDigits: value < 10 && step ? 1 : 0 }).format(value);
}

/** The separators of the user's locale, for reading what was typed. */
export function separators(): { decimal: string; group: string } {
  const parts = new Intl.NumberFormat(numbers).formatToParts(-1234567.5);
  return {
    decimal: parts.find((part) => part.type === 'decimal')?.value ?? '.',
    group: parts.find((part) => part.type === 'group')?.value ?? ',',
  };
}

/**
 * Read a number typed in the user's way; accepts the locale's separators, blanks and a currency sign.
 *
 * @returns a plain decimal string such as `-1234.5`, or null when it is not a number
 */
export function parseNumber(text: string): string | null {
  const { decimal, group } = separators();
  let plain = text.trim().replace(/[\s\u00a0\u202f'’]/g, '').replace(/−/g, '-').replace(/[\p{Sc}%]|[A-Za-z]{3}$/gu, '');
  const commas = (plain.match(/,/g) ?? []).length;
  const dots = (plain.match(/\./g) ?? []).length;
  if (commas && dots) {
    // The last separator is the decimal one, whatever the locale.
    const last = plain.lastIndexOf(',') > plain.lastIndexOf('.') ? ',' : '.';
    plain = plain.replaceAll(last === ',' ? '.' : ',', '').replace(last, '.');
  } else if (commas > 1 || dots > 1) {
    plain = plain.replace(/[.,]/g, '');
  } else if (commas || dots) {
    const sign = commas ? ',' : '.';
    const grouping = sign === group && /^-?[1-9]\d{0,2}[.,]\d{3}$/.test(plain);
    plain = plain.replace(sign, grouping ? '' : '.');
    if (!grouping && sign !== decimal && sign === group && !/[.]\d{1,2}$/.test(plain) && /[.]\d{3}$/.test(plain)) plain = plain.replace('.', '');
  }
  return /^-?(\d+\.?\d*|\.\d+)$/.test(plain) ? plain.replace(/^(-?)\./, '$10.').replace(/\.$/, '') : null;
}
