import { describe, expect, it } from 'vitest';

import { formatMessage } from './format';
import { nearestLanguage, setLanguage, t } from './index';

type Module = { default: Record<string, string> };
const modules = import.meta.glob<Module>(['./*/index.ts', './*/features/*.ts', '!./*/features/index.ts'], { eager: true });
const of = (language: string) => Object.fromEntries(Object.entries(modules).filter(([path]) => path.startsWith(`./${language}/`)).map(([path, module]) => [path.replace(`./${language}/`, ''), module.default]));

/** Names of the parameters of a message, plural selectors included. */
const parameters = (message: string) => [...new Set([...message.matchAll(/\{\s*(\w+)\s*(?=[,}])/g)].map((match) => match[1]))].filter((name) => !/^\d+$/.test(name!)).sort();

describe('catalogs', () => {
  const english = of('en');

  it('German says everything English says, and nothing else', () => {
    const german = of('de');
    for (const [file, messages] of Object.entries(english)) {
      expect(Object.keys(german[file] ?? {}).sort(), file).toEqual(Object.keys(messages).sort());
    }
  });

  it.each(['de', 'sv', 'ru', 'bg'])('%s uses the same parameters and has no unknown or empty text', (language) => {
    for (const [file, messages] of Object.entries(of(language))) {
      for (const [key, message] of Object.entries(messages)) {
        const original = english[file]?.[key];
        expect(original, `${language} ${key}`).toBeDefined();
        // A language may repeat a parameter inside plural branches, or leave out none.
        expect(parameters(message).filter((name) => original!.includes(`{${name}`)), `${language} ${key}`).toEqual(parameters(original!).filter((name) => original!.includes(`{${name}`)));
        expect(message.trim(), key).not.toBe('');
      }
    }
  });

  it('every message can be formatted', () => {
    for (const messages of Object.values(english)) {
      for (const message of Object.values(messages)) expect(() => formatMessage('en', message, { count: 2 })).not.toThrow();
    }
  });
});

describe('setLanguage', () => {
  it('falls back to English key by key', async () => {
    await setLanguage('bg');
    expect(t('ui.reference', { id: 'r1' })).toContain('r1');
    expect(document.documentElement.lang).toBe('bg');
    await setLanguage('de');
    expect(t('ui.cancel')).toBe('Abbrechen');
    await setLanguage('en');
  });

  it('finds the nearest language of a tag', () => {
    expect(nearestLanguage('de-AT')).toBe('de');
    expect(nearestLanguage('fr')).toBe('en');
    expect(nearestLanguage(null)).toBe('en');
  });
});
