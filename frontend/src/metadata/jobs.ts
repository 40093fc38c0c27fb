/** Long work of the server: which jobs run, how far they are, and what to read anew when one ends. */
import { queryOptions, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';

import { keys } from '@/api/keys';
import type { ObjectSummary } from '@/api/metadata';
import type { Job, JobState } from '@/api/types';
import { listJobs, listUndoable, runJobAction } from '@/api/workspace';
import type { Key, Translate } from '@/i18n';

const POLL_MS = 1500;
const ACTIVE: JobState[] = ['queued', 'running', 'undoing'];

export const isActive = (job: Job): boolean => ACTIVE.includes(job.state);

export const jobsQuery = () =>
  queryOptions({
    queryKey: keys.jobs,
    queryFn: ({ signal }) => listJobs(signal),
    staleTime: 30_000,
    // Only while something runs.
    refetchInterval: (query) => (query.state.data?.some(isActive) ? POLL_MS : false),
  });

/** What the user can take back; other work does not push it out of the list. */
export const undoableQuery = () =>
  queryOptions({
    queryKey: [...keys.jobs, 'undoable'],
    queryFn: ({ signal }) => listUndoable(signal),
    staleTime: 0,
    refetchInterval: (query) => (query.state.data?.some(isActive) ? POLL_MS : false),
  });

/** The user's jobs, newest first; polled while one runs. */
export function useJobs(): Job[] {
  return useQuery(jobsQuery()).data ?? [];
}

/** Show a job that was just started in the tray and follow it. */
export function trackJob(client: QueryClient, job: Job): void {
  client.setQueryData<Job[]>(keys.jobs, (before = []) => [job, ...before.filter((entry) => entry.id !== job.id)]);
}

const LISTED: Record<string, Key> = {
  add_members: 'jobs.label.members_added', add_by_query: 'jobs.label.members_added',
  remove_members: 'jobs.label.members_removed', remove_by_query: 'jobs.label.members_removed', evaluate: 'jobs.label.members_removed',
};

/** What a job does, in the user's words: mass changes carry `operation:object`, others a name of their own. */
export function jobLabel(t: Translate, job: Job, objects: ObjectSummary[]): string {
  const [operation = '', name = ''] = job.label.split(':');
  const object = objects.find((entry) => entry.name === name);
  if (['edit', 'assign', 'delete', 'action', 'merge', 'share', 'unshare'].includes(operation) && name) return t(`jobs.label.${operation}` as Key, { objects: object?.label_plural ?? name });
  if (job.kind === 'list_members') return t(LISTED[operation] ?? 'jobs.label.list_made');
  if (job.kind === 'personal_access') return t('jobs.label.personal_access');
  if (job.kind === 'workspace_export') return t('jobs.label.workspace_export');
  if (job.kind === 'archive_check') return t('jobs.label.archive_check');
  if (job.kind === 'archive_import') return t('jobs.label.archive_import');
  if (job.kind === 'duplicate_scan') return t('jobs.label.duplicate_scan');
  if (job.kind === 'duplicate_rule') return t('jobs.label.duplicate_rule', { name: job.label });
  if (job.kind === 'replace_options') return t('jobs.label.replace_options', { name: job.label });
  if (job.kind === 'import_run') return t('jobs.label.import', { name: job.label });
  if (job.kind === 'export') return t('jobs.label.export', { objects: job.label });
  return job.label;
}

/** Read anew what a finished job may have changed. */
export async function refreshAfterJob(client: QueryClient, job: Job): Promise<void> {
  if (job.kind === 'workspace_export') return client.invalidateQueries({ queryKey: keys.workspaceExport });
  if (job.kind === 'archive_check') return client.invalidateQueries({ queryKey: keys.workspaceImport });
  if (job.kind === 'archive_import') return client.invalidateQueries(); // the workspace is another one
  if (job.kind === 'export') return;
  await client.invalidateQueries({ queryKey: ['records'] });
  await client.invalidateQueries({ queryKey: ['recycle-bin'] });
  await client.invalidateQueries({ queryKey: undoableQuery().queryKey });
  await client.invalidateQueries({ queryKey: ['worklist'] });
}

/** Undo, cancel or retry a job. */
export function useJobAction() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, action }: { id: string; action: 'undo' | 'cancel' | 'retry' }) => runJobAction(id, action),
    onSuccess: async (job) => {
      trackJob(client, job);
      if (!isActive(job)) await refreshAfterJob(client, job);
    },
  });
}
