/** Users, invitations, roles and their privileges. */
import { get, post, put } from './client';
import type { Invitation, Job, RecordData, Ref } from './types';

const part = encodeURIComponent;

export const listInvitations = async (signal?: AbortSignal): Promise<Invitation[]> => {
  const answer = await get<{ rows?: Invitation[]; invitations?: Invitation[] } | Invitation[]>('/invitations', undefined, signal);
  return Array.isArray(answer) ? answer : (answer.rows ?? answer.invitations ?? []);
};
export const invite = (body: { email: string; name?: string; role: string; business_unit?: string; licence?: Licence }) => post<Invitation>('/invitations', body);
export const runInvitationAction = (id: string, action: 'resend' | 'revoke') => post<unknown>(`/invitations/${part(id)}/actions/${action}`);
export const enableUser = (id: string) => post<unknown>(`/users/${part(id)}/actions/enable`);
/** Disables a user; with `heir` what he owns goes there in the same step. */
export const disableUser = (id: string, heir?: Ref) => post<{ state: string; job?: Job }>(`/users/${part(id)}/actions/disable`, heir && { owner: { object: heir.object, id: heir.id } });

export type Licence = 'full' | 'read_only';

/** Kinds of seats: how many there are and who takes which. */
export interface Licences {
  seats: Record<Licence, { used: number; limit: number | null }>;
  users: Record<string, Licence>;
}

export const readLicences = (signal?: AbortSignal) => get<Licences>('/licences', undefined, signal);
export const writeLicence = (id: string, licence: Licence) => put<{ licence: Licence }>(`/users/${part(id)}/licence`, { licence });

/** An invoice as it would be; amounts in minor units. */
export interface InvoicePreview {
  currency: string;
  net_minor: number;
  tax_minor: number;
  total_minor: number;
  tax_rate: string;
  lines: { text: string; net_minor: number }[];
}

/** Whether people can be invited to a kind of seat, and what the seats that miss would cost. */
export interface SeatQuote {
  licence: Licence;
  count: number;
  used: number;
  invited: number;
  limit: number | null;
  needed: number;
  seats_before: number | null;
  seats_after: number | null;
  renews_at: string | null;
  now: InvoicePreview | null;
  renewal: InvoicePreview | null;
  refusal: { code: string; message: string } | null;
}

export const quoteSeats = (licence: Licence, count: number, signal?: AbortSignal) => get<SeatQuote>('/invitations/quote', { licence, count }, signal);
/** Buys what a quote showed; refused when seats or price are not what was shown. */
export const buySeats = (quote: SeatQuote, key: string) =>
  post<{ seats: number; total_minor: number }>('/invitations/actions/buy_seats', { licence: quote.licence, count: quote.count, seats_before: quote.seats_before, total_minor: quote.now?.total_minor ?? 0, key });

/** How far a privilege reaches, least first. */
export const DEPTHS = ['none', 'own', 'team', 'unit', 'unit_and_children', 'organisation'] as const;
export type Depth = (typeof DEPTHS)[number];

/** The matrix of a role: per object the depth of each privilege, group and wildcard rows already resolved. */
export interface RolePrivileges {
  role: { id: string; name: string; description: string | null; is_administrator: boolean; delivered: boolean; business_unit: Ref | null };
  /** Names of the privileges in the order of the columns. */
  privileges: string[];
  depths: Depth[];
  objects: { name: string; label: string; group: string; ownership: string; choices: Depth[]; depths: Record<string, Depth> }[];
  capabilities: { name: string; granted: boolean }[];
}

/** What is written: objects and privileges that are left out stay as they are, capabilities are the whole list. */
export interface RoleChange {
  privileges: Record<string, Record<string, Depth>>;
  capabilities?: string[];
}

export const readRolePrivileges = (id: string, signal?: AbortSignal) => get<RolePrivileges>(`/roles/${part(id)}/privileges`, undefined, signal);
export const writeRolePrivileges = (id: string, body: RoleChange) => put<RolePrivileges>(`/roles/${part(id)}/privileges`, body);

/** A new role of this name with the rights of another. */
export const copyRole = (id: string, name: string) => post<RecordData>(`/roles/${part(id)}/actions/copy`, { name });

/** Who holds which role, each pair once. */
export interface RoleAssignment {
  role: string;
  principal: Ref;
}
export const listRoleAssignments = async (signal?: AbortSignal) => (await get<{ rows: RoleAssignment[] }>('/role_assignments', undefined, signal)).rows;

export interface UserRoles {
  roles: { id: string; name: string }[];
}

export const readUserRoles = (id: string, signal?: AbortSignal) => get<UserRoles>(`/users/${part(id)}/roles`, undefined, signal);
export const writeUserRoles = (id: string, roles: string[]) => put<UserRoles>(`/users/${part(id)}/roles`, { roles });
