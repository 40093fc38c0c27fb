/** Copies of the workspace to try things in. */
import { get, post, request } from './client';

export interface Sandbox {
  id: string;
  name: string;
  url: string;
  created_at: string;
}

export interface SandboxOperation {
  kind: 'sandbox' | 'sandbox_refresh' | 'sandbox_remove';
  state: 'queued' | 'running' | 'done' | 'failed';
  percent: number;
  step: string;
  name: string;
  sandbox: string | null;
}

export interface Sandboxes {
  rows: Sandbox[];
  /** How many the plan includes; null is unlimited. */
  limit: number | null;
  /** The newest on any of them. */
  operation: SandboxOperation | null;
}

export const readSandboxes = (signal?: AbortSignal) => get<Sandboxes>('/sandboxes', undefined, signal);
export const createSandbox = (wish: { name: string; slug: string; with_data: boolean }) => post<Sandboxes>('/sandboxes', wish);
export const refreshSandbox = (id: string, withData: boolean) => post<Sandboxes>(`/sandboxes/${encodeURIComponent(id)}/actions/refresh`, { with_data: withData });
export const deleteSandbox = (id: string) => request<Sandboxes>('DELETE', `/sandboxes/${encodeURIComponent(id)}`);

/** Mail a sandbox would have sent to somebody who does not work in it. */
export interface WithheldMail {
  id: string;
  to: string;
  subject: string;
  text: string;
  created_at: string;
}

export const readWithheldMails = (signal?: AbortSignal) => get<{ rows: WithheldMail[]; kept_days: number }>('/withheld-mails', undefined, signal);
