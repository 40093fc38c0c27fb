import { afterEach, describe, expect, it, vi } from 'vitest';

import { draftKey, dropDraft, keepDraft, pruneDrafts, readDraft } from './drafts';

const key = draftKey({ workspace: 'demo', user: 'u1' }, 'account:new');
const DAY = 86_400_000;

afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
});

describe('drafts', () => {
  it('come back with what was typed', () => {
    expect(keepDraft(key, { name: 'Nord' }, 1000)).toBe(true);
    expect(readDraft(key, 2000)).toEqual({ at: 1000, value: { name: 'Nord' } });
    dropDraft(key);
    expect(readDraft(key)).toBeUndefined();
  });

  it('belong to one person of one workspace', () => {
    keepDraft(key, 'mine');
    expect(readDraft(draftKey({ workspace: 'demo', user: 'u2' }, 'account:new'))).toBeUndefined();
    expect(readDraft(draftKey({ workspace: 'other', user: 'u1' }, 'account:new'))).toBeUndefined();
  });

  it('end after a month, and broken ones are no drafts', () => {
    keepDraft(key, 'old', 0);
    expect(readDraft(key, 31 * DAY)).toBeUndefined();
    expect(localStorage.getItem(key)).toBeNull();
    localStorage.setItem(key, '{broken');
    expect(readDraft(key)).toBeUndefined();
  });

  it('are pruned without touching other entries', () => {
    localStorage.setItem('theme', 'dark');
    keepDraft(key, 'old', 0);
    pruneDrafts(31 * DAY);
    expect(Object.keys(localStorage)).toEqual(['theme']);
  });

  it('say so when the browser keeps nothing', () => {
    vi.stubGlobal('localStorage', {
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    });
    expect(keepDraft(key, 'x')).toBe(false);
  });
});
