/** Which actions a record offers, and where each of them stands. */
import type { FullRecord } from '@/api';
import type { Action, Entity } from '@/metadata';

/** Not offered as a button of their own: the record page has its own place for them. */
const PLACED_ELSEWHERE = new Set(['restore', 'set_state', 'unshare']);

/** Whether an action is about a selection of records, which no dialog of its own can ask for. */
export const takesSelection = (action: Action): boolean => (action.parameters ?? []).some((parameter) => (parameter.type as string) === 'ids' || parameter.type === 'filter');

export interface OfferedActions {
  /** The step the state asks for: filled button. */
  primary: Action | null;
  /** Beside it. */
  secondary: Action[];
  /** In the menu. */
  menu: Action[];
}

const RIGHT_OF: Record<string, 'write' | 'delete' | 'assign' | 'share'> = { write: 'write', delete: 'delete', assign: 'assign', share: 'share' };

/** Actions that are possible in the record's state and that the caller may run, sorted onto their places. */
export function offeredActions(entity: Entity, record: FullRecord): OfferedActions {
  const allowed = entity.actions.filter((action) => {
    if (action.scope !== 'record' || PLACED_ELSEWHERE.has(action.name) || takesSelection(action)) return false;
    if (record.allowed_actions && !record.allowed_actions.includes(action.name)) return false;
    if (!record.allowed_actions && action.states.length && !action.states.includes(String(record.state))) return false;
    const right = RIGHT_OF[action.privilege];
    return !right || !record.privileges || record.privileges[right];
  });
  const prominent = allowed.filter((action) => action.primary);
  const primary = prominent.find((action) => !action.destructive) ?? null;
  const secondary = prominent.filter((action) => action !== primary).slice(0, 2);
  return { primary, secondary, menu: allowed.filter((action) => action !== primary && !secondary.includes(action)) };
}
