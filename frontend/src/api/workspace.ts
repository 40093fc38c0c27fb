/** Session, preferences, metadata, views, search, recycle bin, jobs, files. */
import type { Entity, ObjectSummary, Session, View } from './metadata';
import { get, patch, post, remove } from './client';
import type { Checklist, Filter, Job, Preferences, RecycledRecord, SearchGroup, SearchRow, StoredFile } from './types';

const part = encodeURIComponent;

export const readSession = (signal?: AbortSignal) => get<Session>('/session', undefined, signal);
export const updateSession = (body: Partial<Pick<Session['user'], 'language' | 'time_zone' | 'theme' | 'date_format'>> & { week_start?: number | null }) => patch<Session>('/session', body);
export const signOut = () => remove('/session');
export const readPreferences = (signal?: AbortSignal) => get<Preferences>('/preferences', undefined, signal);
/** Merges the given keys into the user's document. */
export const updatePreferences = (body: Preferences) => patch<Preferences>('/preferences', body);

export const readObjects = (signal?: AbortSignal) => get<{ version: string; objects: ObjectSummary[] }>('/metadata/objects', undefined, signal);
export const readEntity = (name: string, signal?: AbortSignal) => get<Entity>(`/metadata/objects/${part(name)}`, undefined, signal);

export interface ViewBody {
  object: string;
  name: string;
  layout: View['layout'];
  columns: View['columns'];
  filter: Filter | null;
  order: string[];
  group_by?: string | null;
  board_attribute?: string | null;
  shared_with?: 'me' | 'teams' | 'everyone';
  /** Ids of the teams it is shared with. */
  teams?: string[];
}

export const listViews = async (object: string, signal?: AbortSignal): Promise<View[]> => {
  const answer = await get<{ rows?: View[]; views?: View[] } | View[]>('/views', { object }, signal);
  return Array.isArray(answer) ? answer : (answer.rows ?? answer.views ?? []);
};
export const createView = (body: ViewBody) => post<View>('/views', body);
export const updateView = (id: string, body: Partial<ViewBody>) => patch<View>(`/views/${part(id)}`, body);
/** Make a view one of the standard ones; published at once when nothing else is drafted. */
export const makeStandardView = (id: string, body: { object: string; label?: string; default: boolean }) => post<{ view: string; published: number | null; drafted: number }>(`/views/${part(id)}/actions/make_standard`, body);
export const deleteView = (id: string) => remove(`/views/${part(id)}`);

export interface SearchQuery {
  q: string;
  objects?: string[];
  limit?: number;
}

export const search = (query: SearchQuery, signal?: AbortSignal) =>
  get<{ groups: SearchGroup[] }>('/search', { q: query.q, objects: query.objects?.join(',') || undefined, limit: query.limit }, signal);
/** Records this user opened last, newest first. */
export const recentRecords = async (signal?: AbortSignal): Promise<SearchRow[]> => {
  const answer = await get<{ rows?: SearchRow[]; groups?: SearchGroup[] }>('/search/recent', undefined, signal);
  return answer.rows ?? answer.groups?.flatMap((group) => group.rows) ?? [];
};

/** Note that a record was opened, for the list of recent records. */
export const noteOpened = (object: string, id: string) => post<void>('/search/opened', { object, id });

export const listRecycled = (query: { object?: string; cursor?: string | null; limit?: number } = {}, signal?: AbortSignal) =>
  get<{ rows: RecycledRecord[]; next: string | null; kept_days: number }>('/recycle_bin', query, signal);
export const restoreRecycled = (object: string, id: string) => post<unknown>('/recycle_bin/restore', { object, id });
export const purgeRecycled = (object: string, id: string) => post<unknown>('/recycle_bin/purge', { object, id });

export interface JobFailure {
  id: string;
  name: string;
  code: string;
  message: string;
}

const jobOf = (answer: Job | { job: Job }): Job => ('job' in answer ? answer.job : answer);
export const listJobs = async (signal?: AbortSignal): Promise<Job[]> => {
  const answer = await get<{ rows?: Job[]; jobs?: Job[] }>('/jobs', { mine: true }, signal);
  return answer.rows ?? answer.jobs ?? [];
};
/** The user's jobs that can be, or were, taken back. */
export const listUndoable = async (signal?: AbortSignal): Promise<Job[]> => (await get<{ rows: Job[] }>('/jobs', { mine: true, undoable: true }, signal)).rows;
export const readJob = async (id: string, signal?: AbortSignal) => jobOf(await get<Job | { job: Job }>(`/jobs/${part(id)}`, undefined, signal));
export const runJobAction = async (id: string, action: 'undo' | 'cancel' | 'retry') =>
  jobOf(await post<Job | { job: Job }>(`/jobs/${part(id)}/actions/${action}`));
export const listJobFailures = (id: string, cursor?: string | null) => get<{ rows: JobFailure[]; next?: string | null }>(`/jobs/${part(id)}/failures`, { cursor });

export function uploadFile(file: File): Promise<StoredFile> {
  const body = new FormData();
  body.append('file', file);
  return post<StoredFile>('/files', body);
}

export const readChecklist = (signal?: AbortSignal) => get<Checklist>('/onboarding', undefined, signal);
export const runChecklistAction = (action: 'dismiss' | 'show' | 'remove_sample_data') => post<unknown>(`/onboarding/actions/${action}`);

/** What removing the sample data did: counts by object, and the records that stay because somebody needs them. */
export interface SampleRemoval {
  removed: Record<string, number>;
  kept: { object: string; id: string; name: string }[];
}
export const removeSampleData = () => post<SampleRemoval>('/onboarding/actions/remove_sample_data');
