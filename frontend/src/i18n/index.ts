/**
 * Texts of the interface. Every language is its own chunk, loaded before the first paint; texts of a feature are a
 * chunk of their own, loaded with its route. Keys are typed from the English catalog, German is complete by type,
 * the other languages fall back to English key by key.
 */
import { createContext, createElement, use, useCallback, useSyncExternalStore, type ReactNode } from 'react';

import type { CoreKey } from './en';
import type { FeatureArea, FeatureKey } from './en/features';
import { formatMessage, type Params } from './format';

export type { Params } from './format';
export type Key = CoreKey | FeatureKey;
export const LANGUAGES = { en: 'English', de: 'Deutsch', sv: 'Svenska', ru: 'Русский', bg: 'Български' } as const;
export type Language = keyof typeof LANGUAGES;
export type Translate = (key: Key, params?: Params) => string;

type Catalog = Record<string, string>;
type CatalogModule = { default: Catalog };

/** Texts of the server's refusals by code; English needs none, the server speaks it. */
const refusalCatalogs = import.meta.glob<CatalogModule>('./*/refusals.ts');
const coreCatalogs = import.meta.glob<CatalogModule>('./*/index.ts');
const featureCatalogs = import.meta.glob<CatalogModule>(['./*/features/*.ts', '!./*/features/index.ts']);

let current: Language = 'en';
let fallback: Catalog = {};
let messages: Catalog = {};
let refusals: Catalog = {};
const areas = new Set<FeatureArea>();
const listeners = new Set<() => void>();
let revision = 0;

function changed() {
  revision++;
  listeners.forEach((listener) => listener());
}

/** The supported language nearest to a BCP 47 tag; English if none is. */
export function nearestLanguage(tag: string | null | undefined): Language {
  const base = (tag ?? '').toLowerCase().split(/[-_]/)[0] as Language;
  return base in LANGUAGES ? base : 'en';
}

async function load(catalogs: Record<string, () => Promise<CatalogModule>>, path: string): Promise<Catalog> {
  const loader = catalogs[path];
  return loader ? (await loader()).default : {};
}

/** Load and switch the language of the interface; resolves when the texts are there. */
export async function setLanguage(language: Language): Promise<void> {
  const wanted = [...areas];
  const [base, own, refused] = await Promise.all([
    language === 'en' || language === 'de' ? Promise.resolve({}) : load(coreCatalogs, './en/index.ts'),
    load(coreCatalogs, `./${language}/index.ts`),
    load(refusalCatalogs, `./${language}/refusals.ts`),
  ]);
  fallback = { ...base };
  messages = { ...own };
  refusals = refused;
  current = language;
  await Promise.all(wanted.map((area) => addArea(area, language)));
  document.documentElement.lang = language;
  changed();
}

async function addArea(area: FeatureArea, language: Language): Promise<void> {
  const [base, own] = await Promise.all([
    language === 'en' || language === 'de' ? Promise.resolve({}) : load(featureCatalogs, `./en/features/${area}.ts`),
    load(featureCatalogs, `./${language}/features/${area}.ts`),
  ]);
  Object.assign(fallback, base);
  Object.assign(messages, own);
}

/** Load the texts of a feature; call it where its route is loaded. */
export async function loadFeatureTexts(...wanted: FeatureArea[]): Promise<void> {
  const missing = wanted.filter((area) => !areas.has(area));
  await Promise.all(missing.map((area) => addArea(area, current)));
  missing.forEach((area) => areas.add(area));
  if (missing.length) changed();
}

/** Translate outside React (error texts, formatters). In components use `useT`, which follows a change of language. */
export const t: Translate = (key, params) => formatMessage(current, messages[key] ?? fallback[key] ?? key, params);

/**
 * What a refusal of the server says in the user's language: the text of its code, else the server's own.
 * Numbers and quoted texts come from the server's message.
 */
export function refusalText(code: string, message: string): string {
  const text = refusals[code];
  if (!text) return message;
  const n = /\d[\d,]*/.exec(message)?.[0];
  const quoted = /“([^”]*)”/.exec(message)?.[1];
  if ((text.includes('{n}') && n === undefined) || (text.includes('{text}') && quoted === undefined)) return message;
  return formatMessage(current, text, { n: n ?? '', text: quoted ?? '' });
}

/** The language of the interface now. */
export const currentLanguage = (): Language => current;

const RevisionContext = createContext(0);

/** Re-renders everything below when the language or a catalog changes. */
export function I18nProvider({ children }: { children: ReactNode }) {
  const value = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => revision,
  );
  return createElement(RevisionContext, { value }, children);
}

/** The translate function; a new one after each change of language, so memoised texts are made anew. */
export function useT(): Translate {
  const seen = use(RevisionContext);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the revision is what makes the texts stale
  return useCallback<Translate>((key, params) => t(key, params), [seen]);
}
