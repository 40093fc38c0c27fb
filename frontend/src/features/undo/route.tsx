import { Button } from '@mantine/core';
import { IconArrowBackUp, IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { Job } from '@/api/types';
import { useT, type Key } from '@/i18n';
import { isActive, jobLabel, undoableQuery, useObjects } from '@/metadata';
import { UndoDialog } from '@/records/undo';
import { formatDateTime, formatRelative } from '@/ui/formatting';
import { ObjectIcon } from '@/ui/icons';
import { PageFrame } from '@/ui/PageFrame';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui/states';
import classes from './undo.module.css';

/** `/undo`: imports, mass changes and merges of the last 30 days; each can be taken back (PEERS 3.7). */
export default function UndoPage() {
  const t = useT();
  const objects = useObjects();
  const [chosen, setChosen] = useState<Job | null>(null);
  const { data, error, isPending, refetch } = useQuery(undoableQuery());
  const jobs = data ?? [];
  return (
    <PageFrame title={t('undo.page')} narrow>
      <p className={classes.intro}>{t('undo.pageIntro')}</p>
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {isPending && !error && <SkeletonRows height={56} />}
      {data && !jobs.length && <EmptyState icon={<IconHistory size={20} stroke={1.75} />} title={t('undo.none')} body={t('undo.noneBody')} />}
      {jobs.length > 0 && (
        <ul className={classes.list}>
          {jobs.map((job) => {
            const object = objects.find((entry) => entry.name === job.object);
            return (
              <li key={job.id} className={classes.row}>
                <ObjectIcon name={object?.icon ?? 'database'} color={object?.color} />
                <span className={classes.grow}>
                  <span className="k-truncate">{jobLabel(t, job, objects)}</span>
                  <span className="k-meta" title={formatDateTime(job.created_at)}>
                    {job.kind !== 'merge' && !!job.total && `${t('undo.records', { count: job.done - job.failed })} · `}
                    {!!job.detail?.length && `${job.detail.join(', ')} · `}
                    {t(`jobs.state.${job.state}` as Key)} · {formatRelative(job.finished_at ?? job.created_at)}
                    {job.failed > 0 && ` · ${t(job.state === 'undone' ? 'undo.stayed' : 'jobs.failures', { count: job.failed })}`}
                  </span>
                </span>
                {job.can_undo && !isActive(job) && (
                  <Button size="xs" variant="default" leftSection={<IconArrowBackUp size={16} stroke={1.75} />} onClick={() => setChosen(job)}>
                    {t('ui.undo')}
                  </Button>
                )}
              </li>
            );
          })}
        </ul>
      )}
      {chosen && <UndoDialog job={chosen} onClose={() => setChosen(null)} />}
    </PageFrame>
  );
}
