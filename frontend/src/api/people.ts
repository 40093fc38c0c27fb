/** Users, invitations, roles and their privileges. */
import { get, post, put } from './client';
import type { Invitation } from './types';

const part = encodeURIComponent;

export const listInvitations = async (signal?: AbortSignal): Promise<Invitation[]> => {
  const answer = await get<{ rows?: Invitation[]; invitations?: Invitation[] } | Invitation[]>('/invitations', undefined, signal);
  return Array.isArray(answer) ? answer : (answer.rows ?? answer.invitations ?? []);
};
export const invite = (body: { email: string; name?: string; role: string; business_unit?: string }) => post<Invitation>('/invitations', body);
export const runInvitationAction = (id: string, action: 'resend' | 'revoke') => post<unknown>(`/invitations/${part(id)}/actions/${action}`);
export const setUserEnabled = (id: string, enabled: boolean) => post<unknown>(`/users/${part(id)}/actions/${enabled ? 'enable' : 'disable'}`);

/** How far a privilege reaches: none, own records, the business unit, the unit and those below, everything. */
export type Depth = 'none' | 'own' | 'unit' | 'deep' | 'all';

export interface RolePrivileges {
  [key: string]: unknown;
}

export const readRolePrivileges = (id: string, signal?: AbortSignal) => get<RolePrivileges>(`/roles/${part(id)}/privileges`, undefined, signal);
export const writeRolePrivileges = (id: string, body: RolePrivileges) => put<RolePrivileges>(`/roles/${part(id)}/privileges`, body);
