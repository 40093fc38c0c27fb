/** Which cells may be edited in place; the server has the last word. */
import type { RecordData } from '@/api';
import { stateOf, type Attribute, type Entity } from '@/metadata';
import type { Column } from './columns';

const NEVER = new Set(['auto', 'state', 'file', 'parties']);

/** Attributes that inline and bulk edit can change at all. */
export const isEditable = (attribute: Attribute | undefined): attribute is Attribute =>
  !!attribute && !attribute.read_only && !attribute.create_only && !NEVER.has(attribute.type);

/** True in a closed state, where records are read-only (CON-3). */
export function isClosed(entity: Entity, row: RecordData): boolean {
  return typeof row.state === 'string' && stateOf(entity, row.state)?.closed === true;
}

export function canEditCell(entity: Entity, row: RecordData, column: Column | undefined): boolean {
  return !!column?.own && isEditable(column.attribute) && !row.masked?.includes(column.name) && !isClosed(entity, row);
}
