/** How a stream of events becomes something one can read: days, and field changes folded together. */
import type { FieldChange, TimelineItem } from '@/api';

/** Changes by one person closer together than this are one entry. */
const FOLD_WITHIN_MS = 15 * 60_000;
/** Up to so many changed fields are written out; more are folded behind "5 fields changed". */
export const SHOWN_CHANGES = 2;

export interface FoldedChange extends TimelineItem {
  kind: 'change';
  changes: FieldChange[];
  /** How many single entries were folded. */
  folded: number;
}

const isChange = (item: TimelineItem) => item.kind === 'change';

/** One attribute changed twice counts once: from its first old to its last new value, which the first entry restores; back and forth is no change. */
export function mergeChanges(newestFirst: FieldChange[][]): FieldChange[] {
  const merged = new Map<string, FieldChange>();
  for (const changes of [...newestFirst].reverse()) {
    for (const change of changes) {
      const earlier = merged.get(change.attribute);
      merged.set(change.attribute, earlier ? { ...change, old: earlier.old, entry: earlier.entry } : change);
    }
  }
  return [...merged.values()].filter((change) => JSON.stringify(change.old) !== JSON.stringify(change.new));
}

/**
 * Fold runs of field changes by the same person.
 *
 * @param items newest first, as the API delivers them
 * @returns newest first; entries that cancel each other out are gone
 */
export function foldChanges(items: TimelineItem[]): TimelineItem[] {
  const out: TimelineItem[] = [];
  let run: TimelineItem[] = [];
  const flush = () => {
    if (!run.length) return;
    const changes = mergeChanges(run.map((item) => (item.changes ?? []).map((change) => ({ ...change, entry: item.id }))));
    if (changes.length) out.push({ ...run[0]!, changes, folded: run.length } as FoldedChange);
    run = [];
  };
  for (const item of items) {
    const last = run.at(-1);
    const joins = last && isChange(item) && last.actor?.id === item.actor?.id && last.source === item.source && Date.parse(last.at) - Date.parse(item.at) <= FOLD_WITHIN_MS;
    if (!joins) flush();
    if (isChange(item)) run.push(item);
    else out.push(item);
  }
  flush();
  return out;
}

export interface Day {
  /** `YYYY-MM-DD` in the user's zone. */
  day: string;
  items: TimelineItem[];
}

/** Cut a stream into days. @param dayOf the calendar day of an instant in the user's zone */
export function groupByDay(items: TimelineItem[], dayOf: (instant: string) => string): Day[] {
  const days: Day[] = [];
  for (const item of items) {
    const day = dayOf(item.at);
    const last = days.at(-1);
    if (last?.day === day) last.items.push(item);
    else days.push({ day, items: [item] });
  }
  return days;
}

/** Every item once: pages may overlap when something new came in while scrolling. */
export function uniqueItems(pages: TimelineItem[][]): TimelineItem[] {
  const seen = new Set<string>();
  return pages.flat().filter((item) => {
    const key = `${item.kind}:${item.id}:${item.at}`;
    return seen.has(key) ? false : (seen.add(key), true);
  });
}
