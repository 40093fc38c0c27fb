/** The list as one flat run of lines for the virtual scroller: group headers, rows, and the line that loads more. */
import type { RecordData } from '@/api';

export interface GroupInfo {
  key: string;
  label: string;
  color: string | null;
  count: number;
  /** Sums in the order of the summed columns. */
  sums: (string | number | null)[];
}

export interface SegmentRows {
  rows: RecordData[];
  state: 'idle' | 'loading' | 'error';
  hasMore: boolean;
  error?: unknown;
}

export type Item =
  | { kind: 'group'; key: string; group: GroupInfo; collapsed: boolean }
  | { kind: 'row'; key: string; row: RecordData; index: number; segment: string }
  | { kind: 'more'; key: string; segment: string; state: 'idle' | 'loading' | 'error'; error?: unknown };

/** The one segment of a list that is not grouped. */
export const WHOLE = 'all';

function segmentItems(segment: string, data: SegmentRows | undefined, start: number): Item[] {
  if (!data) return [{ kind: 'more', key: `more:${segment}`, segment, state: 'loading' }];
  const items: Item[] = data.rows.map((row, index) => ({ kind: 'row', key: `${segment}:${row.id}`, row, index: start + index, segment }));
  if (data.hasMore || data.state !== 'idle') items.push({ kind: 'more', key: `more:${segment}`, segment, state: data.state, error: data.error });
  return items;
}

/**
 * @param groups null when the list is not grouped
 * @param segments rows by group key, or under WHOLE
 * @param collapsed keys of closed groups
 * @param usable false where what the list asks for is gone: nothing is read then, so nothing is on its way either
 */
export function listItems(groups: GroupInfo[] | null, segments: ReadonlyMap<string, SegmentRows>, collapsed: ReadonlySet<string>, usable = true): Item[] {
  if (!usable) return [];
  if (!groups) return segmentItems(WHOLE, segments.get(WHOLE), 0);
  const items: Item[] = [];
  let start = 0;
  for (const group of groups) {
    const closed = collapsed.has(group.key);
    items.push({ kind: 'group', key: `group:${group.key}`, group, collapsed: closed });
    if (closed) continue;
    const data = segments.get(group.key);
    items.push(...segmentItems(group.key, data, start));
    start += data?.rows.length ?? 0;
  }
  return items;
}

/** Rows only, in the order shown. */
export const shownRows = (items: Item[]): RecordData[] => items.flatMap((item) => (item.kind === 'row' ? [item.row] : []));

/**
 * Which groups to read: the first ones at once, the next when the ones before have been scrolled to, so that grouping by
 * two hundred owners does not ask two hundred times.
 */
export function groupsToRead(groups: GroupInfo[], collapsed: ReadonlySet<string>, reached: number): GroupInfo[] {
  return groups.filter((group, index) => index <= reached && !collapsed.has(group.key) && group.count > 0);
}
