import { describe, expect, it } from 'vitest';

import type { Change } from '@/api/customization';
import { attribute, entities } from '@/testing/model';
import { numberPreview } from './model/AutoNumberFields';
import { definitionToSend } from './model/fieldDefinition';
import { fieldRows } from './model/fieldRows';
import { withoutEmpty } from './model/options';
import { draftOf } from './model/useDraft';
import { splitAddresses } from './people/addresses';
import { shownGroups } from './roles/groups';
import { changesBetween, depthAt, setCells, setColumn, type Choices, type Matrix } from './roles/matrix';

describe('the matrix of a role', () => {
  const start: Matrix = { account: { read: 'organisation', write: 'own' }, lead: { read: 'unit', write: 'none' } };

  it('changes cells, rows and columns without touching the former one', () => {
    const row = setCells(start, 'lead', ['read', 'write'], 'team');
    expect(row.lead).toEqual({ read: 'team', write: 'team' });
    expect(start.lead!.read).toBe('unit');
    expect(setColumn(start, ['account', 'lead'], 'read', 'own', {}).account!.read).toBe('own');
    expect(depthAt(start, 'gone', 'read')).toBe('none');
  });

  it('sets on a whole column only depths the objects know', () => {
    const choices = { account: ['none', 'own', 'unit', 'organisation'], lead: ['none', 'organisation'] } satisfies Choices;
    const column = setColumn(start, ['account', 'lead'], 'read', 'own', choices);
    expect([column.account!.read, column.lead!.read]).toEqual(['own', 'organisation']);
    expect(setColumn(start, ['lead'], 'read', 'none', choices).lead!.read).toBe('none');
  });

  it('shows the rows looked for and those in which two roles differ', () => {
    const row = (name: string, label: string) => ({ name, label, icon: null });
    const groups = [{ label: 'Customers', objects: [row('account', 'Accounts')] }, { label: 'Sales', objects: [row('lead', 'Leads'), row('quote', 'Quotes')] }];
    const names = (text: string, other: Matrix | null = null) => shownGroups(groups, text, start, other, ['read', 'write']).flatMap((group) => group.objects.map((object) => object.name));
    expect(names('')).toEqual(['account', 'lead', 'quote']);
    expect(names('SALES')).toEqual(['lead', 'quote']);
    expect(names('quo')).toEqual(['quote']);
    expect(names('boat')).toEqual([]);
    expect(names('', setCells(start, 'lead', ['write'], 'own'))).toEqual(['lead']);
    expect(names('', start)).toEqual([]);
  });

  it('sends only what differs', () => {
    const after = setCells(setCells(start, 'lead', ['write'], 'own'), 'account', ['read'], 'organisation');
    expect(changesBetween(start, after)).toEqual({ rows: { lead: { write: 'own' } }, cells: 1 });
    expect(changesBetween(start, start)).toEqual({ rows: {}, cells: 0 });
  });
});

describe('fields with their draft', () => {
  const change = (operation: Change['operation'], name: string, definition: Change['definition'] = {}, id = name + operation): Change => ({ id, kind: 'attribute', operation, object: 'account', name, definition });
  const account = { ...entities[0]!, attributes: [attribute('name', 'Name', 'text'), attribute('c_berth', 'Berth', 'text', { custom: true })] };

  it('puts own fields first and marks what the draft does to them', () => {
    const rows = fieldRows(account, 'account', [change('create', 'c_new', { label: 'Keel', type: 'dec' }), change('update', 'c_berth', { label: 'Mooring', type: 'text' })]);
    expect(rows.map((row) => [row.name, row.label, row.draft])).toEqual([['c_new', 'Keel', 'new'], ['c_berth', 'Mooring', 'changed'], ['name', 'Name', null]]);
    expect(fieldRows(account, 'account', [change('delete', 'c_berth')])[0]!.draft).toBe('deleted');
  });

  it('forgets a new field that was deleted again, and other objects', () => {
    const rows = fieldRows(account, 'account', [change('create', 'c_new', { label: 'Keel' }), change('delete', 'c_new'), { ...change('create', 'c_other', { label: 'Other' }), object: 'lead' }]);
    expect(rows.map((row) => row.name)).toEqual(['c_berth', 'name']);
  });

  it('keeps the stored rule of a link when something else is edited', () => {
    const entity = { ...account, attributes: [attribute('c_skipper', 'Skipper', 'lookup', { custom: true, targets: ['contact'] })] };
    const stored = [{ name: 'c_skipper', label: 'Skipper', type: 'lookup', targets: ['contact'], on_delete: 'restrict' as const, labels: { de: 'Schiffer' } }];
    const [row] = fieldRows(entity, 'account', [], stored);
    expect(definitionToSend({ ...row!.definition, label: 'Captain' })).toMatchObject({ label: 'Captain', on_delete: 'restrict', labels: { de: 'Schiffer' } });
    const [unknown] = fieldRows(entity, 'account', []);
    expect(definitionToSend(unknown!.definition)).not.toHaveProperty('on_delete');
  });

  it('finds the newest change of an object', () => {
    const changes: Change[] = [{ id: '1', kind: 'object', operation: 'create', object: null, name: 'c_boat', definition: {} }, { id: '2', kind: 'object', operation: 'update', object: null, name: 'c_boat', definition: {} }];
    expect(draftOf(changes, 'object', 'c_boat')?.id).toBe('2');
    expect(draftOf(changes, 'object', 'c_car')).toBeUndefined();
  });
});

describe('what is sent for a field', () => {
  it('holds only what the type knows', () => {
    expect(definitionToSend({ type: 'pick', label: ' Kind ', max_length: 5, min: 1, searchable: true, unique: true, options: [{ label: ' Sail ', color: 'blue' }, { label: '', color: 'red' }] })).toEqual({
      type: 'pick', label: 'Kind', help: '', required: false, recommended: false, options: [{ label: 'Sail', color: 'blue' }],
    });
    expect(definitionToSend({ type: 'lookup', label: 'Skipper', targets: ['contact'], on_delete: 'remove_link', default: 'x' })).toEqual({
      type: 'lookup', label: 'Skipper', help: '', required: false, recommended: false, targets: ['contact'], on_delete: 'remove_link',
    });
    expect(definitionToSend({ type: 'dec', label: 'Length', labels: { de: 'Länge', sv: ' ' }, min: '0', default: '1.50' })).toMatchObject({ precision: 2, min: '0', max: null, labels: { de: 'Länge' }, default: '1.50' });
  });

  it('holds the format of an automatic number and no rules', () => {
    expect(definitionToSend({ type: 'auto', label: 'Number', prefix: 'INV-', date_part: 'year', digits: 4, required: true, default: 'x' })).toEqual({
      type: 'auto', label: 'Number', help: '', prefix: 'INV-', date_part: 'year', digits: 4, suffix: 0, next_number: 1,
    });
    expect(numberPreview({ prefix: 'INV-', date_part: 'year_month', digits: 4, suffix: 4 }, 42, new Date(2026, 10, 22))).toBe('INV-202611-0042-X7KQ');
    expect(numberPreview({}, 123456, new Date(2026, 0, 1))).toBe('123456');
  });

  it('drops empty options and keeps the numbers of others', () => {
    expect(withoutEmpty([{ value: 3, label: 'A ', color: null, active: false }, { label: '  ', color: null }])).toEqual([{ value: 3, label: 'A', color: null, active: false }]);
  });
});

describe('addresses to invite', () => {
  it('are read from what people paste', () => {
    expect(splitAddresses('Ana <ANA@example.com>, ben@example.com;\n\n ben@example.com elif@example.com')).toEqual({ good: ['ana@example.com', 'ben@example.com', 'elif@example.com'], bad: [] });
    expect(splitAddresses('nobody, a@b')).toEqual({ good: [], bad: ['nobody', 'a@b'] });
  });
});
