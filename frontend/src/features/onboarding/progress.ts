/** How far the first steps are. */
import type { Checklist, ChecklistItem } from '@/api';

export interface Progress {
  done: number;
  total: number;
  /** The first step that is still open; null when nothing is left. */
  next: ChecklistItem | null;
}

/** Ticked by facts in the data, in the order of the list. */
export function progressOf(checklist: Pick<Checklist, 'items'>): Progress {
  const done = checklist.items.filter((item) => item.done).length;
  return { done, total: checklist.items.length, next: checklist.items.find((item) => !item.done) ?? null };
}

/** How many sample records went, over all objects. */
export const removedCount = (removed: Record<string, number>): number => Object.values(removed).reduce((sum, count) => sum + count, 0);
