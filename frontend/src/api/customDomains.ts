/** Domains of the workspace's own, with proof of ownership. */
import { get, post, request } from './client';

export interface CustomDomain {
  id: string;
  domain: string;
  state: 'pending' | 'verified' | 'failed' | 'expired';
  problem: 'txt_missing' | 'txt_other' | 'internal_address' | 'plan' | 'unavailable' | 'taken' | null;
  points_here: boolean;
  is_primary: boolean;
  record: { type: string; name: string; value: string };
  added_by: string;
  checked_at: string | null;
  next_check_at: string | null;
  verified_at: string | null;
}

export interface CustomDomains {
  allowed: boolean;
  most: number;
  target: string;
  subdomain: { domain: string | null; is_primary: boolean };
  rows: CustomDomain[];
}

export const readCustomDomains = (signal?: AbortSignal) => get<CustomDomains>('/custom_domains', undefined, signal);
export const addCustomDomain = (domain: string) => post<CustomDomains>('/custom_domains', { domain });
export const checkCustomDomain = (id: string) => post<CustomDomains>(`/custom_domains/${encodeURIComponent(id)}/actions/check`);
export const makeDomainPrimary = (id: string) => post<CustomDomains>(`/custom_domains/${encodeURIComponent(id)}/actions/make_primary`);
export const makeSubdomainPrimary = () => post<CustomDomains>('/custom_domains/actions/use_subdomain');
export const removeCustomDomain = (id: string) => request<CustomDomains>('DELETE', `/custom_domains/${encodeURIComponent(id)}`);
