/** Imports: a file becomes an import document, is mapped, checked, run and can be undone. */
import { apiUrl, get, patch, post, upload } from './client';
import type { Job, Ref } from './types';

export interface ColumnMapping {
  attribute: string;
  date_format?: string | null;
  /** The comma parts decimals: `1.234,56`. */
  decimal_comma?: boolean;
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
  /** How sure the guess for this column was; null without one. */
  guess_score: number | null;
  kind: 'text' | 'number' | 'date' | 'empty';
  date_formats: string[];
  /** Cells that are not empty. */
  filled?: number;
  /** Different values; null when there are too many to count. */
  distinct?: number | null;
  decimal_comma?: boolean;
}

/** Something a column can become: an attribute, or a combined target such as `stage_or_state`. */
export interface ImportTarget {
  name: string;
  label: string;
  type: string;
  required: boolean;
  options?: { value: unknown; label: string; color?: string | null }[];
  /** Objects a reference may point at. */
  targets?: string[];
}

export interface ImportMatch {
  mode: 'create' | 'update' | 'both';
  keys: string[];
  on_conflict: 'overwrite' | 'fill_empty' | 'keep';
  duplicates: 'create' | 'skip';
  /** Empty cells empty the record's value instead of leaving it. */
  clear_empty?: boolean;
}

export interface ImportMapping {
  columns: Record<string, ColumnMapping>;
  /** The same for every row; texts may name columns as `{header}`. */
  constants: Record<string, unknown>;
  /** What becomes of rows without the customer they need. */
  missing_customer?: 'error' | 'placeholder' | 'lead';
  placeholder?: string;
}

export interface ImportDocument {
  id: string;
  file_name: string;
  state: 'reading' | 'uploaded' | 'mapped' | 'checking' | 'checked' | 'running' | 'done' | 'failed' | 'undoing' | 'undone' | 'canceled';
  format: { kind: 'csv' | 'xlsx'; encoding?: string | null; delimiter?: string | null; sheet?: string | null; sheets?: string[]; header?: boolean };
  /** What reading the file found worth saying. */
  notices?: string[];
  row_count: number;
  object: string | null;
  object_guesses: { object: string; score: number }[];
  columns: ImportColumn[];
  targets?: ImportTarget[];
  mapping: ImportMapping;
  match: ImportMatch;
  stats: { new?: number; update?: number; duplicate?: number; error?: number; [extra: string]: number | undefined };
  error?: { code: string; message: string } | null;
  created_at?: string;
  created_by?: { id: string; name: string } | null;
  job: Job | null;
}

/** Before the run: new, update, duplicate, error; after it: created, updated, duplicate, failed. */
export type ImportRowStatus = 'error' | 'new' | 'update' | 'duplicate' | 'created' | 'updated' | 'failed';

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
  /** What the value becomes now; null for nothing yet. */
  target?: unknown;
  label?: string | null;
  /** The value becomes something as it stands. */
  known?: boolean;
  guess?: { target: unknown; label: string; score: number } | null;
  /** A record this file brings in itself. */
  in_file?: boolean;
}

export interface ImportValues {
  values: ImportValue[];
  distinct?: number;
  truncated?: boolean;
}

const part = encodeURIComponent;

/** @param onProgress share of the file sent so far, 0 to 1 */
export function uploadImport(file: File, object: string | null, onProgress: (share: number) => void, signal?: AbortSignal): Promise<ImportDocument> {
  const body = new FormData();
  body.append('file', file);
  if (object) body.append('object', object);
  return upload<ImportDocument>('/imports', body, onProgress, signal);
}

export const listImports = (signal?: AbortSignal) => get<{ rows: ImportDocument[]; next?: string | null }>('/imports', undefined, signal);
export const readImport = (id: string, signal?: AbortSignal) => get<ImportDocument>(`/imports/${part(id)}`, undefined, signal);
export const updateImport = (id: string, body: { object?: string; mapping?: ImportMapping; match?: ImportMatch; format?: Record<string, unknown> }) =>
  patch<ImportDocument>(`/imports/${part(id)}`, body);
export const readImportValues = (id: string, column: number, signal?: AbortSignal) =>
  get<ImportValues>(`/imports/${part(id)}/values`, { column }, signal);
export const runImportAction = (id: string, action: 'check' | 'run' | 'undo' | 'cancel') => post<ImportDocument>(`/imports/${part(id)}/actions/${action}`);
export const readImportRows = (id: string, query: { status?: ImportRowStatus; cursor?: string | null }, signal?: AbortSignal) =>
  get<{ rows: ImportRow[]; next?: string | null }>(`/imports/${part(id)}/rows`, query, signal);
export const correctImportRow = (id: string, number: number, values: Record<string, string>) =>
  patch<{ row: ImportRow; stats: ImportDocument['stats'] }>(`/imports/${part(id)}/rows/${number}`, { values });
/** Address of the file with the rows that failed. */
export const importFailuresUrl = (id: string, format: 'csv' | 'xlsx') => apiUrl(`/imports/${part(id)}/failures`, { format });

export interface ImportMap {
  id: string;
  name: string;
  object: string;
  headers?: string[];
  mapping: ImportMapping;
  match?: ImportMatch;
}

export const listImportMaps = (signal?: AbortSignal) => get<{ rows: ImportMap[] }>('/import_maps', undefined, signal);
export const createImportMap = (body: Omit<ImportMap, 'id'>) => post<ImportMap>('/import_maps', body);
