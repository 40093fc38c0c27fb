/** Questions asked of an entity. */
import type { Attribute, Entity, Session, State } from './types';

const indexes = new WeakMap<Entity, Map<string, Attribute>>();

/** The attribute of a name; undefined when it was removed or is hidden from the user. */
export function attributeOf(entity: Entity, name: string): Attribute | undefined {
  let index = indexes.get(entity);
  if (!index) indexes.set(entity, (index = new Map(entity.attributes.map((attribute) => [attribute.name, attribute]))));
  return index.get(name);
}

export const hasFeature = (entity: { features: string[] }, feature: string): boolean => entity.features.includes(feature);

export const stateOf = (entity: Entity, value: string | null | undefined): State | undefined => entity.states.find((state) => state.value === value);

/** The text to call a record by. */
export function recordName(entity: Entity, record: Record<string, unknown>): string {
  const value = record[entity.primary_attribute] ?? record.name;
  return typeof value === 'string' && value ? value : typeof record.id === 'string' ? record.id.slice(0, 8) : '';
}

/** Path of a record's page. */
export const recordPath = (plural: string, id: string): string => `/${plural}/${id}`;

/** The plural of an object's name, from the session; the name itself when the user may not see the object. */
export const pluralOf = (session: Session, object: string): string => session.objects.find((entry) => entry.name === object)?.plural ?? object;
