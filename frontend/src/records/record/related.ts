/** Which related lists a record page shows and what a row of them says. */
import type { RecordData, Ref } from '@/api';
import { factAttributes, formatValue, isEmpty } from '@/fields';
import { attributeOf, recordName, stateOf, type Entity, type Relationship } from '@/metadata';

/** Without a designed form: at most so many lists. */
const MOST_UNDESIGNED = 6;

/** The related lists of an object in the form's order; relations to hidden objects and the timeline's own are left out. */
export function relatedLists(entity: Entity, visible: ReadonlySet<string>): Relationship[] {
  const wanted = entity.forms.main.related ?? [];
  const readable = entity.relationships.filter((relationship) => visible.has(relationship.object));
  if (!wanted.length) return readable.filter((relationship) => relationship.attribute !== 'regarding').slice(0, MOST_UNDESIGNED);
  return wanted.map((name) => readable.find((relationship) => relationship.name === name)).filter((found): found is Relationship => !!found);
}

const NO_FACTS = new Set(['id', 'version', 'name', 'state', 'status_reason', 'masked', 'custom']);

export interface RelatedRow {
  id: string;
  name: string;
  facts: string[];
  state: { label: string; color: string | null } | null;
}

/** A row as a card shows it: its name, two facts that are filled, and its state when that is not the normal one. */
export function relatedRow(entity: Entity, row: RecordData, exceptAttribute: string): RelatedRow {
  // The server sends the facts of the object beside name and state; the order is its own.
  const sent = Object.keys(row).filter((name) => !NO_FACTS.has(name) && name !== entity.primary_attribute && attributeOf(entity, name));
  const facts = (sent.length ? sent : factAttributes(entity))
    .filter((name) => name !== exceptAttribute && !isEmpty(row[name]))
    .map((name) => formatValue({ ...attributeOf(entity, name)!, states: entity.states }, row[name], { record: row, entity }))
    .filter(Boolean);
  const state = stateOf(entity, row.state as string | null);
  const normal = !state || state.value === entity.states[0]?.value;
  return { id: row.id, name: recordName(entity, row), facts: facts.slice(0, 2), state: normal ? null : { label: state.label, color: state.color } };
}

/** The attributes to ask for so that `relatedRow` has what it shows. */
export const relatedFields = (entity: Entity): string[] => [
  ...new Set([entity.primary_attribute, ...factAttributes(entity), ...(attributeOf(entity, 'state') ? ['state'] : [])]),
];

/** What a record made from a related list starts with: the link back. */
export const linkBack = (relationship: Relationship, parent: Ref): Record<string, unknown> => ({ [relationship.attribute]: parent });

/** The list page of a relation, filtered to this parent. */
export function relatedListHref(plural: string, relationship: Relationship, parent: Ref): string {
  const filter = JSON.stringify(
    relationship.reverse ? { related: relationship.reverse, filter: { attribute: 'id', operator: 'eq', value: parent.id } } : { attribute: relationship.attribute, operator: 'eq', value: parent.id },
  );
  return `/${plural}?filter=${encodeURIComponent(filter)}`;
}
