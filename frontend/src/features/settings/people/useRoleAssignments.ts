import { useQuery } from '@tanstack/react-query';

import { keys } from '@/api/keys';
import { listRoleAssignments } from '@/api/people';
import type { Ref } from '@/api/types';
import { useSession } from '@/metadata';

/** Who holds which role, by role and by holder; empty maps while loading, undefined for those who may not know. */
export function useRoleAssignments(): { holders: Map<string, Ref[]>; roles: Map<string, string[]>; known: boolean } {
  const { capabilities } = useSession();
  const may = capabilities.includes('manage_users') || capabilities.includes('manage_roles');
  const { data } = useQuery({ queryKey: keys.roleAssignments, queryFn: ({ signal }) => listRoleAssignments(signal), enabled: may });
  const holders = new Map<string, Ref[]>();
  const roles = new Map<string, string[]>();
  for (const { role, principal } of data ?? []) {
    holders.set(role, [...(holders.get(role) ?? []), principal]);
    roles.set(principal.id, [...(roles.get(principal.id) ?? []), role]);
  }
  return { holders, roles, known: !!data };
}
