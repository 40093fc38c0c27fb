/** Tells what an action did: done, with its warnings, and a way to what it created. */
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useCallback } from 'react';

import type { ActionAnswer } from '@/api';
import { undoJob } from '@/api/duplicates';
import { t } from '@/i18n';
import { isActive, recordName, refreshAfterJob, stateOf, trackJob, useObjects, type Action, type Entity } from '@/metadata';
import { toast } from '@/ui';
import { tellWarnings } from '../warnings';
import { madeRefs } from './parameters';

/** What happened, by name: the state the record is in now, or else what was done to it. */
export function outcome(entity: Entity, action: Action, answer: ActionAnswer): string {
  const name = answer.record ? recordName(entity, answer.record) : entity.label;
  const state = stateOf(entity, typeof answer.record?.state === 'string' ? answer.record.state : null);
  const moved = state && action.states.length > 0 && !action.states.includes(state.value);
  return moved ? t('record.action.nowState', { name, state: state.label }) : t('record.action.done', { action: action.label, name });
}

/** Shows the outcome of an action, with "Open" for what it made; warnings stay until dismissed, because they ask for something. */
export function useAnnounceAction(): (entity: Entity, action: Action, answer: ActionAnswer) => void {
  const router = useRouter();
  const objects = useObjects();
  const client = useQueryClient();
  return useCallback(
    (entity, action, answer) => {
      const all = madeRefs(action, answer.result);
      const made = all[0];
      const object = objects.find((entry) => entry.name === made?.object);
      const labels = all.map((ref) => objects.find((entry) => entry.name === ref.object)?.label ?? ref.object);
      const job = answer.job;
      const finished = job && !isActive(job) ? job : undefined;
      toast({
        kind: 'success',
        message: [outcome(entity, action, answer), labels.length ? t('record.action.made', { objects: labels.join(', ') }) : ''].filter(Boolean).join('. '),
        action: made && object ? { label: t('record.action.open', { object: object.label }), run: () => router.history.push(`/${object.plural}/${made.id}`) } : undefined,
        undo: finished?.can_undo ? async () => {
          const undone = await undoJob(finished.id, []);
          trackJob(client, undone);
          if (!isActive(undone)) await refreshAfterJob(client, undone);
        } : undefined,
      });
      const followed = Object.values((answer.result?.assigned as Record<string, number> | undefined) ?? {}).reduce((sum, count) => sum + count, 0);
      if (followed) toast({ kind: 'info', message: t('record.action.followed', { count: followed }) });
      if (job) trackJob(client, job);
      if (job && !finished) toast({ kind: 'info', message: t('record.action.following') });
      tellWarnings(answer);
    },
    [router, objects, client],
  );
}
