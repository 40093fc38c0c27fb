import { useMutation, useQueryClient } from '@tanstack/react-query';

import { errorMessage, runBulk, type BulkRequest, type Job } from '@/api';
import { useT } from '@/i18n';
import { isActive, refreshAfterJob, trackJob, useJobAction, type Entity } from '@/metadata';
import { toast } from '@/ui';

/** Starts a bulk operation; small ones are done at once and can be undone from the toast, large ones go on as a job. */
export function useBulk(entity: Entity, onStarted: () => void, showFailures: (job: Job) => void) {
  const t = useT();
  const client = useQueryClient();
  const jobAction = useJobAction();
  return useMutation({
    mutationFn: (request: BulkRequest) => runBulk(entity.plural, request),
    onSuccess: async ({ job }) => {
      trackJob(client, job);
      onStarted();
      if (isActive(job)) {
        toast({ id: `job-${job.id}`, message: t('lists.bulk.started', { label: job.label }) });
        return;
      }
      await refreshAfterJob(client, job);
      const done = Math.max(0, job.done - job.failed);
      toast({
        id: `job-${job.id}`,
        kind: job.state === 'failed' ? 'error' : 'success',
        message: job.failed ? t('lists.bulk.partly', { done, failed: job.failed }) : t('lists.bulk.done', { count: done }),
        undo: job.can_undo ? () => jobAction.mutate({ id: job.id, action: 'undo' }) : undefined,
        action: job.failed ? { label: t('lists.bulk.showFailures'), run: () => showFailures(job) } : undefined,
      });
    },
    onError: (error) => void toast({ kind: 'error', message: errorMessage(error) }),
  });
}
