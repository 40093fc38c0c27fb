import '@mantine/core/styles/Progress.layer.css';
import { Button, Progress } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { errorMessage } from '@/api/errors';
import { keys } from '@/api/keys';
import type { Job } from '@/api/types';
import { removeSampleData } from '@/api/workspace';
import { discardWorkspaceImport, readWorkspaceImport, startWorkspaceImport, type WorkspaceImport, type WorkspaceImportJob } from '@/api/workspaceImport';
import { useT } from '@/i18n';
import { isActive, trackJob } from '@/metadata';
import { formatNumber } from '@/ui/formatting';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { SectionFrame } from '../SectionFrame';
import settings from '../settings.module.css';
import classes from './archive.module.css';
import { Comparison } from './Comparison';
import { Contents } from './Contents';
import { refusal, usePartName } from './parts';
import { UploadBox } from './UploadBox';

const POLL_MS = 1500;
/** No toast: the page says it where it happened. */
const shownHere = () => undefined;
const active = (job: WorkspaceImportJob | null | undefined): boolean => !!job && isActive(job as unknown as Job);

/** A whole workspace from its archive: upload, what is in it, import, how it compares (ASP-40.4). */
export default function ArchiveSection() {
  const t = useT();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: keys.workspaceImport,
    queryFn: ({ signal }) => readWorkspaceImport(signal),
    staleTime: 0,
    refetchInterval: (query) => (active(query.state.data?.job) ? POLL_MS : false),
  });
  const changed = (answer: WorkspaceImport) => {
    client.setQueryData(keys.workspaceImport, answer);
    if (answer.job) trackJob(client, answer.job as unknown as Job);
  };
  const start = useMutation({ mutationFn: startWorkspaceImport, onSuccess: changed, onError: shownHere });
  const discard = useMutation({ mutationFn: discardWorkspaceImport, onSuccess: changed, onError: shownHere });
  return (
    <SectionFrame title={t('archive.title')} documentTitle={t('archive.title')} intro={t('archive.intro')}>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={2} height={48} />}
      {data && <Room data={data} onChanged={changed} start={start} discard={discard} />}
    </SectionFrame>
  );
}

interface Act {
  mutate: () => void;
  isPending: boolean;
  error: Error | null;
}

function Room({ data, onChanged, start, discard }: { data: WorkspaceImport; onChanged: (answer: WorkspaceImport) => void; start: Act; discard: Act }) {
  const { job, here, found } = data;
  const problem = (start.error ?? discard.error) && <ErrorState compact error={(start.error ?? discard.error)!} />;
  if (job && active(job)) return <Running job={job} discard={discard} />;
  if (job?.kind === 'archive_import' && job.state === 'succeeded') return <Comparison job={job} />;
  if (found.length) return <NotEmpty found={found} />;
  if (job && here && job.kind === 'archive_check' && job.state === 'succeeded' && job.result.preview) {
    return (
      <>
        {problem}
        <Contents facts={job.result.preview} start={start} discard={discard} />
      </>
    );
  }
  return (
    <>
      {problem}
      {job?.state === 'failed' && here && <Failed job={job} start={start} />}
      <UploadBox again={job?.state === 'failed' && here} onDone={onChanged} />
    </>
  );
}

function Running({ job, discard }: { job: WorkspaceImportJob; discard: Act }) {
  const t = useT();
  const label = t(job.kind === 'archive_check' ? 'archive.checking' : 'archive.importing');
  const total = job.total || 1;
  return (
    <div className={settings.card} aria-live="polite">
      <div className={settings.cardRow}>
        <div className={settings.grow} style={{ display: 'grid', gap: 8 }}>
          <div>{label}</div>
          <Progress value={Math.min(99, Math.floor((job.done / total) * 100))} size="sm" aria-label={label} />
          <div className="k-meta">{[job.file_name, job.total ? t('archive.progress', { done: formatNumber(job.done), total: formatNumber(job.total) }) : ''].filter(Boolean).join(' · ')}</div>
        </div>
        <Button size="xs" variant="default" loading={discard.isPending} onClick={() => discard.mutate()}>
          {t('archive.cancel')}
        </Button>
      </div>
      {discard.error && <ErrorState compact error={discard.error} />}
    </div>
  );
}

/** Why an archive was refused, or an import broke off. */
function Failed({ job, start }: { job: WorkspaceImportJob; start: Act }) {
  const t = useT();
  const refused = job.result.refused;
  const known = refused && refusal(refused.code);
  return (
    <div className={classes.alert} role="alert">
      <strong>{t(job.kind === 'archive_check' ? 'archive.refused' : 'archive.failed')}</strong>
      <div>{known ? t(known) : (job.error ?? '')}</div>
      {refused?.field && <div>{t('archive.place', { place: refused.field })}</div>}
      {known && refused.message && <div className={classes.detail}>{refused.message}</div>}
      <div className={classes.detail}>{t('archive.nothingChanged')}</div>
      {job.kind === 'archive_import' && (
        <div>
          <Button size="xs" variant="default" loading={start.isPending} onClick={() => start.mutate()}>
            {t('archive.retry')}
          </Button>
        </div>
      )}
    </div>
  );
}

function NotEmpty({ found }: { found: WorkspaceImport['found'] }) {
  const t = useT();
  const client = useQueryClient();
  const name = usePartName();
  const onlySamples = found.every((one) => one.rows === one.sample);
  const remove = useMutation({
    mutationFn: removeSampleData,
    onError: shownHere,
    onSuccess: async (done) => {
      if (done.kept.length) toast({ kind: 'info', message: t('archive.samplesKept', { count: done.kept.length }) });
      await client.invalidateQueries();
    },
  });
  return (
    <div className={settings.card}>
      <div className={settings.cardRow}>
        <div className={settings.grow} style={{ display: 'grid', gap: 4 }}>
          <strong>{t(onlySamples ? 'archive.samples' : 'archive.notEmpty')}</strong>
          <span className="k-meta">{t(onlySamples ? 'archive.samplesHelp' : 'archive.notEmptyHelp')}</span>
        </div>
        {onlySamples && (
          <Button size="xs" loading={remove.isPending} onClick={() => remove.mutate()}>
            {t('archive.removeSamples')}
          </Button>
        )}
      </div>
      {remove.error && (
        <div className={settings.cardRow} role="alert">
          {errorMessage(remove.error)}
        </div>
      )}
      {!onlySamples && (
        <ul className={classes.found}>
          {[...found].sort((a, b) => b.rows - a.rows).map((one) => (
            <li key={one.object}>
              <span>{name(one.object)}</span>
              <span className={classes.number}>{formatNumber(one.rows)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
