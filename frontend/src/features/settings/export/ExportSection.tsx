import '@mantine/core/styles/Progress.layer.css';
import { Button, Checkbox, Progress } from '@mantine/core';
import { IconDownload, IconFileZip } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { keys } from '@/api/keys';
import type { Job } from '@/api/types';
import { cancelWorkspaceExport, readWorkspaceExport, startWorkspaceExport, type WorkspaceExport } from '@/api/workspaceExport';
import { useT } from '@/i18n';
import { isActive, trackJob } from '@/metadata';
import { formatBytes, formatDateTime, formatNumber } from '@/ui/formatting';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { Group, SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';

const POLL_MS = 2000;
/** Download addresses work ten minutes; the page renews them before. */
const RENEW_MS = 300_000;

/** Everything the workspace has as one archive: start, follow, cancel, download (ASP-40.4). */
export default function ExportSection() {
  const t = useT();
  const { data, error, refetch } = useQuery({
    queryKey: keys.workspaceExport,
    queryFn: ({ signal }) => readWorkspaceExport(signal),
    staleTime: 0,
    refetchInterval: (query) => (query.state.data?.job && isActive(query.state.data.job) ? POLL_MS : RENEW_MS),
  });
  return (
    <SectionFrame title={t('workspaceExport.title')} documentTitle={t('workspaceExport.title')} intro={t('workspaceExport.intro')}>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={2} height={48} />}
      {data?.job && isActive(data.job) && <Running job={data.job} />}
      {data && !(data.job && isActive(data.job)) && <Start failed={data.job?.state === 'failed' ? data.job : null} />}
      {data && (
        <div style={{ marginTop: 32 }}>
          <Group title={t('workspaceExport.last')} help={data.archive ? t('workspaceExport.lastHelp') : t('workspaceExport.none')} id="workspace-export-last">
            {data.archive && <Archive archive={data.archive} />}
          </Group>
        </div>
      )}
    </SectionFrame>
  );
}

function useChange(run: () => Promise<WorkspaceExport>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (answer) => {
      client.setQueryData(keys.workspaceExport, answer);
      if (answer.job) trackJob(client, answer.job);
    },
  });
}

function Start({ failed }: { failed: Job | null }) {
  const t = useT();
  const [audit, setAudit] = useState(false);
  const start = useChange(() => startWorkspaceExport(audit));
  return (
    <div style={{ display: 'grid', gap: 16 }}>
      {failed && (
        <div role="alert" className={classes.strip} style={{ marginBottom: 0 }}>
          {t('workspaceExport.failed', { reason: failed.error ?? '' })}
        </div>
      )}
      <Checkbox label={t('workspaceExport.audit')} description={t('workspaceExport.auditHelp')} checked={audit} onChange={(event) => setAudit(event.currentTarget.checked)} />
      {start.error && <ErrorState compact error={start.error} />}
      <div>
        <Button loading={start.isPending} onClick={() => start.mutate()}>
          {t('workspaceExport.start')}
        </Button>
      </div>
    </div>
  );
}

function Running({ job }: { job: Job }) {
  const t = useT();
  const cancel = useChange(cancelWorkspaceExport);
  const total = job.total || 1;
  const percent = Math.min(99, Math.floor((job.done / total) * 100));
  return (
    <div className={classes.card} aria-live="polite">
      <div className={classes.cardRow}>
        <div className={classes.grow} style={{ display: 'grid', gap: 8 }}>
          <div>{t('workspaceExport.running')}</div>
          <Progress value={percent} size="sm" aria-label={t('workspaceExport.running')} />
          <div className="k-meta">{t('workspaceExport.progress', { done: formatNumber(job.done), total: formatNumber(job.total ?? 0) })}</div>
        </div>
        <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
          {t('workspaceExport.cancel')}
        </Button>
      </div>
      {cancel.error && <ErrorState compact error={cancel.error} />}
    </div>
  );
}

function Archive({ archive }: { archive: NonNullable<WorkspaceExport['archive']> }) {
  const t = useT();
  const facts = [formatBytes(archive.size), t('workspaceExport.records', { count: archive.records }), t('workspaceExport.files', { count: archive.files }), archive.audit ? t('workspaceExport.withAudit') : ''];
  return (
    <div className={classes.card}>
      <div className={classes.cardRow}>
        <IconFileZip size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none' }} />
        <div className={classes.grow}>
          <div>{formatDateTime(archive.finished_at)}</div>
          <div className="k-meta">{facts.filter(Boolean).join(' · ')}</div>
          {archive.files_missing > 0 && <div style={{ color: 'var(--k-amber)' }}>{t('workspaceExport.missing', { count: archive.files_missing })}</div>}
        </div>
        <Button component="a" href={archive.url} size="xs" variant="default" leftSection={<IconDownload size={16} stroke={1.75} />}>
          {t('workspaceExport.download')}
        </Button>
      </div>
      <div className={classes.cardRow}>
        <div className={classes.grow} style={{ overflowWrap: 'anywhere' }}>
          <div className="k-meta">{t('workspaceExport.checksum')}</div>
          <code style={{ fontSize: 12 }}>{archive.sha256}</code>
        </div>
      </div>
    </div>
  );
}
