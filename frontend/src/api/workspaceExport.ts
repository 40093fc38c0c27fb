/** The export of the whole workspace as one archive. */
import { get, post, request } from './client';
import type { Job } from './types';

export interface WorkspaceExport {
  /** The newest export, in whatever state. */
  job: Job | null;
  /** The newest that can be downloaded; its address works ten minutes. */
  archive: { size: number; sha256: string; records: number; files: number; files_missing: number; audit: boolean; finished_at: string; url: string } | null;
}

export const readWorkspaceExport = (signal?: AbortSignal) => get<WorkspaceExport>('/workspace_export', undefined, signal);
export const startWorkspaceExport = (audit: boolean) => post<WorkspaceExport>('/workspace_export', { audit });
export const cancelWorkspaceExport = () => request<WorkspaceExport>('DELETE', '/workspace_export');
