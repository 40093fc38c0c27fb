/** The import of a whole workspace's archive into an empty one. */
import { get, post, request, upload } from './client';
import type { Job } from './types';

export interface ArchiveFacts {
  workspace: string;
  made_at: string;
  made_by: string;
  audit: boolean;
  records: Record<string, number>;
  recycle_bin: Record<string, number>;
  /** What the archive's objects are called. */
  labels: Record<string, string>;
  files: number;
  files_missing: number;
  file_bytes: number;
  people: number;
  /** Whether the importing administrator is one of its people. */
  known: boolean;
  rows: number;
  tables: number;
}

/** A table as it is in the archive and here. */
export interface Compared {
  entry: string;
  object: string;
  rows: number;
  here: number;
  sha256: string;
  equal: boolean;
}

export interface WorkspaceImportJob extends Omit<Job, 'result'> {
  file_name: string;
  result: { preview?: ArchiveFacts; refused?: { code: string; message: string; field: string | null }; compared?: Compared[] } & Partial<ArchiveFacts>;
}

export interface WorkspaceImport {
  /** What makes this workspace not empty. */
  found: { object: string; rows: number; sample: number }[];
  /** Whether the archive of the job can still be imported. */
  here: boolean;
  job: WorkspaceImportJob | null;
}

export const readWorkspaceImport = (signal?: AbortSignal) => get<WorkspaceImport>('/workspace_import', undefined, signal);
export const startWorkspaceImport = () => post<WorkspaceImport>('/workspace_import/actions/start', {});
export const discardWorkspaceImport = () => request<WorkspaceImport>('DELETE', '/workspace_import');

export function uploadArchive(file: File, onProgress: (share: number) => void): Promise<WorkspaceImport> {
  const form = new FormData();
  form.append('file', file);
  return upload<WorkspaceImport>('/workspace_import', form, onProgress);
}
