/** What a copy of a record starts with. */
import { attributeOf, type Entity } from '@/metadata';
import type { FullRecord } from '@/api';
import { isEmpty } from '@/fields';
import type { Values } from '../form/values';

const NEVER_COPIED = new Set(['state', 'status_reason', 'auto', 'file']);

/** The values a person could have typed, without identity, state and what the server made. */
export function copyValues(entity: Entity, record: FullRecord): Values {
  const values: Values = {};
  for (const attribute of entity.attributes) {
    if (attribute.read_only || (attribute.system && attribute.type !== 'owner') || NEVER_COPIED.has(attribute.type) || isEmpty(record[attribute.name])) continue;
    if (record.masked?.includes(attribute.name)) continue;
    values[attribute.name] = record[attribute.name];
  }
  const primary = attributeOf(entity, entity.primary_attribute);
  return primary?.read_only ? values : { ...values, [entity.primary_attribute]: record[entity.primary_attribute] };
}
