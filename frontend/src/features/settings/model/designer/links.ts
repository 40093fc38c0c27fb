/** Many-to-many relationships as published and as drafted (PLT-6). */
import type { Change, RelationshipDefinition } from '@/api/customization';

export interface LinkRow {
  key: string;
  /** The object it is defined on. */
  object: string;
  definition: RelationshipDefinition;
  draft: 'new' | 'changed' | 'deleted' | null;
  changeId: string | null;
}

/** Relationships an object takes part in, on either side. */
export function linkRows(object: string, stored: Record<string, Record<string, RelationshipDefinition>>, changes: Change[]): LinkRow[] {
  const rows = new Map<string, LinkRow>();
  for (const [owner, defined] of Object.entries(stored)) {
    for (const [key, definition] of Object.entries(defined)) rows.set(key, { key, object: owner, definition, draft: null, changeId: null });
  }
  for (const change of changes) {
    if (change.kind !== 'relationship' || !change.name || !change.object) continue;
    const known = rows.get(change.name);
    if (change.operation === 'delete') {
      if (known) rows.set(change.name, { ...known, draft: 'deleted', changeId: change.id });
    } else {
      rows.set(change.name, { key: change.name, object: change.object, definition: change.definition as RelationshipDefinition, draft: known && known.draft !== 'new' ? 'changed' : 'new', changeId: change.id });
    }
  }
  return [...rows.values()].filter((row) => row.object === object || row.definition.target === object);
}
