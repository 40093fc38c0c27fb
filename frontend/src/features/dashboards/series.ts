/** From aggregates to what charts draw: complete buckets, axis steps, shares, totals that lose no cent. */
import type { AggregateAnswer, Filter } from '@/api';

export interface Point {
  key: string;
  label: string;
  value: number;
  /** The exact amount as delivered. */
  amount: string | null;
  count: number;
  filter: Filter | null;
  color: string | null;
}

export type Step = 'month' | 'quarter' | 'year';

/** The step that keeps a time axis readable. */
export function stepFor(first: string, last: string): Step {
  const months = monthIndex(last) - monthIndex(first) + 1;
  return months <= 18 ? 'month' : months <= 60 ? 'quarter' : 'year';
}

const monthIndex = (day: string) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
const monthOf = (index: number) => `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}-01`;
const MONTHS: Record<Step, number> = { month: 1, quarter: 3, year: 12 };

/** The first day of the step a day lies in. */
export function bucketOf(day: string, step: Step): string {
  const size = MONTHS[step];
  return monthOf(Math.floor(monthIndex(day) / size) * size);
}

/** All steps from the first to the last, also those in which nothing happened. */
export function bucketsBetween(first: string, last: string, step: Step): string[] {
  const size = MONTHS[step];
  const [from, to] = [monthIndex(bucketOf(first, step)), monthIndex(bucketOf(last, step))];
  return Array.from({ length: Math.max(0, (to - from) / size + 1) }, (_, index) => monthOf(from + index * size));
}

/** The last day of a step. */
export function endOfBucket(bucket: string, step: Step): string {
  const next = monthOf(monthIndex(bucket) + MONTHS[step]);
  return new Date(Date.parse(`${next}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

/** Decimal strings added without floating point; null when there is nothing to add. */
export function addAmounts(amounts: (string | number | null | undefined)[]): string | null {
  let sum = 0n;
  let scale = 0;
  let any = false;
  for (const amount of amounts) {
    const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(amount ?? ''));
    if (!match) continue;
    any = true;
    const fraction = match[3] ?? '';
    if (fraction.length > scale) {
      sum *= 10n ** BigInt(fraction.length - scale);
      scale = fraction.length;
    }
    const value = BigInt(match[2]! + fraction.padEnd(scale, '0'));
    sum += match[1] ? -value : value;
  }
  if (!any) return null;
  const digits = (sum < 0n ? -sum : sum).toString().padStart(scale + 1, '0');
  const text = scale ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}` : digits;
  return sum < 0n ? `-${text}` : text;
}

/** Monthly groups as a complete series of months, quarters or years. */
export function timeSeries(answer: AggregateAnswer, attribute: string, label: (bucket: string, step: Step) => string, wanted?: Step): { step: Step; points: Point[] } {
  const dated = answer.groups.filter((group) => group.keys[0]);
  if (!dated.length) return { step: wanted ?? 'month', points: [] };
  const days = dated.map((group) => group.keys[0]!).sort();
  const step = wanted ?? stepFor(days[0]!, days.at(-1)!);
  const points = bucketsBetween(days[0]!, days.at(-1)!, step).map((bucket) => {
    const own = dated.filter((group) => bucketOf(group.keys[0]!, step) === bucket);
    const amount = addAmounts(own.map((group) => group.values[1] ?? null));
    return {
      key: bucket, label: label(bucket, step), value: Number(amount ?? 0), amount, count: own.reduce((sum, group) => sum + Number(group.values[0] ?? 0), 0), color: null,
      filter: { and: [{ attribute, operator: 'on_or_after', value: bucket }, { attribute, operator: 'on_or_before', value: endOfBucket(bucket, step) }] },
    };
  });
  return { step, points };
}

/** Round steps of an axis from zero to at least the largest value. */
export function ticks(most: number, wanted = 4): number[] {
  if (!(most > 0)) return [0];
  const raw = most / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const size = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw)!;
  const count = Math.ceil(most / size - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * size).toPrecision(12)));
}

/** The filter language takes at most a hundred conditions; the dashboard's own need room too. */
const MOST_OR = 90;

/** The biggest entries, the others put together as one without a filter of its own. */
export function topPoints(points: Point[], most: number, others: string): Point[] {
  const sorted = [...points].sort((a, b) => b.value - a.value || b.count - a.count);
  if (sorted.length <= most) return sorted;
  const rest = sorted.slice(most - 1);
  const amount = addAmounts(rest.map((point) => point.amount));
  const filter = rest.length <= MOST_OR && rest.every((point) => point.filter) ? { or: rest.map((point) => point.filter!) } : null;
  return [...sorted.slice(0, most - 1), { key: 'others', label: others, value: Number(amount ?? 0), amount, count: rest.reduce((sum, point) => sum + point.count, 0), filter, color: 'gray' }];
}

export interface Arc {
  point: Point;
  share: number;
  /** SVG path of the ring segment. */
  path: string;
}

/** Ring segments clockwise from the top; a single value is a whole ring. */
export function arcs(points: Point[], size: number, width: number): Arc[] {
  const total = points.reduce((sum, point) => sum + point.count, 0);
  if (!total) return [];
  const [outer, inner, centre] = [size / 2, size / 2 - width, size / 2];
  const at = (angle: number, radius: number) => `${(centre + radius * Math.sin(angle)).toFixed(2)} ${(centre - radius * Math.cos(angle)).toFixed(2)}`;
  let start = 0;
  return points
    .filter((point) => point.count > 0)
    .map((point) => {
      const share = point.count / total;
      const from = start * 2 * Math.PI;
      // A full circle has no begin and end for an arc: a hair less closes visibly all the same.
      const to = Math.min(start + share, start + 0.99999) * 2 * Math.PI;
      start += share;
      const large = share > 0.5 ? 1 : 0;
      return { point, share, path: `M${at(from, outer)}A${outer} ${outer} 0 ${large} 1 ${at(to, outer)}L${at(to, inner)}A${inner} ${inner} 0 ${large} 0 ${at(from, inner)}Z` };
    });
}

/** Change against a former value in per cent; null when there is nothing to compare with. */
export function changeOf(now: number, before: number): number | null {
  return before > 0 ? Math.round(((now - before) / before) * 100) : null;
}
