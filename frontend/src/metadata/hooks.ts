/** Reading the session and the entities; the metadata version decides when entities are read anew. */
import { queryOptions, useQuery, useQueryClient, useSuspenseQuery, type QueryClient } from '@tanstack/react-query';

import { setCsrfToken } from '@/api/client';
import { keys } from '@/api/keys';
import { readEntity, readSession } from '@/api/workspace';
import type { Entity, ObjectSummary, Privilege, Session } from './types';

const SESSION_FRESH_MS = 60_000;

/** The session is read again on focus and every minute at most; a new metadata version then drops the entities. */
export const sessionQuery = (client: QueryClient) =>
  queryOptions({
    queryKey: keys.session,
    staleTime: SESSION_FRESH_MS,
    refetchOnWindowFocus: true,
    queryFn: async ({ signal }) => {
      const before = client.getQueryData<Session>(keys.session);
      const session = await readSession(signal);
      setCsrfToken(session.csrf_token);
      if (before && before.metadata_version !== session.metadata_version) {
        await client.invalidateQueries({ queryKey: ['metadata'] });
        await client.invalidateQueries({ queryKey: ['views'] });
      }
      return session;
    },
  });

export const entityQuery = (name: string) =>
  queryOptions({ queryKey: keys.entity(name), staleTime: Infinity, gcTime: Infinity, queryFn: ({ signal }) => readEntity(name, signal) });

/** The session; loaded by the root route, so it is always there. */
export function useSession(): Session {
  const client = useQueryClient();
  return useSuspenseQuery(sessionQuery(client)).data;
}

/** The description of one object by its name; suspends until it is there. */
export function useEntity(name: string): Entity {
  return useSuspenseQuery(entityQuery(name)).data;
}

/** The description of an object that may not be known yet (for example a lookup's target); undefined while loading. */
export function useMaybeEntity(name: string | null | undefined): Entity | undefined {
  return useQuery({ ...entityQuery(name ?? ''), enabled: !!name }).data;
}

/** All objects the user may see, in the workspace's order. */
export function useObjects(): ObjectSummary[] {
  return useSession().objects;
}

/** Find an object by its singular name or by the plural of an address. */
export function findObject(session: Session, nameOrPlural: string): ObjectSummary | undefined {
  return session.objects.find((object) => object.name === nameOrPlural || object.plural === nameOrPlural);
}

/** The object of a name or plural; undefined when it does not exist or is hidden from the user. */
export function useObject(nameOrPlural: string): ObjectSummary | undefined {
  return findObject(useSession(), nameOrPlural);
}

/** Whether the user has a privilege on an object at any depth; the server has the last word on each record. */
export function usePrivilege(object: string, privilege: Privilege): boolean {
  return useObject(object)?.privileges[privilege] === true;
}

/** Whether the user holds a capability such as `customize` or `manage_users`. */
export function useCapability(capability: string): boolean {
  return useSession().capabilities.includes(capability);
}
