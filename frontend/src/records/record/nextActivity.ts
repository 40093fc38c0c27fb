/** What is planned next with a record, and whether it is late. */
import type { TimelineItem } from '@/api';

export interface NextActivity {
  item: TimelineItem | null;
  /** Nothing planned, planned, or its time has passed. */
  status: 'missing' | 'planned' | 'late';
}

/** When an open activity is due: its end, else its start. */
export const dueOf = (item: TimelineItem): string | null => {
  const due = item.due ?? item.scheduled_end ?? item.scheduled_start;
  return typeof due === 'string' ? due : null;
};

/** The open activity that is due first; those without a time come last. @param now milliseconds */
export function nextActivity(open: TimelineItem[], now: number): NextActivity {
  const sorted = [...open].sort((a, b) => (Date.parse(dueOf(a) ?? '') || Infinity) - (Date.parse(dueOf(b) ?? '') || Infinity));
  const item = sorted[0];
  if (!item) return { item: null, status: 'missing' };
  const due = Date.parse(dueOf(item) ?? '');
  return { item, status: due < now ? 'late' : 'planned' };
}
