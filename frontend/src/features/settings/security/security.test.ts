import { expect, test } from 'vitest';

import { auditText } from '../audit/AuditRow';
import { treeOrder, withDescendants } from '../people/useUnits';
import { securedFields, toggledRights } from './secured';

const row = (id: string, parent: string | null) => ({ id, name: id.toUpperCase(), parent, active: true });

test('units come in the order of their tree, with the way from the root', () => {
  const units = treeOrder([row('c', 'b'), row('b', 'a'), row('d', 'a'), row('a', null)]);
  expect(units.map((unit) => [unit.id, unit.level])).toEqual([['a', 0], ['b', 1], ['c', 2], ['d', 1]]);
  expect(units[2]!.path).toBe('A / B / C');
});

test('a unit whose parent is not shown stands at the top', () => {
  expect(treeOrder([row('x', 'hidden')]).map((unit) => unit.level)).toEqual([0]);
});

test('a unit is not offered as its own or its descendants’ parent', () => {
  const units = treeOrder([row('a', null), row('b', 'a'), row('c', 'b'), row('d', 'a')]);
  expect([...withDescendants(units, 'b')]).toEqual(['b', 'c']);
});

test('whoever changes a value reads it; without reading there is nothing', () => {
  expect(toggledRights([], 'update', true)).toEqual(['read', 'update']);
  expect(toggledRights(['read', 'create', 'update'], 'create', false)).toEqual(['read', 'update']);
  expect(toggledRights(['read', 'update'], 'read', false)).toEqual([]);
});

test('only secured fields are listed, by object and attribute', () => {
  const attributes = [{ name: 'email', label: 'E-mail', type: 'text', secured: true, hidden_with: [] }, { name: 'phone', label: 'Phone', type: 'text', secured: false, hidden_with: [] }];
  expect(securedFields([{ name: 'contact', label: 'Contacts', attributes }])).toEqual([{ path: 'contact.email', label: 'E-mail', object: 'Contacts' }]);
});

test('values of the audit read as text', () => {
  expect(auditText(null, 'empty')).toBe('empty');
  expect(auditText({ object: 'user', id: '1', name: 'Ada' }, 'empty')).toBe('Ada');
  expect(auditText(['a', 'b'], 'empty')).toBe('a, b');
  expect(auditText({ read: 5 }, 'empty')).toBe('read: 5');
  expect(auditText(false, 'empty')).toBe('false');
});
