import { beforeEach, describe, expect, it } from 'vitest';

import { neighboursOf, rememberList, rememberedList } from './neighbours';

const list = { plural: 'accounts', label: 'My accounts', href: '/accounts?view=1', ids: ['a', 'b', 'c'] };

describe('neighbours', () => {
  beforeEach(() => sessionStorage.clear());

  it('are those of the list one came from', () => {
    rememberList(list);
    expect(neighboursOf(rememberedList('accounts'), 'b')).toMatchObject({ position: 2, previous: 'a', next: 'c' });
    expect(neighboursOf(rememberedList('accounts'), 'a')).toMatchObject({ position: 1, previous: null, next: 'b' });
    expect(neighboursOf(rememberedList('accounts'), 'c')!.next).toBeNull();
  });

  it('are absent for a record that was not in the list, for another object and for broken storage', () => {
    rememberList(list);
    expect(neighboursOf(rememberedList('accounts'), 'z')).toBeNull();
    expect(rememberedList('contacts')).toBeNull();
    sessionStorage.setItem('list:contacts', 'nonsense');
    expect(rememberedList('contacts')).toBeNull();
  });
});
