/** Rights beyond roles: sharing, why somebody sees a record, teams, field security, the audit, viewing as somebody else. */
import { get, patch, post, put, remove } from './client';
import type { Job, Ref } from './types';

const part = encodeURIComponent;

// one record --------------------------------------------------------------------------------------------------------------
export interface Share {
  principal: Ref;
  rights: string[];
  expires_at: string | null;
  created_at: string;
  granted_by: Ref | null;
  /** Why somebody has it without being given it: a parent record was shared, or is his. */
  inherited_as?: 'share' | 'owner' | null;
}

export type Reason =
  | { kind: 'owner' }
  | { kind: 'team'; team: Ref }
  | { kind: 'manager'; of: Ref }
  | { kind: 'role'; role: string; depth: string; team: string | null; unit: string | null }
  | { kind: 'share'; principal: Ref; rights: string[]; by: string | null; until: string | null; inherited_as?: 'share' | 'owner' | null };

export interface Access {
  user: Ref;
  rights: string[];
  reasons: Reason[];
}

export const listShares = (plural: string, id: string, signal?: AbortSignal) => get<{ rows: Share[] }>(`/${plural}/${part(id)}/shares`, undefined, signal);
/** Why one can see the record: oneself, or with `user` anybody for those who manage users. */
export const readAccess = (plural: string, id: string, user?: string, signal?: AbortSignal) => get<Access>(`/${plural}/${part(id)}/access`, { user }, signal);

export interface PeoplePage {
  rows: { user: Ref; reasons: Reason[] }[];
  total: number;
  next: string | null;
}
/** Everybody who can see the record, by name, for those who may read all users. */
export const readPeople = (plural: string, id: string, query: { q?: string; cursor?: string; limit?: string }, signal?: AbortSignal) => get<PeoplePage>(`/${plural}/${part(id)}/access/people`, query, signal);

export interface Present {
  id: string;
  name: string;
  editing: boolean;
}
export const notePresence = (plural: string, id: string, editing: boolean) => post<{ people: Present[] }>(`/${plural}/${part(id)}/presence`, { editing });
export const leavePresence = (plural: string, id: string) => remove(`/${plural}/${part(id)}/presence`);

// people ------------------------------------------------------------------------------------------------------------------
export type PrincipalKind = 'users' | 'teams';
export const readMembers = (team: string, signal?: AbortSignal) => get<{ members: Ref[] }>(`/teams/${part(team)}/members`, undefined, signal);
export const writeMembers = (team: string, members: string[]) => put<{ members: Ref[] }>(`/teams/${part(team)}/members`, { members });
export const readTeamRoles = (team: string, signal?: AbortSignal) => get<{ roles: { id: string; name: string }[] }>(`/teams/${part(team)}/roles`, undefined, signal);
export const writeTeamRoles = (team: string, roles: string[]) => put<unknown>(`/teams/${part(team)}/roles`, { roles });
/** What somebody owns; `stays` marks what `to` could not take over. */
export interface Owned {
  rows: { plural: string; label: string; count: number; stays: boolean }[];
  total: number;
}
export const readOwned = (kind: PrincipalKind, id: string, to?: string, signal?: AbortSignal) => get<Owned>(`/${kind}/${part(id)}/owned`, { to }, signal);
export const reassignAll = (kind: PrincipalKind, id: string, owner: Ref) => post<{ job: Job }>(`/${kind}/${part(id)}/actions/reassign`, { owner: { object: owner.object, id: owner.id } });

export const viewAs = (user: string) => post<unknown>('/session/view_as', { user });
export const stopViewingAs = () => remove('/session/view_as');

// field security ----------------------------------------------------------------------------------------------------------
export interface SecurableField {
  name: string;
  label: string;
  type: string;
  secured: boolean;
  /** Secured fields it is made of: nobody reads it who may not read those. */
  hidden_with: string[];
}
export interface SecurableObject {
  name: string;
  label: string;
  attributes: SecurableField[];
}
export const FIELD_RIGHTS = ['read', 'create', 'update'] as const;
export type FieldRight = (typeof FIELD_RIGHTS)[number];
export interface FieldProfile {
  id: string;
  name: string;
  /** Rights by `object.attribute`. */
  rights: Record<string, FieldRight[]>;
  members: Ref[];
}
export type FieldProfileBody = Partial<Pick<FieldProfile, 'name' | 'rights'>> & { members?: { object: string; id: string }[] };

export const readFieldSecurity = (signal?: AbortSignal) => get<{ allowed: boolean; objects: SecurableObject[]; profiles: FieldProfile[] }>('/field_security', undefined, signal);
export const secureFields = (attributes: Record<string, boolean>) => put<{ objects: SecurableObject[] }>('/field_security/attributes', { attributes });
export const createFieldProfile = (body: FieldProfileBody) => post<FieldProfile>('/field_security/profiles', body);
export const updateFieldProfile = (id: string, body: FieldProfileBody) => patch<FieldProfile>(`/field_security/profiles/${part(id)}`, body);
export const deleteFieldProfile = (id: string) => remove(`/field_security/profiles/${part(id)}`);

// audit -------------------------------------------------------------------------------------------------------------------
export interface AuditChange {
  attribute: string;
  label: string;
  masked: boolean;
  old: unknown;
  new: unknown;
  restorable?: boolean;
}
export interface AuditEntry {
  id: string;
  at: string;
  actor: { id: string | null; name: string };
  source: string;
  /** Name of the app that acted for the person. */
  via: string | null;
  operation: string;
  object: string;
  object_label: string | null;
  plural: string | null;
  record: { id: string; name: string | null };
  job: string | null;
  hidden: boolean;
  changes: AuditChange[];
}
export interface AuditQuery {
  object?: string;
  user?: string;
  source?: string;
  kind?: string;
  from?: string;
  to?: string;
}

export interface SharingRules {
  share_with_previous_owner: boolean;
  /** Levels of people below them whose records managers read; 0 for none. */
  manager_depth: number;
}
export const readSharingRules = (signal?: AbortSignal) => get<SharingRules>('/sharing_rules', undefined, signal);
export const changeSharingRules = (rules: Partial<SharingRules>) => patch<SharingRules>('/sharing_rules', rules);

export const readAudit = (query: AuditQuery, cursor: string | null, signal?: AbortSignal) => get<{ rows: AuditEntry[]; next: string | null; retention_days: number | null }>('/audit', { ...query, cursor: cursor ?? undefined, limit: 50 }, signal);
export const restoreValue = (entry: string, attribute: string) => post<unknown>(`/audit/${part(entry)}/restore`, { attribute });
export const exportAudit = (query: AuditQuery) => post<{ file: { url: string; name: string }; rows: number }>('/audit/export', query);
