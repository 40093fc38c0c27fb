/** What must be there before the first page: the session, the user's arrangement, the texts. */
import type { QueryClient } from '@tanstack/react-query';

import { nearestLanguage, setLanguage } from '@/i18n';
import { preferencesQuery, sessionQuery, type Session } from '@/metadata';
import { setFormatting } from '@/ui/formatting';
import { setSingleKeyShortcuts } from '@/ui/shortcuts';

const LANGUAGE_KEY = 'kontor.language';

function remembered(): string | null {
  try {
    return localStorage.getItem(LANGUAGE_KEY);
  } catch {
    // Storage is blocked; the language comes with the session then.
    return null;
  }
}

function remember(language: string): void {
  try {
    localStorage.setItem(LANGUAGE_KEY, language);
  } catch {
    // Storage is blocked; only the guess before the first answer is lost.
  }
}

/** Language, formats and zone as the session says. */
export async function applySession(session: Session): Promise<void> {
  const language = nearestLanguage(session.user.language ?? session.workspace.language ?? navigator.language);
  remember(language);
  setFormatting({
    locale: session.workspace.country ? `${language}-${session.workspace.country}` : language,
    timeZone: session.user.time_zone ?? session.workspace.time_zone,
    currency: session.workspace.currency,
    dateFormat: session.user.date_format,
    weekStart: session.user.week_start,
  });
  await setLanguage(language);
}

/** Load all of it; throws the ApiError of the session. */
export async function start(client: QueryClient): Promise<void> {
  // The texts of the last visit load beside the session; a wrong guess costs one more small file.
  const texts = setLanguage(nearestLanguage(remembered() ?? navigator.language));
  const preferences = client.prefetchQuery(preferencesQuery());
  try {
    const session = await client.fetchQuery(sessionQuery(client));
    await applySession(session);
  } finally {
    await texts;
  }
  await preferences;
  setSingleKeyShortcuts(client.getQueryData<Record<string, unknown>>(preferencesQuery().queryKey)?.single_key_shortcuts !== false);
}
