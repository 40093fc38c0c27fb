/** Shapes of the HTTP contract that do not depend on an object's attributes (deploy/docs/api.md). */

/** A related record as the API writes it. */
export interface Ref {
  object: string;
  id: string;
  name: string;
}

export interface Party extends Partial<Omit<Ref, 'name'>> {
  role: string;
  name: string | null;
  address: string | null;
}

export interface StoredFile {
  id: string;
  name: string;
  size: number;
  mime_type: string;
  url: string;
}

/** A record or a row of a list: attribute values under their names. */
export interface RecordData {
  id: string;
  version?: number;
  masked?: string[];
  [attribute: string]: unknown;
}

export interface RecordAccess {
  write: boolean;
  delete: boolean;
  /** Others may be linked to it: notes, activities, related records. */
  append_to: boolean;
  assign: boolean;
  share: boolean;
}

export interface FullRecord extends RecordData {
  version: number;
  allowed_actions?: string[];
  privileges?: RecordAccess;
  timeline?: TimelinePage;
  related?: Record<string, { count: number; rows: RecordData[] }>;
  /** What to consider, in the answer to a write that went through. */
  warnings?: Warning[];
}

export type Warning = string | { code?: string; message: string };

export interface ListAnswer {
  rows: RecordData[];
  next: string | null;
  previous: string | null;
  count: { value: number; exact: boolean } | null;
  sums: Record<string, string> | null;
}

export type FilterValue = string | number | boolean | null | (string | number)[];

/** The filter tree used by lists, views, boards, exports and aggregates. */
export type Filter =
  | { and: Filter[] }
  | { or: Filter[] }
  | { not: Filter }
  | { attribute: string; operator: string; value?: FilterValue }
  | { related: string; exists?: boolean; count?: RelatedCount; filter?: Filter };

/** How many related records there are. */
export interface RelatedCount {
  operator: 'eq' | 'gt' | 'ge' | 'lt' | 'le';
  value: number;
}

export interface ListQuery {
  view?: string;
  fields?: string[];
  filter?: Filter | null;
  order?: string[];
  q?: string;
  limit?: number;
  cursor?: string | null;
  count?: 'none' | 'capped' | 'exact';
  sums?: string[];
}

export interface FieldChange {
  attribute: string;
  label: string;
  old: unknown;
  new: unknown;
  /** The entry of the audit that the old value is restored from. */
  entry?: string;
}

export interface TimelineItem {
  kind: string;
  at: string;
  actor: { id: string; name: string } | null;
  id: string;
  object: string | null;
  title: string | null;
  body: string | null;
  changes?: FieldChange[];
  state?: string | null;
  [extra: string]: unknown;
}

export interface TimelinePage {
  open: TimelineItem[];
  items: TimelineItem[];
  next: string | null;
}

export interface DuplicateMatch extends Ref {
  facts: string[];
}

export interface ActionAnswer {
  record: FullRecord | null;
  result: Record<string, unknown> | null;
  warnings: Warning[];
  /** Treats the records that follow when there are very many. */
  job?: Job;
}

export interface AggregateQuery {
  filter?: Filter | null;
  view?: string;
  q?: string;
  group?: { attribute: string; by?: 'day' | 'week' | 'month' | 'quarter' | 'year' }[];
  measures: { fn: 'count' | 'sum' | 'avg' | 'min' | 'max'; attribute?: string }[];
  limit?: number;
}

export interface AggregateAnswer {
  groups: { keys: (string | null)[]; labels: string[]; values: (number | string | null)[]; filter?: Filter }[];
  totals: (number | string | null)[];
}

export interface BoardColumn {
  value: string | number | null;
  label: string;
  color: string | null;
  count: number;
  sum: string | null;
  weighted: string | null;
  rows: RecordData[];
  next: string | null;
}

export interface BoardQuery {
  attribute?: string;
  filter?: Filter | null;
  q?: string;
  fields?: string[];
  limit?: number;
}

/** Days are `YYYY-MM-DD` in the user's zone, both included. */
export interface CalendarQuery {
  from: string;
  to: string;
  filter?: Filter;
  q?: string;
  fields?: string[];
}

export interface CalendarAnswer {
  rows: RecordData[];
  /** There are more records than one answer holds. */
  more: boolean;
}

export interface BatchOperation {
  method: string;
  path: string;
  body?: unknown;
  if_match?: number;
}

export interface SearchRow extends Ref {
  facts: string[];
  /** Where only a long text matches: the piece of it, as plain text. */
  excerpt?: ExcerptPart[];
}

export interface ExcerptPart {
  text: string;
  hit: boolean;
}

export interface SearchGroup {
  object: string;
  label: string;
  rows: SearchRow[];
}

export interface RecycledRecord {
  id: string;
  object: string;
  name: string;
  deleted_at: string;
  deleted_by: { id: string; name: string } | null;
  children: number;
  /** What went with it, by object. */
  with: { object: string; label: string; count: number }[];
}

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled' | 'undoing' | 'undone';

export interface Job {
  id: string;
  kind: string;
  label: string;
  object: string | null;
  state: JobState;
  total: number | null;
  done: number;
  failed: number;
  created_at: string;
  finished_at: string | null;
  can_undo: boolean;
  result: Record<string, unknown> | null;
  error: string | null;
  file: { url: string; name?: string } | null;
  /** Fields a mass change set, or the new owner. */
  detail?: string[];
}

export interface BulkRequest {
  operation: 'edit' | 'assign' | 'delete' | 'action';
  ids?: string[] | null;
  filter?: Filter | null;
  q?: string;
  /** Said when neither ids nor a filter narrow it down: every record the caller may treat. */
  all?: boolean;
  values?: Record<string, unknown>;
  action?: string;
  owner?: string;
}

export interface BulkPreview {
  selected: number;
  allowed: number;
  skipped: number;
  reasons: (string | { code?: string; message?: string; count?: number })[];
}

export interface ExportRequest {
  view?: string;
  filter?: Filter | null;
  q?: string;
  fields?: string[];
  order?: string[];
  format: 'csv' | 'xlsx';
}

export interface Preferences {
  [key: string]: unknown;
}

export interface ChecklistItem {
  key: string;
  label: string;
  done: boolean;
  url?: string | null;
  help?: string | null;
}

export interface Checklist {
  items: ChecklistItem[];
  dismissed: boolean;
  sample_data: boolean;
}

export interface Invitation {
  id: string;
  email: string;
  name: string | null;
  role: Ref | string | null;
  /** The person it is for; can own records before joining. */
  user?: Ref | null;
  /** Kind of seat. */
  licence?: 'full' | 'read_only';
  state?: string;
  created_at?: string;
  expires_at?: string | null;
}
