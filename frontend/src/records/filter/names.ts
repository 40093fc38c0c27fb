import { useQueries, type QueryClient } from '@tanstack/react-query';

import { readRecord, type Ref } from '@/api';
import { pluralOf, recordName, useSession, entityQuery } from '@/metadata';
import type { Names } from './describe';

const KEPT_MS = 300_000;

/** Names of the records that conditions hold by id; read once and kept, absent while unknown. */
export function useReferenceNames(references: { targets: string[]; id: string }[]): Names {
  const session = useSession();
  const unique = [...new Map(references.map((reference) => [reference.id, reference])).values()];
  const results = useQueries({
    queries: unique.map(({ targets, id }) => ({
      queryKey: ['reference-name', targets, id],
      staleTime: KEPT_MS,
      queryFn: async ({ signal, client }: { signal: AbortSignal; client: QueryClient }): Promise<Ref | null> => {
        for (const object of targets) {
          try {
            const [entity, record] = await Promise.all([client.ensureQueryData(entityQuery(object)), readRecord(pluralOf(session, object), id, [], signal)]);
            return { object, id, name: recordName(entity, record) };
          } catch (error) {
            if (signal.aborted) throw error;
            // Not of this object: the next target may have it.
          }
        }
        return null;
      },
    })),
  });
  return Object.fromEntries(results.flatMap((result, index) => (result.data ? [[unique[index]!.id, result.data.name]] : [])));
}
