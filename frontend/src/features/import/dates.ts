/** Reading sample dates by a strptime format, so that the wizard can show what each format would make of them. */

const PARTS: Record<string, string> = {
  d: '(?<d>\\d{1,2})',
  m: '(?<m>\\d{1,2})',
  y: '(?<y>\\d{2})',
  Y: '(?<Y>\\d{4})',
  H: '(?<H>\\d{1,2})',
  M: '(?<M>\\d{2})',
  S: '(?<S>\\d{2})',
  b: '(?<b>\\p{L}{3})',
  B: '(?<B>\\p{L}{3,})',
};
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Formats offered when the file gives no hint, the commonest of Europe first. */
export const COMMON_DATE_FORMATS = ['%Y-%m-%d', '%d.%m.%Y', '%d/%m/%Y', '%m/%d/%Y', '%d-%m-%Y', '%d-%m-%y', '%d.%m.%y', '%d/%m/%y', '%m/%d/%y', '%Y%m%d', '%d %b %Y', '%Y-%m-%d %H:%M:%S', '%d.%m.%Y %H:%M'];

function pattern(format: string): RegExp {
  const source = format.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replace(/%([dmyYHMSbB])/g, (_, part: string) => PARTS[part]!);
  return new RegExp(`^${source}$`, 'u');
}

/** Two-digit years as C's strptime reads them: 69–99 are 19xx. */
const fullYear = (two: number) => (two >= 69 ? 1900 + two : 2000 + two);

/** @returns `YYYY-MM-DD`, or null when the text is not a day in this format */
export function readDate(text: string, format: string): string | null {
  const parts = pattern(format).exec(text.trim())?.groups;
  if (!parts) return null;
  const year = parts.Y ? Number(parts.Y) : parts.y ? fullYear(Number(parts.y)) : NaN;
  const named = parts.b ?? parts.B;
  const month = named ? MONTHS.indexOf(named.slice(0, 3).toLowerCase()) + 1 : Number(parts.m);
  const day = Number(parts.d);
  if (!year || !(month >= 1 && month <= 12) || !(day >= 1 && day <= DAYS_IN_MONTH[month - 1]!)) return null;
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** A format as people write it: `%d-%m-%y` is DD-MM-YY. */
export const formatLabel = (format: string): string =>
  format.replace(/%d/g, 'DD').replace(/%m/g, 'MM').replace(/%Y/g, 'YYYY').replace(/%y/g, 'YY').replace(/%H/g, 'hh').replace(/%M/g, 'mm').replace(/%S/g, 'ss').replace(/%[bB]/g, 'MMM');

/** The formats that can read every sample; the detected ones first. */
export function fittingFormats(samples: string[], detected: string[] = []): string[] {
  const filled = samples.filter((sample) => sample.trim());
  const candidates = [...new Set([...detected, ...COMMON_DATE_FORMATS])];
  const fitting = candidates.filter((format) => filled.every((sample) => readDate(sample, format) !== null));
  return fitting.length ? fitting : candidates;
}

/** What a sample means by another format that reads all samples too but as other days; null when there is none. */
export function otherReading(samples: string[], chosen: string, formats: string[]): string | null {
  const filled = samples.filter((sample) => sample.trim());
  const meant = filled.map((sample) => readDate(sample, chosen));
  for (const format of formats) {
    const days = filled.map((sample) => readDate(sample, format));
    const at = days.findIndex((day, index) => day !== meant[index]);
    if (at >= 0 && days.every(Boolean)) return days[at]!;
  }
  return null;
}
