/**
 * Previous and next record of the list one came from. The list remembers the ids it shows when a record is opened;
 * the record page reads them. Kept per browser tab, so that two tabs with two lists do not disturb each other.
 */

export interface RememberedList {
  /** Plural name of the object. */
  plural: string;
  /** What the list is called, such as "My open opportunities". */
  label: string;
  /** Path with query of the list, to go back to exactly it. */
  href: string;
  /** Ids in the order shown; only the loaded part of a long list. */
  ids: string[];
  /** How many records the whole list has, when known. */
  total?: number | null;
}

const MAX_IDS = 2000;
const keyOf = (plural: string) => `list:${plural}`;

/** Remember the list a record is opened from. */
export function rememberList(list: RememberedList): void {
  try {
    sessionStorage.setItem(keyOf(list.plural), JSON.stringify({ ...list, ids: list.ids.slice(0, MAX_IDS) }));
  } catch {
    // Without storage the record page simply has no previous and next.
  }
}

/** The list last seen of an object in this tab. */
export function rememberedList(plural: string): RememberedList | null {
  try {
    const text = sessionStorage.getItem(keyOf(plural));
    const list = text ? (JSON.parse(text) as RememberedList) : null;
    return list && Array.isArray(list.ids) ? list : null;
  } catch {
    return null;
  }
}

export interface Neighbours {
  list: RememberedList;
  /** 1-based place in the list. */
  position: number;
  previous: string | null;
  next: string | null;
}

/** The records beside `id`; null when it was not opened from a list that holds it. */
export function neighboursOf(list: RememberedList | null, id: string): Neighbours | null {
  const at = list ? list.ids.indexOf(id) : -1;
  if (!list || at < 0) return null;
  return { list, position: at + 1, previous: list.ids[at - 1] ?? null, next: list.ids[at + 1] ?? null };
}
