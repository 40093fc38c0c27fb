/** What a filter names that is gone: such a filter shows nothing, and says why. */
import type { Filter } from '@/api';
import { attributeOf, type Entity, type View } from '@/metadata';
import { MEMBER_OF, relationsOf, type FindEntity } from './paths';
import { attributesIn, relationshipsIn } from './tree';

/** Whether a path still leads to an attribute; one whose object is not loaded yet gets the benefit of the doubt. */
export function isKnown(entity: Entity, path: string, find: FindEntity): boolean {
  const [head = '', ...rest] = path.replace(/^-/, '').split('.');
  if (head === 'id' || head === 'import_id' || path === MEMBER_OF) return true;
  const attribute = attributeOf(entity, head);
  if (!attribute || !rest.length) return !!attribute;
  const targets = attribute.targets.map(find).filter((target) => target !== undefined);
  return !targets.length || targets.some((target) => isKnown(target, rest.join('.'), find));
}

/** What of a list can name something that is gone. */
export interface Asked {
  view?: View;
  filter: Filter | null;
  columns?: { name: string }[];
  order?: string[];
  groupBy?: string | null;
  boardAttribute?: string | null;
}

const plain = (entry: string): string => entry.replace(/^-/, '');

function shownNames({ columns = [], order = [], groupBy, boardAttribute }: Omit<Asked, 'view' | 'filter'>): Set<string> {
  return new Set([...columns.map((column) => column.name), ...order.map(plain), ...[groupBy, boardAttribute].filter((name) => !!name)] as string[]);
}

/**
 * Names of the attributes and relations a list uses that do not exist (any more).
 *
 * While a part of the list is as the view has it, what the server found there counts too: it also knows options and
 * what is inside conditions on related records, and tells a column that is gone from one somebody may not see.
 */
export function brokenNames(entity: Entity, asked: Asked, find: FindEntity): string[] {
  const { view, filter } = asked;
  const relations = new Set(relationsOf(entity).map((relation) => relation.name));
  const gone = [...attributesIn(filter).filter((path) => !isKnown(entity, path, find)), ...relationshipsIn(filter).filter((name) => !relations.has(name))];
  if (!view?.broken?.length) return [...new Set(gone)];
  const unchanged = JSON.stringify(view.filter) === JSON.stringify(filter);
  const shown = shownNames(asked);
  const inView = shownNames({ columns: view.columns, order: view.order, groupBy: view.group_by, boardAttribute: view.board_attribute });
  return [...new Set([...gone, ...view.broken.filter((name) => shown.has(name) || (unchanged && !inView.has(name)))])];
}

/** The change that makes a list work again: without the columns and orders that are gone, and without its filter where that is not enough. */
export function mended(entity: Entity, asked: Asked, broken: string[], find: FindEntity) {
  const left = (name: string) => !broken.includes(plain(name));
  const shown = {
    columns: (asked.columns ?? []).filter((column) => left(column.name)) as View['columns'],
    order: (asked.order ?? []).filter(left),
    groupBy: asked.groupBy && left(asked.groupBy) ? asked.groupBy : null,
  };
  return brokenNames(entity, { ...asked, boardAttribute: null, ...shown }, find).length ? { ...shown, filter: null, q: '' } : shown;
}

/** What something that is gone was called last, else its name. */
export const formerLabel = (entity: Entity, name: string): string => entity.former?.[plain(name)] ?? name;
