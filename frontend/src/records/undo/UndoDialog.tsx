import type { Job } from '@/api';
import { previewUndo, undoJob } from '@/api/duplicates';
import { useT, type Key } from '@/i18n';
import { isActive, jobLabel, recordPath, refreshAfterJob, trackJob, undoableQuery, useObjects } from '@/metadata';
import { ErrorState, formatDateTime, formatRelative, SkeletonRows } from '@/ui';
import { Button, Group, Modal } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import classes from './undo.module.css';

/** Operations of the journal that are told by number; what rules did on the way is left out. */
const TOLD = ['create', 'update', 'assign', 'delete', 'merge'] as const;

/** What an undo would take back, and record by record what happens to those somebody changed since (PEERS 3.7). */
export function UndoDialog({ job, onClose }: { job: Job; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const objects = useObjects();
  const [forced, setForced] = useState<string[]>([]);
  const { data, error, refetch } = useQuery({ queryKey: ['jobs', job.id, 'undo'], queryFn: ({ signal }) => previewUndo(job.id, signal), staleTime: 0, gcTime: 0 });
  const undo = useMutation({
    mutationFn: () => undoJob(job.id, forced),
    onSuccess: async (done) => {
      trackJob(client, done);
      await client.invalidateQueries({ queryKey: undoableQuery().queryKey });
      if (!isActive(done)) await refreshAfterJob(client, done);
      onClose();
    },
  });
  const counts = data ? TOLD.filter((name) => data.operations[name]).map((name) => t(`undo.did.${name}` as Key, { count: data.operations[name]! })) : [];
  const back = data ? data.records - (data.more ? 0 : data.conflicts.filter((conflict) => !forced.includes(conflict.id)).length) : 0;
  return (
    <Modal opened onClose={onClose} size={680} title={t('undo.title', { label: jobLabel(t, job, objects) })} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={3} />}
      {data && (
        <>
          <p className={classes.text}>{t('undo.did', { count: data.records, list: counts.join(', ') })} {t('undo.back', { count: back })}</p>
          {data.conflicts.length > 0 && (
            <>
              <h3 className={classes.heading}>{t('undo.conflicts', { count: data.conflicts.length })}</h3>
              <p className={classes.text}>{t('undo.conflictsHelp')}</p>
              <ul className={classes.list}>
                {data.conflicts.map((conflict) => {
                  const object = objects.find((entry) => entry.name === conflict.object);
                  const takesBack = forced.includes(conflict.id);
                  const what = conflict.deleted ? t('undo.deletedSince') : conflict.changed.join(', ') || t('undo.usedSince');
                  return (
                    <li key={conflict.id} className={classes.row}>
                      <span className={classes.grow}>
                        {conflict.deleted ? (
                          <span className="k-truncate">{conflict.name || object?.label}</span>
                        ) : (
                          <a className="k-truncate" href={recordPath(object?.plural ?? conflict.object, conflict.id)} target="_blank" rel="noreferrer">{conflict.name || object?.label}</a>
                        )}
                        <span className="k-meta" title={formatDateTime(conflict.at)}>
                          {what} · {conflict.by} · {formatRelative(conflict.at)}
                        </span>
                      </span>
                      <select className={classes.select} aria-label={t('undo.choice', { name: conflict.name })} disabled={conflict.deleted} value={takesBack ? 'undo' : 'keep'} onChange={(event) => setForced(event.currentTarget.value === 'undo' ? [...forced, conflict.id] : forced.filter((id) => id !== conflict.id))}>
                        <option value="keep">{t('undo.keep')}</option>
                        <option value="undo">{t('undo.takeBack')}</option>
                      </select>
                    </li>
                  );
                })}
              </ul>
              {data.more && <p className={classes.text}>{t('undo.more')}</p>}
            </>
          )}
          {undo.error && <ErrorState compact error={undo.error} />}
          <Group justify="flex-end" gap={8} mt="lg">
            <Button variant="default" onClick={onClose}>{t('ui.cancel')}</Button>
            <Button loading={undo.isPending} disabled={!back} onClick={() => undo.mutate()} data-autofocus>{t('ui.undo')}</Button>
          </Group>
        </>
      )}
    </Modal>
  );
}
