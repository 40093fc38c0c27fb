/** What a filter names that is gone: such a filter shows nothing, and says why. */
import type { Filter } from '@/api';
import { attributeOf, type Entity, type View } from '@/metadata';
import { relationsOf, type FindEntity } from './paths';
import { attributesIn, relationshipsIn } from './tree';

/** Whether a path still leads to an attribute; one whose object is not loaded yet gets the benefit of the doubt. */
export function isKnown(entity: Entity, path: string, find: FindEntity): boolean {
  const [head = '', ...rest] = path.replace(/^-/, '').split('.');
  if (head === 'id' || head === 'import_id') return true;
  const attribute = attributeOf(entity, head);
  if (!attribute || !rest.length) return !!attribute;
  const targets = attribute.targets.map(find).filter((target) => target !== undefined);
  return !targets.length || targets.some((target) => isKnown(target, rest.join('.'), find));
}

/**
 * Names of the attributes and relations of a filter that do not exist (any more).
 *
 * While the filter is the view's own, what the server found counts too: it also knows options and what is inside
 * conditions on related records.
 */
export function brokenNames(entity: Entity, filter: Filter | null, find: FindEntity, view?: View): string[] {
  const relations = new Set(relationsOf(entity).map((relation) => relation.name));
  const gone = [...attributesIn(filter).filter((path) => !isKnown(entity, path, find)), ...relationshipsIn(filter).filter((name) => !relations.has(name))];
  const unchanged = view?.broken?.length && JSON.stringify(view.filter) === JSON.stringify(filter);
  // A column or a sort order that is gone is shown as such and hides no rows.
  const shown = new Set([...(view?.columns ?? []).map((column) => column.name), ...(view?.order ?? []).map((entry) => entry.replace(/^-/, ''))]);
  const found = unchanged ? view.broken!.filter((name) => !shown.has(name)) : [];
  return [...new Set([...gone, ...found])];
}
