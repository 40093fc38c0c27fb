/** Apps that act for people by OAuth: what administrators register, and what a person let in. */
import { get, patch, post, remove } from './client';
import type { Ref } from './types';

const part = encodeURIComponent;

/** What an administrator says of an app. */
export interface AppFacts {
  name: string;
  publisher: string;
  redirect_uris: string[];
  may_write: boolean;
  /** Id of the user it acts as by itself. */
  service_user: string | null;
}

interface Use {
  may_write: boolean;
  since: string;
  last_used_at: string | null;
}

export interface App extends Omit<AppFacts, 'service_user'> {
  id: string;
  client_id: string;
  confidential: boolean;
  /** First characters, to tell secrets apart. */
  secret_prefix: string | null;
  service_user: Omit<Ref, 'object'> | null;
  created_by: Omit<Ref, 'object'> | null;
  created_at: string;
  users: (Use & { user: Omit<Ref, 'object'> | null })[];
}

export interface OwnApp extends Use {
  id: string;
  name: string;
  publisher: string;
}

export const listApps = async (signal?: AbortSignal) => (await get<{ rows: App[] }>('/oauth_applications', undefined, signal)).rows;
/** The secret stands in this answer only; null for an app that cannot keep one. */
export const createApp = (body: AppFacts & { confidential: boolean }) => post<App & { secret: string | null }>('/oauth_applications', body);
export const changeApp = (id: string, body: Partial<AppFacts>) => patch<App>(`/oauth_applications/${part(id)}`, body);
export const deleteApp = (id: string) => remove(`/oauth_applications/${part(id)}`);
export const rotateAppSecret = (id: string) => post<{ secret: string; secret_prefix: string }>(`/oauth_applications/${part(id)}/actions/rotate_secret`);
export const listOwnApps = async (signal?: AbortSignal) => (await get<{ rows: OwnApp[] }>('/me/apps', undefined, signal)).rows;
export const revokeOwnApp = (id: string) => remove(`/me/apps/${part(id)}`);
