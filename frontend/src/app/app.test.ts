import { describe, expect, it } from 'vitest';

import type { ObjectSummary } from '@/metadata';
import { setFormatting } from '@/ui/formatting';
import { groupOf } from './home/due';
import { fuzzyScore } from './palette/fuzzy';
import { objectGroups } from './shell/groups';
import { innerPath } from './shell/links';
import { daysUntil } from './shell/TopStrip';

const object = (name: string, group: string, more: Partial<ObjectSummary> = {}): ObjectSummary => ({
  name, plural: `${name}s`, label: name, label_plural: `${name}s`, icon: null, color: null, custom: false, group, features: [], privileges: { read: true }, ...more,
});

describe('navigation', () => {
  it('groups objects in the order of the day and hides what is not for it', () => {
    const groups = objectGroups(
      [
        object('role', 'administration'), object('task', 'activities'), object('c_boat', 'other', { custom: true }), object('deal', 'sales'), object('account', 'customers'),
        object('line', 'sales', { in_navigation: false }), object('secret', 'sales', { privileges: { read: false } }), object('fax', 'activities'), object('ship', 'logistics'),
      ],
      ['fax'],
    );
    expect(groups.map((group) => [group.label, group.objects.map((entry) => entry.name)])).toEqual([
      ['Customers', ['account']], ['Sales', ['deal']], ['Activities', ['task']], ['Own objects', ['c_boat']], ['Logistics', ['ship']],
    ]);
  });

  it('follows links inside the workspace only', () => {
    const here = new URL('http://demo.test/accounts') as unknown as Location;
    const link = (href: string, more: Partial<HTMLAnchorElement> = {}) => innerPath(Object.assign(document.createElement('a'), { href, ...more }), here);
    expect(link('http://demo.test/contacts/1?tab=a')).toBe('/contacts/1?tab=a');
    expect([link('http://demo.test/api/v1/files/1'), link('http://demo.test/billing/'), link('http://demo.test/login/'), link('https://example.com/')]).toEqual([null, null, null, null]);
    expect(link('http://demo.test/contacts', { target: '_blank' })).toBeNull();
    expect(link('http://demo.test/loginpage')).toBe('/loginpage');
    const download = document.createElement('a');
    download.href = 'http://demo.test/x';
    download.download = 'x.csv';
    expect(innerPath(download, here)).toBeNull();
  });
});

describe('palette', () => {
  const best = (typed: string, texts: string[]) => texts.map((text) => [text, fuzzyScore(typed, text)] as const).filter(([, score]) => score > 0).sort((a, b) => b[1] - a[1]).map(([text]) => text);

  it('finds whole words first, then starts of words, and nothing scattered', () => {
    expect(best('acc', ['Practical accents', 'Go to Accounts', 'Sign out'])).toEqual(['Go to Accounts', 'Practical accents']);
    expect(best('ca', ['Create Account', 'Recycle bin'])[0]).toBe('Create Account');
    expect(fuzzyScore('go acc', 'Go to Accounts')).toBeGreaterThan(0);
    expect(fuzzyScore('xyz', 'Create Account')).toBe(0);
    expect(fuzzyScore('', 'anything')).toBe(1);
  });
});

describe('own work', () => {
  it("sorts by the user's day", () => {
    setFormatting({ locale: 'en', timeZone: 'Asia/Tokyo', currency: 'EUR', dateFormat: null });
    const now = '2026-11-22T20:00:00Z'; // the 23rd in Tokyo
    expect(groupOf('2026-11-22', now)).toBe('overdue');
    expect(groupOf('2026-11-23', now)).toBe('today');
    expect(groupOf('2026-11-22T19:00:00Z', now)).toBe('overdue');
    expect(groupOf('2026-11-22T21:00:00Z', now)).toBe('today');
    expect(groupOf('2026-11-24T21:00:00Z', now)).toBe('upcoming');
    expect(groupOf(null, now)).toBe('noDate');
  });
});

describe('trial', () => {
  it('counts whole days and never below zero', () => {
    const now = Date.parse('2026-11-22T12:00:00Z');
    expect(daysUntil('2026-11-24T11:00:00Z', now)).toBe(2);
    expect(daysUntil('2026-11-22T13:00:00Z', now)).toBe(1);
    expect(daysUntil('2026-11-01T00:00:00Z', now)).toBe(0);
  });
});
