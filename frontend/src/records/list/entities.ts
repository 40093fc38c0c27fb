import { useQueries } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';

import { entityQuery, type Entity } from '@/metadata';
import { neededObjects, type FindEntity } from '../filter/paths';

/**
 * Descriptions of the related objects that paths such as `customer.industry` lead to.
 *
 * @returns a finder and whether all of them are there
 */
export function useRelatedEntities(entity: Entity, paths: string[]): { find: FindEntity; ready: boolean } {
  // Two steps cover what the builder offers; deeper paths of imported views resolve as their steps arrive.
  const first = neededObjects(entity, paths, () => undefined);
  const firstResults = useQueries({ queries: first.map((name) => entityQuery(name)) });
  const loaded = new Map(firstResults.flatMap((result) => (result.data ? [[result.data.name, result.data] as const] : [])));
  const second = neededObjects(entity, paths, (name) => loaded.get(name)).filter((name) => !first.includes(name));
  const secondResults = useQueries({ queries: second.map((name) => entityQuery(name)) });
  const all = [...firstResults, ...secondResults];
  const signature = all.map((result) => result.data?.name ?? '').join();
  const byName = useMemo(
    () => new Map([entity, ...all.flatMap((result) => (result.data ? [result.data] : []))].map((found) => [found.name, found])),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the signature says which descriptions arrived
    [entity, signature],
  );
  const find = useCallback((name: string) => byName.get(name), [byName]);
  return { find, ready: all.every((result) => !result.isPending) };
}
