/** Changing the data model: a draft of changes, its impact, publish and roll back. */
import { get, post, remove } from './client';

export type ChangeKind = 'object' | 'attribute' | 'option_list' | 'relationship';
export type ChangeOperation = 'create' | 'update' | 'delete';

export interface AttributeDefinition {
  label?: string;
  labels?: Record<string, string>;
  type?: string;
  required?: boolean;
  recommended?: boolean;
  format?: string | null;
  max_length?: number | null;
  precision?: number | null;
  min?: number | string | null;
  max?: number | string | null;
  options?: { value?: number; label: string; color: string | null; active?: boolean }[];
  targets?: string[];
  help?: string;
  default?: unknown;
  searchable?: boolean;
  unique?: boolean;
  on_delete?: 'remove_link' | 'restrict' | 'cascade';
  /** Name of a shared list the options come from. */
  option_list?: string;
}

export interface ObjectDefinition {
  label?: string;
  label_plural?: string;
  primary_label?: string;
  labels?: Record<string, string>;
  labels_plural?: Record<string, string>;
  ownership?: string;
  icon?: string | null;
  color?: string | null;
  description?: string;
  features?: string[];
}

export interface ChangeBody {
  kind: ChangeKind;
  operation: ChangeOperation;
  object: string | null;
  name: string | null;
  definition: AttributeDefinition | ObjectDefinition | Record<string, unknown>;
}

export interface Change extends ChangeBody {
  id: string;
  summary?: string;
}

export interface Problem {
  change?: string | null;
  code?: string;
  message: string;
}

export interface HistoryEntry {
  version: number | string;
  published_at: string;
  by: { id: string; name: string } | string | null;
  summary: string | string[] | null;
}

export interface Customization {
  published_version: number | string;
  /** What is published, as it was defined: more than the entity tells, such as what happens when a link's target goes. */
  body?: { attributes?: Record<string, (AttributeDefinition & { name: string })[]> };
  draft: { changes: Change[]; problems: (Problem | string)[] };
  history: HistoryEntry[];
}

export interface Impact {
  changes: (Change & { summary: string; used_in: { kind: string; name: string }[]; records?: number; blocking: boolean })[];
  problems: (Problem | string)[];
}

export const readCustomization = (signal?: AbortSignal) => get<Customization>('/customization', undefined, signal);
export const addChange = (body: ChangeBody) => post<Change>('/customization/changes', body);
export const dropChange = (id: string) => remove(`/customization/changes/${encodeURIComponent(id)}`);
export const readImpact = (signal?: AbortSignal) => get<Impact>('/customization/impact', undefined, signal);
export const publishDraft = () => post<HistoryEntry>('/customization/publish');
export const rollBack = (version: number | string) => post<HistoryEntry>('/customization/rollback', { version });
export const discardDraft = () => post<unknown>('/customization/discard');
