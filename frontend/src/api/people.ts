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

export type Licence = 'full' | 'read_only';

/** Kinds of seats: how many there are and who takes which. */
export interface Licences {
  seats: Record<Licence, { used: number; limit: number | null }>;
  users: Record<string, Licence>;
}

export const readLicences = (signal?: AbortSignal) => get<Licences>('/licences', undefined, signal);
export const writeLicence = (id: string, licence: Licence) => put<{ licence: Licence }>(`/users/${part(id)}/licence`, { licence });

/** How far a privilege reaches, least first. */
export const DEPTHS = ['none', 'own', 'team', 'unit', 'unit_and_children', 'organisation'] as const;
export type Depth = (typeof DEPTHS)[number];

/** The matrix of a role: per object the depth of each privilege, group and wildcard rows already resolved. */
export interface RolePrivileges {
  role: { id: string; name: string; is_administrator: boolean; delivered: boolean };
  /** Names of the privileges in the order of the columns. */
  privileges: string[];
  depths: Depth[];
  objects: { name: string; label: string; group: string; ownership: string; depths: Record<string, Depth> }[];
  capabilities: { name: string; granted: boolean }[];
}

/** What is written: objects and privileges that are left out stay as they are, capabilities are the whole list. */
export interface RoleChange {
  privileges: Record<string, Record<string, Depth>>;
  capabilities?: string[];
}

export const readRolePrivileges = (id: string, signal?: AbortSignal) => get<RolePrivileges>(`/roles/${part(id)}/privileges`, undefined, signal);
export const writeRolePrivileges = (id: string, body: RoleChange) => put<RolePrivileges>(`/roles/${part(id)}/privileges`, body);

export interface UserRoles {
  roles: { id: string; name: string }[];
}

export const readUserRoles = (id: string, signal?: AbortSignal) => get<UserRoles>(`/users/${part(id)}/roles`, undefined, signal);
export const writeUserRoles = (id: string, roles: string[]) => put<UserRoles>(`/users/${part(id)}/roles`, { roles });
