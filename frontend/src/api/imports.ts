/** Imports: a file becomes an import document, is mapped, checked, run and can be undone. */
import { apiUrl, get, patch, post } from './client';
import type { Job, Ref } from './types';

export interface ColumnMapping {
  attribute: string;
  date_format?: string | null;
  scale?: number | string | null;
  values?: Record<string, unknown>;
  lookup_by?: string | null;
  on_missing?: 'error' | 'create' | 'empty';
}

export interface ImportColumn {
  index: number;
  header: string;
  samples: string[];
  mapping: ColumnMapping | null;
  guess_score: number;
  kind: 'text' | 'number' | 'date';
  date_formats: string[];
}

export interface ImportMatch {
  mode: 'create' | 'update' | 'both';
  keys: string[];
  on_conflict: 'overwrite' | 'fill_empty' | 'keep';
  duplicates: 'create' | 'skip';
}

export interface ImportDocument {
  id: string;
  file_name: string;
  state: 'uploaded' | 'mapped' | 'checking' | 'checked' | 'running' | 'done' | 'failed' | 'undoing' | 'undone';
  format: { kind: 'csv' | 'xlsx'; encoding?: string | null; delimiter?: string | null; sheet?: string | null; sheets?: string[] };
  row_count: number;
  object: string | null;
  object_guesses: { object: string; score: number }[];
  columns: ImportColumn[];
  mapping: { columns: Record<string, ColumnMapping>; constants: Record<string, unknown> };
  match: ImportMatch;
  stats: { new?: number; update?: number; duplicate?: number; error?: number; [extra: string]: number | undefined };
  job: Job | null;
}

export type ImportRowStatus = 'error' | 'new' | 'update' | 'duplicate';

export interface ImportRow {
  number: number;
  status: ImportRowStatus;
  values: Record<string, string | null>;
  errors: { field: string | null; code: string; message: string }[];
  record: Ref | null;
}

export interface ImportValue {
  value: string;
  count: number;
  target?: unknown;
}

const part = encodeURIComponent;

export function uploadImport(file: File, object?: string | null): Promise<ImportDocument> {
  const body = new FormData();
  body.append('file', file);
  if (object) body.append('object', object);
  return post<ImportDocument>('/imports', body);
}

export const listImports = (signal?: AbortSignal) => get<{ rows: ImportDocument[]; next?: string | null }>('/imports', undefined, signal);
export const readImport = (id: string, signal?: AbortSignal) => get<ImportDocument>(`/imports/${part(id)}`, undefined, signal);
export const updateImport = (id: string, body: Partial<Pick<ImportDocument, 'object' | 'mapping' | 'match' | 'format'>>) =>
  patch<ImportDocument>(`/imports/${part(id)}`, body);
export const readImportValues = (id: string, column: number, signal?: AbortSignal) =>
  get<{ values?: ImportValue[]; rows?: ImportValue[] }>(`/imports/${part(id)}/values`, { column }, signal);
export const runImportAction = (id: string, action: 'check' | 'run' | 'undo' | 'cancel') => post<ImportDocument>(`/imports/${part(id)}/actions/${action}`);
export const readImportRows = (id: string, query: { status?: ImportRowStatus; cursor?: string | null }, signal?: AbortSignal) =>
  get<{ rows: ImportRow[]; next?: string | null }>(`/imports/${part(id)}/rows`, query, signal);
export const correctImportRow = (id: string, number: number, values: Record<string, string | null>) =>
  patch<ImportRow>(`/imports/${part(id)}/rows/${number}`, { values });
/** Address of the file with the rows that failed. */
export const importFailuresUrl = (id: string, format: 'csv' | 'xlsx') => apiUrl(`/imports/${part(id)}/failures`, { format });

export interface ImportMap {
  id: string;
  name: string;
  object: string;
  mapping: ImportDocument['mapping'];
}

export const listImportMaps = (signal?: AbortSignal) => get<{ rows: ImportMap[] }>('/import_maps', undefined, signal);
export const createImportMap = (body: Omit<ImportMap, 'id'>) => post<ImportMap>('/import_maps', body);
