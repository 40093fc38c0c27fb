import type { FieldRight, SecurableObject } from '@/api/security';

export const FIELD_SECURITY_KEY = ['field-security'];

export interface SecuredField {
  /** `object.attribute` */
  path: string;
  label: string;
  object: string;
}

export const securedFields = (objects: SecurableObject[]): SecuredField[] =>
  objects.flatMap((object) => object.attributes.filter((field) => field.secured).map((field) => ({ path: `${object.name}.${field.name}`, label: field.label, object: object.label })));

export interface FollowingField extends SecuredField {
  /** What it is made of, as people call it. */
  because: string[];
}

/** Fields nobody secured that are hidden all the same, because they are made of secured ones. */
export const followingFields = (objects: SecurableObject[]): FollowingField[] =>
  objects.flatMap((object) =>
    object.attributes
      .filter((field) => !field.secured && field.hidden_with.length > 0)
      .map((field) => ({ path: `${object.name}.${field.name}`, label: field.label, object: object.label, because: field.hidden_with })),
  );

/** Rights after a click: whoever changes or sets a value also reads it, so that nobody writes blindly by accident. */
export function toggledRights(held: FieldRight[], right: FieldRight, on: boolean): FieldRight[] {
  if (right === 'read' && !on) return [];
  const next = new Set<FieldRight>(held);
  if (on) next.add(right).add('read');
  else next.delete(right);
  return (['read', 'create', 'update'] as const).filter((one) => next.has(one));
}
