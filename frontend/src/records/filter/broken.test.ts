import { describe, expect, it } from 'vitest';

import type { Filter } from '@/api';
import type { View } from '@/metadata';
import { attribute, entities } from '@/testing/model';
import { brokenNames } from './broken';
import { itself, relationsOf } from './paths';

const account = { ...entities.find((entity) => entity.name === 'account')!, parent_attribute: 'parent_account', related_activities: [{ name: 'about.task', label: 'Tasks', object: 'task' }] };
const find = (name: string) => entities.find((entity) => entity.name === name);
const sound: Filter = { attribute: account.primary_attribute, operator: 'contains', value: 'x' };

describe('brokenNames', () => {
  it.each<[Filter, string[]]>([
    [sound, []],
    [{ attribute: 'id', operator: 'under', value: 'x' }, []],
    [{ related: 'about.task', exists: false }, []],
    [{ or: [sound, { attribute: 'c_gone', operator: 'empty' }] }, ['c_gone']],
    [{ not: { related: 'boats', count: { operator: 'ge', value: 2 } } }, ['boats']],
  ])('%j → %j', (filter, names) => {
    expect(brokenNames(account, filter, find)).toEqual(names);
  });

  it('takes what the server found in the filter of a view, until the filter is changed', () => {
    const view = { filter: sound, columns: [{ name: 'c_column' }], order: ['-c_order'], broken: ['c_column', 'c_order', 'contacts.c_inside'] } as unknown as View;
    expect(brokenNames(account, { ...sound }, find, view)).toEqual(['contacts.c_inside']);
    expect(brokenNames(account, { ...sound, value: 'y' } as Filter, find, view)).toEqual([]);
  });
});

describe('what conditions can be about', () => {
  it('is the record itself where records form a tree', () => {
    const tree = { ...account, attributes: [...account.attributes.filter((entry) => entry.name !== 'parent_account'), attribute('parent_account', 'Parent', 'lookup', { targets: ['account'] })] };
    expect(itself(tree)).toMatchObject({ name: 'id', type: 'lookup', targets: ['account'] });
    expect(itself(tree)!.operators).toContain('under');
    expect(itself({ ...account, parent_attribute: null })).toBeUndefined();
  });

  it('is activities too', () => {
    expect(relationsOf(account).map((relation) => relation.name)).toContain('about.task');
  });
});
