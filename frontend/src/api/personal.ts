/** Access requests and erasures for one person (deploy/docs/api.md, Personal data). */
import { get, post, remove } from './client';
import type { Job } from './types';

const part = encodeURIComponent;

/** What is held on a person, counted. */
export interface PersonalData {
  name: string;
  /** Records that are the person, by object: merged ones and the lead a contact was count too. */
  records: Record<string, number>;
  addresses: number;
  notes: number;
  activities: number;
}

export interface PersonalRequest {
  id: string;
  kind: 'access' | 'erasure';
  object: string;
  record: string;
  /** How it was asked for. */
  requested: string;
  done_by: { id: string; name: string } | null;
  done_at: string;
  choices: Partial<Record<ErasureChoice, boolean>>;
  counts: Record<string, number>;
  job: { id: string; state: Job['state'] } | null;
}

export const ERASURE_CHOICES = ['notes', 'activities', 'files'] as const;
export type ErasureChoice = (typeof ERASURE_CHOICES)[number];

export const readPersonalData = (plural: string, id: string, signal?: AbortSignal) => get<PersonalData>(`/${plural}/${part(id)}/personal`, undefined, signal);
export const exportPersonalData = async (plural: string, id: string, requested: string) => (await post<{ job: Job }>(`/${plural}/${part(id)}/personal/export`, { requested })).job;
export const erasePerson = (plural: string, id: string, body: { confirm: string; requested: string } & Record<ErasureChoice, boolean>) =>
  post<PersonalRequest>(`/${plural}/${part(id)}/personal/erase`, body);
export const listPersonalRequests = (signal?: AbortSignal) => get<{ rows: PersonalRequest[]; blocked: number }>('/personal_requests', undefined, signal);
/** People of an object who were not touched for so many months are erased by night. */
export interface RetentionRule {
  id: string;
  object: string;
  /** Any state when null. */
  state: string | null;
  months: number;
  /** How many it would erase now. */
  due: number;
  created_by: string;
  created_at: string;
}
export interface RetentionObject {
  name: string;
  label: string;
  states: { value: string; label: string }[];
}
export type RetentionBody = Pick<RetentionRule, 'object' | 'state' | 'months'>;

export const listRetentionRules = (signal?: AbortSignal) => get<{ rows: RetentionRule[]; objects: RetentionObject[] }>('/retention_rules', undefined, signal);
export const previewRetention = (body: RetentionBody) => post<{ due: number }>('/retention_rules/preview', body);
export const createRetentionRule = (body: RetentionBody) => post<RetentionRule>('/retention_rules', body);
export const deleteRetentionRule = (id: string) => remove(`/retention_rules/${part(id)}`);

export const releaseAddress = (email: string) => post<unknown>('/personal_requests/actions/release', { email });
