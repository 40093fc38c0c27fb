import { describe, expect, it } from 'vitest';

import type { Filter } from '@/api';
import type { View } from '@/metadata';
import { attribute, entities } from '@/testing/model';
import { brokenNames, mended } from './broken';
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
    expect(brokenNames(account, { filter }, find)).toEqual(names);
  });

  const view = {
    filter: sound, columns: [{ name: 'name' }, { name: 'c_column' }], order: ['-c_order'], group_by: null, board_attribute: null,
    broken: ['c_column', 'c_order', 'contacts.c_inside'],
  } as unknown as View;
  const asked = { view, filter: { ...sound } as Filter | null, columns: view.columns, order: view.order };

  it('takes what the server found in a view, each part until it is changed', () => {
    expect(brokenNames(account, asked, find)).toEqual(['c_column', 'c_order', 'contacts.c_inside']);
    expect(brokenNames(account, { ...asked, filter: null }, find)).toEqual(['c_column', 'c_order']);
    expect(brokenNames(account, { ...asked, filter: null, columns: [{ name: 'name' }], order: [] }, find)).toEqual([]);
  });

  it('is mended by leaving out what is gone, and the filter only where it is to blame', () => {
    const columns = { ...asked, view: { ...view, broken: ['c_column', 'c_order'] } as View };
    expect(mended(account, columns, ['c_column', 'c_order'], find)).toEqual({ columns: [{ name: 'name' }], order: [], groupBy: null });
    expect(mended(account, asked, ['c_column', 'c_order', 'contacts.c_inside'], find)).toMatchObject({ filter: null, q: '', columns: [{ name: 'name' }] });
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
