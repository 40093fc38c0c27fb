/** A person's own sessions, access tokens and password. */
import { get, post, remove } from './client';

const part = encodeURIComponent;

export interface OwnSession {
  id: string;
  /** The browser that asks. */
  current: boolean;
  ip: string | null;
  /** As the browser names itself. */
  agent: string;
  created_at: string;
  seen_at: string | null;
  expires_at: string;
}

export interface AccessToken {
  id: string;
  name: string;
  /** First characters, to tell tokens apart. */
  prefix: string;
  may_write: boolean;
  created_at: string;
  last_used_at: string | null;
  expires_at: string | null;
}

export const listSessions = async (signal?: AbortSignal) => (await get<{ rows: OwnSession[] }>('/me/sessions', undefined, signal)).rows;
export const endSession = (id: string) => remove(`/me/sessions/${part(id)}`);
export const endOtherSessions = () => post<{ ended: number }>('/me/sessions/actions/end_others');
export const changePassword = (body: { current: string; new: string }) => post<{ ended: number }>('/me/password', body);
export const listTokens = async (signal?: AbortSignal) => (await get<{ rows: AccessToken[] }>('/me/tokens', undefined, signal)).rows;
/** The secret stands in this answer only. */
export const createToken = (body: { name: string; days: number | null; may_write: boolean }) => post<AccessToken & { secret: string }>('/me/tokens', body);
export const revokeToken = (id: string) => remove(`/me/tokens/${part(id)}`);
