import { useQuery } from '@tanstack/react-query';

import { keys } from '@/api/keys';
import { listRecords } from '@/api/records';
import type { Ref } from '@/api/types';
import { asRef } from '@/fields';
import { useMaybeEntity, recordName } from '@/metadata';

const query = { fields: ['name', 'business_unit'], order: ['name'], limit: 500 };

export interface KnownRole extends Ref {
  /** The business unit it is for, and those below; null for all. */
  unit: Ref | null;
}

/** All roles of the workspace by name; undefined while loading. */
export function useRoles(): { roles: KnownRole[] | undefined; error: unknown } {
  const entity = useMaybeEntity('role');
  const { data, error } = useQuery({
    queryKey: keys.list('roles', query),
    queryFn: ({ signal }) => listRecords('roles', query, signal),
    enabled: !!entity,
  });
  return { roles: data?.rows.map((row) => ({ object: 'role', id: row.id, name: entity ? recordName(entity, row) : '', unit: asRef(row.business_unit) })), error };
}
