/**
 * The filter tree as the builder edits it. The API's tree has no identities and cannot hold a half-finished condition;
 * this one has both, so a row keeps its focus while it is edited and an unfinished row is not sent.
 */
import type { Filter, FilterValue, RelatedCount } from '@/api';
import { isComplete } from './operators';

export interface Group {
  kind: 'group';
  key: string;
  join: 'and' | 'or';
  negated: boolean;
  children: Node[];
}

export interface Condition {
  kind: 'condition';
  key: string;
  /** Attribute name or a path over relations such as `customer.industry`; empty while nothing was chosen. */
  attribute: string;
  operator: string;
  value: FilterValue | undefined;
}

export interface RelatedCondition {
  kind: 'related';
  key: string;
  relationship: string;
  exists: boolean;
  /** How many there have to be, instead of whether there are any. */
  count: RelatedCount | null;
  filter: Group;
}

export type Node = Group | Condition | RelatedCondition;

export const MAX_DEPTH = 8;
export const MAX_CONDITIONS = 100;

let counter = 0;
const newKey = () => `n${++counter}`;

export const newGroup = (join: 'and' | 'or' = 'and', children: Node[] = []): Group => ({ kind: 'group', key: newKey(), join, negated: false, children });

export const newCondition = (attribute = '', operator = '', value?: FilterValue): Condition => ({
  kind: 'condition',
  key: newKey(),
  attribute,
  operator,
  value,
});

export const newRelated = (relationship = ''): RelatedCondition => ({ kind: 'related', key: newKey(), relationship, exists: true, count: null, filter: newGroup() });

function nodeOf(filter: Filter): Node {
  if ('and' in filter) return newGroup('and', filter.and.map(nodeOf));
  if ('or' in filter) return newGroup('or', filter.or.map(nodeOf));
  if ('not' in filter) {
    const inner = nodeOf(filter.not);
    const group = inner.kind === 'group' && !inner.negated ? inner : newGroup('and', [inner]);
    return { ...group, negated: true };
  }
  if ('related' in filter) return { ...newRelated(filter.related), exists: filter.exists ?? true, count: filter.count ?? null, filter: treeOf(filter.filter ?? null) };
  return newCondition(filter.attribute, filter.operator, filter.value);
}

/** The editable tree of an API filter; the root is always a plain group. */
export function treeOf(filter: Filter | null | undefined): Group {
  if (!filter) return newGroup();
  const node = nodeOf(filter);
  return node.kind === 'group' && !node.negated ? node : newGroup('and', [node]);
}

function filterOfNode(node: Node): Filter | null {
  if (node.kind === 'condition') {
    if (!isComplete(node)) return null;
    return node.value === undefined
      ? { attribute: node.attribute, operator: node.operator }
      : { attribute: node.attribute, operator: node.operator, value: node.value };
  }
  if (node.kind === 'related') {
    if (!node.relationship) return null;
    const inner = filterOf(node.filter);
    const quantity = node.count ? { count: node.count } : { exists: node.exists };
    return { related: node.relationship, ...quantity, ...(inner && { filter: inner }) };
  }
  const children = node.children.map(filterOfNode).filter((child): child is Filter => child !== null);
  if (!children.length) return null;
  const joined: Filter = children.length === 1 ? children[0]! : node.join === 'and' ? { and: children } : { or: children };
  return node.negated ? { not: joined } : joined;
}

/** The API filter of a tree: unfinished conditions and empty groups are left out; null when nothing remains. */
export const filterOf = (tree: Group): Filter | null => filterOfNode(tree);

/** Replace, or with null remove, the node of a key anywhere in the tree. */
export function replaceNode(tree: Group, key: string, change: (node: Node) => Node | null): Group {
  const visit = (node: Node): Node | null => {
    if (node.key === key) return change(node);
    if (node.kind === 'group') return withChildren(node, visit);
    if (node.kind === 'related') {
      const inner = visit(node.filter);
      return inner === node.filter ? node : { ...node, filter: inner?.kind === 'group' ? inner : newGroup() };
    }
    return node;
  };
  const root = visit(tree);
  return root?.kind === 'group' ? root : newGroup();
}

function withChildren(group: Group, visit: (node: Node) => Node | null): Group {
  const children = group.children.map(visit).filter((child): child is Node => child !== null);
  const same = children.length === group.children.length && children.every((child, index) => child === group.children[index]);
  return same ? group : { ...group, children };
}

/** Add a node at the end of the group of a key. */
export function addNode(tree: Group, groupKey: string, node: Node): Group {
  return replaceNode(tree, groupKey, (found) => (found.kind === 'group' ? { ...found, children: [...found.children, node] } : found));
}

/** Remove a node; groups that become empty by it go with it, the root stays. */
export function removeNode(tree: Group, key: string): Group {
  const prune = (node: Node): Node | null => {
    if (node.key === key) return null;
    if (node.kind !== 'group') return node.kind === 'related' ? { ...node, filter: pruned(node.filter) } : node;
    const next = pruned(node);
    return next.children.length || !node.children.length ? next : null;
  };
  const pruned = (group: Group): Group => withChildren(group, prune);
  return pruned(tree);
}

/** Wrap a node into a new group of the other conjunction, so that an alternative can be put beside it. */
export function wrapNode(tree: Group, key: string, join: 'and' | 'or'): Group {
  return replaceNode(tree, key, (node) => newGroup(join, [node]));
}

/** Number of conditions, unfinished ones included. */
export function countConditions(node: Node): number {
  if (node.kind === 'group') return node.children.reduce((sum, child) => sum + countConditions(child), 0);
  return node.kind === 'related' ? 1 + countConditions(node.filter) : 1;
}

/** Conditions that say too little to be sent; a filter that is kept must not lose them silently. */
export function unfinishedIn(node: Node): number {
  if (node.kind === 'group') return node.children.reduce((sum, child) => sum + unfinishedIn(child), 0);
  return node.kind === 'related' ? unfinishedIn(node.filter) : Number(!isComplete(node));
}

/** Levels of groups from here down; the API refuses more than eight. */
export function depthOf(node: Node): number {
  if (node.kind === 'condition') return 1;
  if (node.kind === 'related') return 1 + depthOf(node.filter);
  return (node.negated ? 2 : 1) + Math.max(0, ...node.children.map(depthOf));
}

/** Both filters together; either may be null. */
export function both(first: Filter | null | undefined, second: Filter | null | undefined): Filter | null {
  if (!first || !second) return first ?? second ?? null;
  const parts = [first, second].flatMap((filter) => ('and' in filter ? filter.and : [filter]));
  return { and: parts };
}

/** The conditions shown as chips: the parts that are joined by *and* at the top. */
export function partsOf(filter: Filter | null | undefined): Filter[] {
  if (!filter) return [];
  return 'and' in filter ? filter.and : [filter];
}

/** The filter of chips; null when none is left. */
export function joined(parts: Filter[]): Filter | null {
  return parts.length === 0 ? null : parts.length === 1 ? parts[0]! : { and: parts };
}

/** Relationships of the object itself that a filter names. */
export function relationshipsIn(filter: Filter | null | undefined): string[] {
  if (!filter) return [];
  if ('and' in filter) return filter.and.flatMap(relationshipsIn);
  if ('or' in filter) return filter.or.flatMap(relationshipsIn);
  if ('not' in filter) return relationshipsIn(filter.not);
  return 'related' in filter ? [filter.related] : [];
}

/** Every attribute path a filter names, without those inside related-object conditions. */
export function attributesIn(filter: Filter | null | undefined): string[] {
  if (!filter) return [];
  if ('and' in filter) return filter.and.flatMap(attributesIn);
  if ('or' in filter) return filter.or.flatMap(attributesIn);
  if ('not' in filter) return attributesIn(filter.not);
  return 'attribute' in filter ? [filter.attribute] : [];
}
