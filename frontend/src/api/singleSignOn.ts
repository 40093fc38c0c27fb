/** The provider of identities people of the workspace sign in with. */
import { get, patch } from './client';

export interface SingleSignOn {
  name: string;
  issuer: string;
  client_id: string;
  domains: string[];
  /** Role of people who come for the first time; null lets in only who is a user already. */
  joining_role: string | null;
  is_enforced: boolean;
  is_active: boolean;
  has_secret: boolean;
  /** Where the provider leads back to; it must be registered there. */
  return_address: string;
  /** How many people have signed in this way. */
  people: number;
}

/** The secret goes in and never comes out. */
export type SingleSignOnChange = Partial<Pick<SingleSignOn, 'name' | 'issuer' | 'client_id' | 'domains' | 'joining_role' | 'is_enforced' | 'is_active'>> & { client_secret?: string };

export const readSingleSignOn = (signal?: AbortSignal) => get<SingleSignOn>('/single_sign_on', undefined, signal);
export const writeSingleSignOn = (body: SingleSignOnChange) => patch<SingleSignOn>('/single_sign_on', body);
