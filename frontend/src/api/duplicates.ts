/** Work-list of possible duplicates and the rules that find them (CUS-10). */
import { get, patch, post, put, remove } from './client';
import type { DuplicateMatch, Job } from './types';

export interface DuplicateRecord extends DuplicateMatch {
  /** Whether this user may merge it. */
  mergeable: boolean;
}

export interface DuplicatePair {
  id: string;
  first: string;
  second: string;
  score: number;
  reasons: string[];
}

/** Records that hang together by pairs; `score` is that of the best pair, 0 to 100. */
export interface DuplicateGroup {
  id: string;
  score: number;
  reasons: string[];
  records: DuplicateRecord[];
  pairs: DuplicatePair[];
}

export type PairState = 'open' | 'later' | 'not_duplicate';

export interface Worklist {
  groups: DuplicateGroup[];
  next: string | null;
  count: number;
  /** Objects that are looked through and that this user may read. */
  objects: string[];
  scan: { job: string; state: Job['state']; finished_at: string | null; done: number } | null;
}

const part = encodeURIComponent;

export const readWorklist = (query: { object?: string | null; state?: PairState; cursor?: string | null; limit?: number }, signal?: AbortSignal) =>
  get<Worklist>('/duplicates', query, signal);
export const decidePairs = (pairs: string[], decision: PairState) => post<{ decided: number }>('/duplicates/decide', { pairs, decision });
export const scanDuplicates = async (object: string | null) => (await post<{ job: Job }>('/duplicates/scan', object ? { object } : {})).job;

export const COMPARISONS = ['same', 'begins', 'ends', 'similar', 'email', 'phone', 'domain', 'company', 'same_date', 'phonetic'] as const;
export type Comparison = (typeof COMPARISONS)[number];

export interface RuleCondition {
  attribute: string;
  matching_attribute: string;
  operator: Comparison;
  /** Number of characters for `begins` and `ends`. */
  n: number | null;
  ignore_blank: boolean;
}

export interface DuplicateRule {
  id: string;
  name: string;
  base_object: string;
  matching_object: string;
  conditions: RuleCondition[];
  case_sensitive: boolean;
  exclude_inactive: boolean;
  /** Refuses instead of warning. */
  blocks: boolean;
  state: 'unpublished' | 'publishing' | 'published';
  delivered: boolean;
}

export interface DuplicateRules {
  rows: DuplicateRule[];
  suffixes: string[];
  suffixes_changed: boolean;
}

export type RuleBody = Omit<DuplicateRule, 'id' | 'state' | 'delivered'>;

export const readRules = (signal?: AbortSignal) => get<DuplicateRules>('/duplicate_rules', undefined, signal);
export const createRule = (body: RuleBody) => post<DuplicateRule>('/duplicate_rules', body);
export const changeRule = (id: string, body: Partial<RuleBody>) => patch<DuplicateRule>(`/duplicate_rules/${part(id)}`, body);
export const removeRule = (id: string) => remove(`/duplicate_rules/${part(id)}`);
export const switchRule = (id: string, action: 'publish' | 'unpublish') => post<DuplicateRule>(`/duplicate_rules/${part(id)}/actions/${action}`);
export const setSuffixes = (suffixes: string[] | null) => put<DuplicateRules>('/duplicate_rules/suffixes', { suffixes });

export interface MergePreview {
  /** How many of each object would move, by plural name; also `files` and `shares`. */
  moves: Record<string, number>;
  parents_differ: boolean;
}

export const previewMerge = (plural: string, master: string, subordinate: string, signal?: AbortSignal) =>
  post<MergePreview>(`/${plural}/merge/preview`, { master, subordinate }, { signal });

export interface UndoConflict {
  object: string;
  id: string;
  name: string;
  /** Labels of the fields that were changed again. */
  changed: string[];
  deleted: boolean;
  created: boolean;
  by: string;
  at: string;
}

export interface UndoPreview {
  operations: Record<string, number>;
  records: number;
  conflicts: UndoConflict[];
  more: boolean;
}

export const previewUndo = (job: string, signal?: AbortSignal) => get<UndoPreview>(`/jobs/${part(job)}/undo`, undefined, signal);
export const undoJob = (job: string, force: string[]) => post<Job>(`/jobs/${part(job)}/actions/undo`, { force });
