import { useQuery } from '@tanstack/react-query';

import { keys } from '@/api/keys';
import { listRecords } from '@/api/records';
import type { Ref } from '@/api/types';
import { useMaybeEntity, recordName } from '@/metadata';

const query = { order: ['name'], limit: 500 };

/** All roles of the workspace by name; undefined while loading. */
export function useRoles(): { roles: Ref[] | undefined; error: unknown } {
  const entity = useMaybeEntity('role');
  const { data, error } = useQuery({
    queryKey: keys.list('roles', query),
    queryFn: ({ signal }) => listRecords('roles', query, signal),
    enabled: !!entity,
  });
  return { roles: data?.rows.map((row) => ({ object: 'role', id: row.id, name: entity ? recordName(entity, row) : '' })), error };
}
