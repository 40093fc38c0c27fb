/** Long work of the server: which jobs run, how far they are, and what to read anew when one ends. */
import { queryOptions, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';

import { keys } from '@/api/keys';
import type { Job, JobState } from '@/api/types';
import { listJobs, runJobAction } from '@/api/workspace';

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

/** The user's jobs, newest first; polled while one runs. */
export function useJobs(): Job[] {
  return useQuery(jobsQuery()).data ?? [];
}

/** Show a job that was just started in the tray and follow it. */
export function trackJob(client: QueryClient, job: Job): void {
  client.setQueryData<Job[]>(keys.jobs, (before = []) => [job, ...before.filter((entry) => entry.id !== job.id)]);
}

/** Read anew what a finished job may have changed. */
export async function refreshAfterJob(client: QueryClient, job: Job): Promise<void> {
  if (job.kind === 'export') return;
  await client.invalidateQueries({ queryKey: ['records'] });
  await client.invalidateQueries({ queryKey: ['recycle-bin'] });
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
