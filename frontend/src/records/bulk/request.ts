/** From what the user asks for to the request of the bulk endpoint, and how careful to be about it. */
import type { BulkPreview, BulkRequest, Filter } from '@/api';
import { writeValue } from '@/fields';
import { attributeOf, type Action, type Entity } from '@/metadata';
import { takesSelection } from '../actions/available';
import { bulkTarget, type Selection } from '../list/selection';

export interface EditEntry {
  /** Attribute name; empty while none was chosen. */
  name: string;
  value: unknown;
  clear: boolean;
}

/** From how many records on a deletion or a destructive action asks to type the number (PEERS 5.9). */
export const TYPE_FROM = 1000;
/** Up to this many, a deletion happens at once and offers undo; above, its extent is shown first. */
export const AT_ONCE_UP_TO = 10;

export type Asked =
  | { operation: 'edit'; entries: EditEntry[] }
  | { operation: 'assign'; owner: string }
  | { operation: 'delete' }
  | { operation: 'action'; action: string; values: Record<string, unknown> };

/** Values of an edit in write shape; cleared attributes are null. */
export function editValues(entity: Entity, entries: EditEntry[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { name, value, clear } of entries) {
    const attribute = attributeOf(entity, name);
    if (attribute) values[name] = clear ? (attribute.type === 'multi' ? [] : null) : writeValue(attribute, value);
  }
  return values;
}

/**
 * The body of `POST /{objects}/bulk` and of its preview.
 *
 * @throws RangeError when too many rows were taken out of "all"
 */
export function bulkRequest(entity: Entity, selection: Selection, filter: Filter | null, q: string, asked: Asked): BulkRequest {
  const { ids, filter: matching, q: text } = bulkTarget(selection, filter, q);
  const narrowed = { ids: null, filter: matching ?? undefined, q: text };
  const target: Pick<BulkRequest, 'ids' | 'filter' | 'q' | 'all'> = ids ? { ids } : matching || text ? narrowed : { ids: null, all: true };
  const body: BulkRequest = { operation: asked.operation, ...target };
  switch (asked.operation) {
    case 'edit':
      return { ...body, values: editValues(entity, asked.entries) };
    case 'assign':
      return { ...body, owner: asked.owner };
    case 'action':
      return { ...body, action: asked.action, values: asked.values };
    default:
      return body;
  }
}

/** The number to type before a large destructive operation; null when none is asked for. */
export function numberToType(destructive: boolean, allowed: number): string | null {
  return destructive && allowed >= TYPE_FROM ? String(allowed) : null;
}

/**
 * Why records are skipped, one line each.
 *
 * @param words texts for codes that come without a message
 */
export function reasonTexts(preview: BulkPreview, words: Record<string, string> = {}): { text: string; count: number | null }[] {
  return preview.reasons.map((reason) =>
    typeof reason === 'string' ? { text: words[reason] ?? reason, count: null } : { text: reason.message ?? words[reason.code ?? ''] ?? reason.code ?? '', count: reason.count ?? null },
  );
}

const OWN_PLACE = new Set(['assign', 'share', 'unshare', 'restore', 'set_state', 'merge']);

/** Actions that make sense on many records: of single records, not those the bar has a button for. */
export const bulkActions = (entity: Entity): Action[] => entity.actions.filter((action) => action.scope === 'record' && !OWN_PLACE.has(action.name) && !takesSelection(action));

const leadsSomewhere = (entity: Entity, path: string) => attributeOf(entity, path.replace(/^-/, '').split('.')[0]!) !== undefined;

/** The columns of a file: those of the list whose field is still there. */
export const exportColumns = (entity: Entity, names: string[]): string[] => names.filter((name) => leadsSomewhere(entity, name));

/** The order of the rows in a file: group by group as on the screen, then as the list is sorted; what is gone is left out. */
export function exportOrder(entity: Entity, { groupBy, order }: { groupBy: string | null; order: string[] }): string[] {
  const group = groupBy && attributeOf(entity, groupBy)?.sortable && !order.some((entry) => entry.replace(/^-/, '') === groupBy) ? [groupBy] : [];
  return [...group, ...exportColumns(entity, order)];
}
