/** Pages of a list put together, and single rows changed inside them. */
import type { InfiniteData } from '@tanstack/react-query';

import type { ListAnswer, RecordData } from '@/api';

export type Pages = InfiniteData<ListAnswer, unknown>;

/** First page small for speed, later ones larger, so that ten thousand rows are some twenty requests. */
const SIZES = [50, 100, 200, 400];
export const pageSize = (pagesLoaded: number): number => SIZES[Math.min(pagesLoaded, SIZES.length - 1)]!;

/**
 * All rows in order. A record that moved between two pages while they were read appears once, in its newest place: the
 * later page was read later.
 */
export function mergedRows(pages: ListAnswer[]): RecordData[] {
  const place = new Map<string, number>();
  let count = 0;
  for (const page of pages) for (const row of page.rows) place.set(row.id, count++);
  const rows: RecordData[] = [];
  count = 0;
  for (const page of pages) for (const row of page.rows) if (place.get(row.id) === count++) rows.push(row);
  return rows;
}

/** The same pages with one row changed; the very same object when the row is not in them. */
export function withRow(data: Pages, id: string, change: (row: RecordData) => RecordData | null): Pages {
  let touched = false;
  const pages = data.pages.map((page) => {
    const at = page.rows.findIndex((row) => row.id === id);
    if (at < 0) return page;
    touched = true;
    const next = change(page.rows[at]!);
    const rows = next ? page.rows.with(at, next) : page.rows.toSpliced(at, 1);
    const count = next || !page.count ? page.count : { ...page.count, value: Math.max(0, page.count.value - 1) };
    return { ...page, rows, count };
  });
  return touched ? { ...data, pages } : data;
}

/** Keep of a full record what a list row shows, so that a saved answer does not blow up the cache. */
export function narrowed(row: RecordData, record: RecordData): RecordData {
  const next: RecordData = { ...row, version: record.version ?? row.version };
  for (const name of Object.keys(row)) if (name in record) next[name] = record[name];
  if (record.masked) next.masked = record.masked;
  return next;
}
