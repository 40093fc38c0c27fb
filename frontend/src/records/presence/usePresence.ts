/** Who else has a record open (PEERS 5.7): asked every ten seconds while the page is visible. */
import { leavePresence, notePresence } from '@/api/security';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

const EVERY_MS = 10_000;

export function usePresence(plural: string, id: string, editing: boolean) {
  const { data } = useQuery({
    queryKey: ['presence', plural, id, editing],
    queryFn: () => notePresence(plural, id, editing),
    refetchInterval: EVERY_MS,
    refetchIntervalInBackground: false,
    retry: false,
    staleTime: 0,
    gcTime: 0,
    placeholderData: (previous) => previous,
  });
  useEffect(
    () => () => {
      void leavePresence(plural, id).catch(() => undefined); // it ends by itself after half a minute
    },
    [plural, id],
  );
  return data?.people ?? [];
}
