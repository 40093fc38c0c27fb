/** Two people changed one record: what each of them did, field by field. */
import { attributeOf, type Attribute, type Entity } from '@/metadata';
import type { FullRecord } from '@/api';
import { sameValue, type Values } from '../form/values';

export interface ConflictField {
  attribute: Attribute;
  before: unknown;
  yours: unknown;
  theirs: unknown;
  /** Both changed it, to different values; otherwise only you did and nothing is lost. */
  contested: boolean;
}

/** The fields to decide on after 412. @param base what you saw when you began, @param theirs the record as it is now */
export function conflictFields(entity: Entity, base: Values, yours: Values, theirs: FullRecord): ConflictField[] {
  return Object.keys(yours).flatMap((name) => {
    const attribute = attributeOf(entity, name);
    if (!attribute || sameValue(yours[name], theirs[name], attribute.type)) return [];
    const contested = !sameValue(base[name], theirs[name], attribute.type);
    return [{ attribute, before: base[name], yours: yours[name], theirs: theirs[name], contested }];
  });
}

/** What to send after the choice: the fields where yours was kept. */
export function chosenValues(fields: ConflictField[], choice: Record<string, 'yours' | 'theirs'>): Values {
  return Object.fromEntries(fields.filter((field) => (choice[field.attribute.name] ?? 'yours') === 'yours').map((field) => [field.attribute.name, field.yours]));
}
