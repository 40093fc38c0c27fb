import { describe, expect, it } from 'vitest';

import { progressOf, removedCount } from './progress';

const item = (key: string, done: boolean) => ({ key, label: key, done });

describe('first steps', () => {
  it('counts what is done and names the next one', () => {
    expect(progressOf({ items: [item('import', true), item('invite', false), item('adapt', false)] })).toMatchObject({ done: 1, total: 3, next: { key: 'invite' } });
  });
  it('has nothing next when all is done or there is nothing to do', () => {
    expect(progressOf({ items: [item('import', true)] }).next).toBeNull();
    expect(progressOf({ items: [] })).toEqual({ done: 0, total: 0, next: null });
  });
  it('adds up what was removed', () => {
    expect(removedCount({ account: 20, contact: 31 })).toBe(51);
    expect(removedCount({})).toBe(0);
  });
});
