import { describe, expect, it } from 'vitest';

import type { FullRecord } from '@/api';
import type { Entity } from '@/metadata';
import { offeredActions } from './available';

const action = (name: string, more: object = {}) => ({ name, label: name, states: ['open'], privilege: 'write', scope: 'record', primary: false, destructive: false, icon: null, parameters: [], ...more });
const entity = {
  actions: [
    action('lose', { primary: true, destructive: true }),
    action('win', { primary: true }),
    action('assign', { states: [], privilege: 'assign' }),
    action('recount', { scope: 'collection' }),
    action('reopen', { states: ['won'] }),
    action('set_state', { states: [] }),
  ],
} as unknown as Entity;
const record = (more: object) => ({ id: '1', version: 1, state: 'open', ...more }) as FullRecord;
const names = (offered: ReturnType<typeof offeredActions>) => [offered.primary?.name ?? null, offered.secondary.map((entry) => entry.name), offered.menu.map((entry) => entry.name)];

describe('offeredActions', () => {
  it('has one primary button, never a destructive one', () => {
    expect(names(offeredActions(entity, record({})))).toEqual(['win', ['lose'], ['assign']]);
  });
  it('follows what the server allows', () => {
    expect(names(offeredActions(entity, record({ state: 'won', allowed_actions: ['reopen'] })))).toEqual([null, [], ['reopen']]);
  });
  it('leaves out what the caller may not do', () => {
    const access = { write: true, delete: false, assign: false, share: false };
    expect(names(offeredActions(entity, record({ privileges: access })))[2]).toEqual([]);
  });
});
