import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

export type UrlSearch = Record<string, unknown>;
export type SetUrlSearch = (next: UrlSearch, options?: { replace?: boolean }) => void;

/** The query parameters of the address and a way to merge into them; null and undefined remove a key. */
export function useUrlSearch(): [UrlSearch, SetUrlSearch] {
  const search = useSearch({ strict: false }) as UrlSearch;
  const navigate = useNavigate();
  const set = useCallback<SetUrlSearch>(
    (next, options) => {
      void navigate({
        to: '.',
        replace: options?.replace,
        search: (before: UrlSearch) => Object.fromEntries(Object.entries({ ...before, ...next }).filter(([, value]) => value != null && value !== '')),
      });
    },
    [navigate],
  );
  return [search, set];
}
