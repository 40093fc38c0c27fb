import { describe, expect, it } from 'vitest';

import type { Filter } from '@/api';
import { addNode, attributesIn, both, countConditions, depthOf, filterOf, joined, newCondition, newGroup, newRelated, partsOf, relationshipsIn, removeNode, replaceNode, treeOf, wrapNode } from './tree';

const open: Filter = { attribute: 'state', operator: 'in', value: ['open'] };
const hot: Filter = { attribute: 'rating', operator: 'eq', value: 1 };
const nested: Filter = {
  and: [open, { not: { or: [hot, { attribute: 'customer.industry', operator: 'in', value: [1, 2] }] } }, { related: 'tasks', exists: false, filter: open }],
};

describe('treeOf and filterOf', () => {
  it('give back the same filter for every kind of node', () => {
    for (const filter of [open, nested, { or: [open, hot] }, { not: open }, { related: 'tasks', exists: true }, { related: 'tasks', count: { operator: 'ge', value: 3 }, filter: open }] as Filter[]) {
      expect(filterOf(treeOf(filter))).toEqual(filter);
    }
    expect(filterOf(treeOf(null))).toBeNull();
  });

  it('keep two negations apart', () => {
    const twice: Filter = { not: { not: hot } };
    expect(filterOf(treeOf(twice))).toEqual(twice);
  });

  it('leave out what is not finished, and groups with nothing else in them', () => {
    const tree = newGroup('and', [newCondition('rating', 'in', []), newGroup('or', [newCondition('topic', 'contains', '')]), newRelated('')]);
    expect(filterOf(tree)).toBeNull();
  });

  it('send operators without a value with none', () => {
    expect(filterOf(newGroup('and', [newCondition('owner', 'me')]))).toEqual({ attribute: 'owner', operator: 'me' });
  });

  it('keep false and zero as values', () => {
    expect(filterOf(newGroup('and', [newCondition('done', 'eq', false), newCondition('percent', 'eq', 0)]))).toEqual({
      and: [
        { attribute: 'done', operator: 'eq', value: false },
        { attribute: 'percent', operator: 'eq', value: 0 },
      ],
    });
  });
});

describe('editing', () => {
  it('replaces inside a related-object condition and leaves other branches untouched', () => {
    const tree = treeOf(nested);
    const related = tree.children[2]!;
    if (related.kind !== 'related') throw new Error('expected a related condition');
    const key = related.filter.children[0]!.key;
    const next = replaceNode(tree, key, (node) => (node.kind === 'condition' ? { ...node, value: ['won'] } : node));
    expect(filterOf(next)).toMatchObject({ and: [open, {}, { related: 'tasks', filter: { attribute: 'state', value: ['won'] } }] });
    expect(next.children[0]).toBe(tree.children[0]);
  });

  it('adds to the group asked for', () => {
    const tree = treeOf({ and: [open, { or: [hot, open] }] });
    const inner = tree.children[1]!;
    const next = addNode(tree, inner.key, newCondition('topic', 'contains', 'x'));
    expect(filterOf(next)).toEqual({ and: [open, { or: [hot, open, { attribute: 'topic', operator: 'contains', value: 'x' }] }] });
  });

  it('removes groups that become empty, but never the root', () => {
    const tree = treeOf({ and: [{ or: [hot, open] }] });
    const group = tree.children[0]!;
    if (group.kind !== 'group') throw new Error('expected a group');
    const once = removeNode(tree, group.children[0]!.key);
    expect(filterOf(once)).toEqual(open);
    const twice = removeNode(once, group.children[1]!.key);
    expect(twice).toMatchObject({ kind: 'group', children: [] });
    expect(removeNode(twice, twice.key).kind).toBe('group');
  });

  it('keeps an empty group that the user has just added', () => {
    const tree = newGroup('and', [newCondition('rating', 'eq', 1), newGroup('or')]);
    expect(removeNode(tree, tree.children[0]!.key).children).toHaveLength(1);
  });

  it('wraps a condition so that an alternative can stand beside it', () => {
    const tree = treeOf(hot);
    const wrapped = wrapNode(tree, tree.children[0]!.key, 'or');
    const group = wrapped.children[0]!;
    expect(filterOf(addNode(wrapped, group.key, newCondition('state', 'in', ['open'])))).toEqual({ or: [hot, open] });
  });
});

describe('measures', () => {
  it('count conditions and levels as the API does', () => {
    const tree = treeOf(nested);
    expect(countConditions(tree)).toBe(5);
    expect(depthOf(treeOf({ not: { not: hot } }))).toBeGreaterThan(depthOf(treeOf(hot)));
  });
});

describe('chips', () => {
  it('are the parts joined by and', () => {
    expect(partsOf(null)).toEqual([]);
    expect(partsOf(open)).toEqual([open]);
    expect(partsOf({ and: [open, hot] })).toEqual([open, hot]);
    expect(joined([])).toBeNull();
    expect(joined([hot])).toEqual(hot);
    expect(both({ and: [open] }, hot)).toEqual({ and: [open, hot] });
    expect(both({ or: [open, hot] }, hot)).toEqual({ and: [{ or: [open, hot] }, hot] });
    expect(both(null, null)).toBeNull();
  });

  it('name the attributes and relationships they use', () => {
    expect(relationshipsIn(nested)).toEqual(['tasks']);
    expect(attributesIn(nested)).toEqual(['state', 'rating', 'customer.industry']);
  });
});
