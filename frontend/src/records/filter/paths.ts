/** Attribute paths over relations: `customer.industry` is the industry of the customer. */
import { attributeOf, type Attribute, type Entity } from '@/metadata';

/** Finds a description already loaded; undefined while it is not. */
export type FindEntity = (name: string) => Entity | undefined;

export interface ResolvedPath {
  path: string;
  attribute: Attribute;
  /** Labels from the first step to the last. */
  labels: string[];
}

const TREE = ['under_or_equal', 'under', 'above_or_equal', 'above', 'not_under_or_equal', 'not_under'];

/** The record itself as something to say "below" and "above" of; only where records form a tree. */
export function itself(entity: Entity): Attribute | undefined {
  const parent = entity.parent_attribute && attributeOf(entity, entity.parent_attribute);
  if (!parent) return undefined;
  return { ...parent, name: 'id', label: entity.label, type: 'lookup', targets: [entity.name], operators: ['in', 'not_in', ...TREE], required: false, system: false };
}

/** What conditions call the lists a record is in. */
export const MEMBER_OF = 'member_of';

/** The lists records can be in, as something to be a member of; only for objects that are collected in lists. */
export function memberOf(entity: Entity): Attribute | undefined {
  const lists = entity.collected_in;
  const like = lists && attributeOf(entity, entity.primary_attribute);
  if (!like) return undefined;
  return { ...like, name: MEMBER_OF, label: lists.label, type: 'lookup', targets: [lists.object], narrow: { attribute: lists.attribute, operator: 'eq', value: lists.value }, operators: ['in', 'not_in'], options: [], required: false, system: false, filterable: true, sortable: false };
}

/** Relations that conditions may be about: related lists, and activities and notes about the record. */
export const relationsOf = (entity: Entity): { name: string; label: string; object: string }[] => [
  ...entity.relationships.filter((relationship) => relationship.kind !== 'many_to_one'),
  ...(entity.related_activities ?? []).filter((activity) => !entity.relationships.some((relationship) => relationship.name === activity.name)),
];

const isReference = (attribute: Attribute) => attribute.targets.length > 0;

/**
 * The attribute a path ends at.
 *
 * @returns undefined when a step is gone, hidden, or its object's description is not loaded
 */
export function resolvePath(entity: Entity, path: string, find: FindEntity): ResolvedPath | undefined {
  const [head = '', ...rest] = path.split('.');
  const attribute = path === 'id' ? itself(entity) : path === MEMBER_OF ? memberOf(entity) : attributeOf(entity, head);
  if (!attribute) return undefined;
  if (!rest.length) return { path, attribute, labels: [attribute.label] };
  for (const target of attribute.targets) {
    const related = find(target);
    const found = related && resolvePath(related, rest.join('.'), find);
    if (found) return { path, attribute: found.attribute, labels: [attribute.label, ...found.labels] };
  }
  return undefined;
}

/** The objects whose descriptions are needed to resolve these paths. */
export function neededObjects(entity: Entity, paths: string[], find: FindEntity): string[] {
  const needed = new Set<string>();
  const visit = (from: Entity, path: string) => {
    const [head = '', ...rest] = path.split('.');
    const attribute = attributeOf(from, head);
    if (!attribute || !rest.length) return;
    for (const target of attribute.targets) {
      needed.add(target);
      const related = find(target);
      if (related) visit(related, rest.join('.'));
    }
  };
  paths.forEach((path) => visit(entity, path));
  return [...needed];
}

/** Attributes of an object that a filter may name, most used first: the form's, then the rest by label, system ones last. */
export function filterableAttributes(entity: Entity): Attribute[] {
  const order = new Map<string, number>();
  const note = (name: string) => order.has(name) || order.set(name, order.size);
  note(entity.primary_attribute);
  entity.forms.main.header.forEach(note);
  entity.forms.main.tabs.forEach((tab) => tab.sections.forEach((section) => section.attributes.forEach(note)));
  const rank = (attribute: Attribute) => (attribute.system ? 10_000 : 0) + (order.get(attribute.name) ?? 1000);
  return entity.attributes
    .filter((attribute) => attribute.filterable && attribute.operators.length > 0)
    .sort((a, b) => rank(a) - rank(b) || a.label.localeCompare(b.label));
}

/** References whose own attributes can be reached by a path. */
export const references = (entity: Entity): Attribute[] => entity.attributes.filter((attribute) => isReference(attribute) && attribute.filterable);
