/** The second factor: a person's own, and what the workspace asks of its people. */
import { get, patch, post } from './client';

const part = encodeURIComponent;

export interface OwnFactor {
  on: boolean;
  since: string | null;
  recovery_codes_left: number;
  /** The workspace asks one of this person: it cannot be turned off. */
  required: boolean;
}

/** What an authenticator app needs; counts for nothing before it is confirmed. */
export interface FactorBegun {
  secret: string;
  address: string;
  /** The QR code as a data address. */
  picture: string;
}

export const readOwnFactor = (signal?: AbortSignal) => get<OwnFactor>('/me/second_factor', undefined, signal);
export const beginFactor = (password: string) => post<FactorBegun>('/me/second_factor/actions/begin', { password });
/** The codes stand in this answer only. */
export const confirmFactor = (code: string) => post<{ recovery_codes: string[]; ended: number }>('/me/second_factor/actions/confirm', { code });
export const renewCodes = (code: string) => post<{ recovery_codes: string[] }>('/me/second_factor/actions/renew_codes', { code });
export const turnFactorOff = (body: { password: string; code: string }) => post<OwnFactor>('/me/second_factor/actions/turn_off', body);

export type FactorRequired = 'nobody' | 'everybody' | 'roles';

/** Whom the workspace asks for one, and who has one: user id → since when. */
export interface Factors {
  required: FactorRequired;
  roles: string[];
  users: Record<string, string>;
}

export const readFactors = (signal?: AbortSignal) => get<Factors>('/second_factors', undefined, signal);
export const writeFactors = (body: { required: FactorRequired; roles?: string[] }) => patch<Factors>('/second_factors', body);
export const resetFactor = (user: string, reason: string) => post<{ ended: number }>(`/second_factors/${part(user)}/actions/reset`, { reason });
