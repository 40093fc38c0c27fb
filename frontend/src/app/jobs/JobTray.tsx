import { ActionIcon, Button, Loader, Popover, Tooltip } from '@mantine/core';
import { IconProgressCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import type { Job } from '@/api/types';
import { listJobFailures } from '@/api/workspace';
import { useT, type Key } from '@/i18n';
import { isActive, jobLabel, useJobAction, useJobs, useObjects } from '@/metadata';
import { formatRelative } from '@/ui/formatting';
import { EmptyState, ErrorState } from '@/ui/states';
import classes from './JobTray.module.css';

const UndoDialog = lazy(() => import('@/records/undo').then((module) => ({ default: module.UndoDialog })));

/** The background work of this user: progress, result, undo. */
export function JobTray() {
  const t = useT();
  const jobs = useJobs();
  const active = jobs.filter(isActive).length;
  const label = active ? t('jobs.running', { count: active }) : t('jobs.title');
  return (
    <Popover position="top-start" width={360} trapFocus closeOnClickOutside={false} closeOnEscape>
      <Popover.Target>
        <Tooltip label={label} position="right">
          <ActionIcon variant="subtle" color="gray" size={28} aria-label={label}>
            {active ? <Loader size={16} /> : <IconProgressCheck size={18} stroke={1.75} />}
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <div className={classes.head}>{t('jobs.title')}</div>
        <div className={classes.list}>
          {jobs.length === 0 && <EmptyState compact title={t('jobs.empty')} />}
          {jobs.slice(0, 30).map((job) => (
            <JobRow key={job.id} job={job} />
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function JobRow({ job }: { job: Job }) {
  const t = useT();
  const action = useJobAction();
  const [showing, setShowing] = useState(false);
  const running = isActive(job);
  const share = job.total ? Math.min(1, (job.done + job.failed) / job.total) : 0;
  const objects = useObjects();
  const [undoing, setUndoing] = useState(false);
  const label = jobLabel(t, job, objects);
  const run = (name: 'cancel' | 'retry') => action.mutate({ id: job.id, action: name });
  return (
    <div className={classes.job}>
      <div className={classes.line}>
        <span className="k-truncate" title={label}>{label}</span>
        <span className="k-meta k-num">{formatRelative(job.finished_at ?? job.created_at)}</span>
      </div>
      {running && (
        <div className={classes.track} role="progressbar" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)} aria-label={label}>
          <div className={classes.fill} style={{ width: `${share * 100}%` }} />
        </div>
      )}
      <div className={classes.line}>
        <span className="k-meta">
          {t(`jobs.state.${job.state}` as Key)}
          {job.total != null && ` · ${t('jobs.progress', { done: job.done, total: job.total })}`}
          {job.failed > 0 && ` · ${t('jobs.failures', { count: job.failed })}`}
        </span>
        <span className={classes.actions}>
          {running && job.state !== 'undoing' && <Button size="compact-xs" variant="subtle" color="gray" onClick={() => run('cancel')}>{t('jobs.cancel')}</Button>}
          {job.state === 'failed' && <Button size="compact-xs" variant="subtle" onClick={() => run('retry')}>{t('jobs.retry')}</Button>}
          {job.failed > 0 && !running && <Button size="compact-xs" variant="subtle" aria-expanded={showing} onClick={() => setShowing(!showing)}>{t('jobs.showFailures')}</Button>}
          {job.file && <Button size="compact-xs" variant="subtle" component="a" href={job.file.url} download={job.file.name ?? ''}>{t('jobs.download')}</Button>}
          {job.can_undo && <Button size="compact-xs" variant="subtle" onClick={() => setUndoing(true)}>{t('ui.undo')}</Button>}
        </span>
      </div>
      {job.error && <div className={classes.error}>{job.error}</div>}
      {showing && <Failures job={job} />}
      {undoing && (
        <Suspense fallback={null}>
          <UndoDialog job={job} onClose={() => setUndoing(false)} />
        </Suspense>
      )}
    </div>
  );
}

function Failures({ job }: { job: Job }) {
  const { data, error, refetch } = useQuery({ queryKey: ['jobs', job.id, 'failures'], queryFn: () => listJobFailures(job.id) });
  if (error) return <ErrorState compact error={error} onRetry={() => void refetch()} />;
  return (
    <ul className={classes.failures}>
      {data?.rows.slice(0, 50).map((row) => (
        <li key={row.id}>
          <b>{row.name}</b> {row.message}
        </li>
      ))}
    </ul>
  );
}
