/** Where the user was in a list, so that "back" finds it again: scroll place, selection, closed groups, active cell. */
import type { Selection } from './selection';

export interface Place {
  scroll: number;
  selection: Selection;
  collapsed: string[];
  active: { key: string; column: string } | null;
}

const MOST = 30;
const places = new Map<string, Place>();

/** The same list has the same key; the record open beside it does not matter. */
export function placeKey(plural: string, search: Record<string, unknown>): string {
  const entries = Object.entries(search).filter(([key, value]) => key !== 'panel' && key !== 'create' && value != null);
  return `${plural}?${JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}

export function rememberPlace(key: string, place: Place): void {
  places.delete(key);
  places.set(key, place);
  const oldest = places.keys().next().value;
  if (places.size > MOST && oldest !== undefined) places.delete(oldest);
}

export const placeOf = (key: string): Place | undefined => places.get(key);
