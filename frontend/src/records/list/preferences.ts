/** What a user prefers about lists: kept on the server, so that it is the same on every device. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';

import { keys, type Preferences } from '@/api';
import { setPreference, usePreference } from '@/metadata';

export const DENSITIES = ['compact', 'normal', 'comfortable'] as const;
export type Density = (typeof DENSITIES)[number];
/** Row heights in px (DESIGN.md). */
export const ROW_HEIGHT: Record<Density, number> = { compact: 30, normal: 36, comfortable: 44 };

export interface ListPreferences {
  /** Column widths in px by attribute path. */
  widths?: Record<string, number>;
  /** Views shown as tabs, in order; absent until the user pins or unpins one. */
  pinned?: string[];
  /** The view the user opens first; absent where everybody's holds. */
  first?: string | null;
  /** Columns with a sum in the footer; absent means all money columns. */
  sums?: string[];
}

const NONE: ListPreferences = {};

/** The preferences of one object's lists; changes are merged into the newest ones. */
export function useListPreferences(object: string): [ListPreferences, (change: ListPreferences) => void] {
  const client = useQueryClient();
  const key = `list.${object}`;
  const [value] = usePreference<ListPreferences>(key, NONE);
  const change = useCallback(
    (next: ListPreferences) => {
      const before = client.getQueryData<Preferences>(keys.preferences)?.[key] as ListPreferences | undefined;
      setPreference(client, key, { ...before, ...next });
    },
    [client, key],
  );
  return [value, change];
}

/** Row density, the same for all lists of the user. */
export function useDensity(): [Density, (density: Density) => void] {
  const [value, set] = usePreference<Density>('density', 'normal');
  return [DENSITIES.includes(value) ? value : 'normal', set];
}
