/** Consent to the provider's support, and what was done with it. */
import { get, post, request } from './client';

export interface SupportEvent {
  id: string;
  at: string;
  operator: string;
  act: 'link' | 'entered' | 'request' | 'left' | 'ended';
  method: string | null;
  path: string | null;
  status: number | null;
}

export interface SupportAccess {
  grant: { id: string; granted_by: string; created_at: string; expires_at: string; may_write: boolean; note: string } | null;
  most_hours: number;
  events: SupportEvent[];
}

export const readSupportAccess = (signal?: AbortSignal) => get<SupportAccess>('/support_access', undefined, signal);
export const grantSupportAccess = (body: { hours: number; may_write: boolean; note: string }) => post<SupportAccess>('/support_access', body);
export const revokeSupportAccess = () => request<SupportAccess>('DELETE', '/support_access');
