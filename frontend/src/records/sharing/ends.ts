/** The end of a share: the last day that counts, in the user's own zone. */
import { addDays, clockOf, instantOf } from '@/fields/dates';
import { formatDate, formatDateTime } from '@/ui';

/** The instant at which a share that counts the whole of this day (`YYYY-MM-DD`) is over. */
export const endAfter = (day: string): string => instantOf(addDays(day, 1), '00:00');

/** “30 Nov 2026” for an end at midnight, which counts that whole day; else the moment itself. */
export function endText(instant: string): string {
  const { day, time } = clockOf(instant);
  return time === '00:00' ? formatDate(addDays(day, -1)) : formatDateTime(instant);
}
