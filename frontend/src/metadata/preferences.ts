/** What a user arranged for themselves: column widths, favourites, collapsed groups. One document on the server. */
import { queryOptions, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';

import { keys } from '@/api/keys';
import type { Preferences } from '@/api/types';
import { readPreferences, updatePreferences } from '@/api/workspace';

const SAVE_DELAY_MS = 600;

export const preferencesQuery = () => queryOptions({ queryKey: keys.preferences, staleTime: Infinity, queryFn: ({ signal }) => readPreferences(signal) });

let unsaved: Preferences = {};
let timer: ReturnType<typeof setTimeout> | undefined;

/** Set one preference: at once on the screen, on the server after a moment, together with others of that moment. */
export function setPreference(client: QueryClient, key: string, value: unknown): void {
  client.setQueryData<Preferences>(keys.preferences, (before) => ({ ...before, [key]: value }));
  unsaved = { ...unsaved, [key]: value };
  clearTimeout(timer);
  timer = setTimeout(() => {
    const body = unsaved;
    unsaved = {};
    // Arrangement only: when it cannot be saved, the screen stays as arranged and the next change sends it again.
    updatePreferences(body).catch(() => {
      unsaved = { ...body, ...unsaved };
    });
  }, SAVE_DELAY_MS);
}

/** One preference and its setter. */
export function usePreference<T>(key: string, fallback: T): [T, (value: T) => void] {
  const client = useQueryClient();
  const { data } = useQuery(preferencesQuery());
  const value = (data?.[key] as T | undefined) ?? fallback;
  const set = useCallback((next: T) => setPreference(client, key, next), [client, key]);
  return [value, set];
}

export interface Favourite {
  label: string;
  /** Path within the workspace, with its search. */
  path: string;
  object: string | null;
}

/** The user's favourites with a switch for one path. */
export function useFavourites() {
  const [favourites, setFavourites] = usePreference<Favourite[]>('favourites', []);
  return {
    favourites,
    setFavourites,
    has: (path: string) => favourites.some((entry) => entry.path === path),
    toggle: (favourite: Favourite) =>
      setFavourites(
        favourites.some((entry) => entry.path === favourite.path) ? favourites.filter((entry) => entry.path !== favourite.path) : [...favourites, favourite],
      ),
  };
}
