import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import { useT, type Translate } from '@/i18n';
import { isActive, jobLabel, refreshAfterJob, useJobAction, useJobs, useObjects } from '@/metadata';
import type { Job } from '@/api/types';
import { toast } from '@/ui/toast';

function finishedText(t: Translate, job: Job, label: string): string {
  if (job.state === 'failed') return `${t('jobs.finishedFailed', { label })}${job.error ? ` ${job.error}` : ''}`;
  if (job.failed > 0) return t('jobs.finishedPartly', { label, count: job.failed });
  return job.state === 'undone' ? `${label}: ${t('jobs.state.undone')}` : t('jobs.finished', { label });
}

/** Tells when a job ends, wherever the user is by then, and reads anew what it changed. */
export function JobWatcher() {
  const t = useT();
  const client = useQueryClient();
  const jobs = useJobs();
  const objects = useObjects();
  const action = useJobAction();
  const running = useRef(new Set<string>());
  useEffect(() => {
    for (const job of jobs) {
      if (isActive(job)) running.current.add(job.id);
      else if (running.current.delete(job.id)) {
        void refreshAfterJob(client, job);
        const file = job.file;
        toast({
          id: `job-${job.id}`,
          message: finishedText(t, job, jobLabel(t, job, objects)),
          kind: job.state === 'failed' ? 'error' : 'success',
          undo: job.can_undo ? () => action.mutate({ id: job.id, action: 'undo' }) : undefined,
          action: file ? { label: t('jobs.download'), run: () => location.assign(file.url) } : undefined,
        });
      }
    }
  }, [jobs, objects, client, t, action]);
  return null;
}
