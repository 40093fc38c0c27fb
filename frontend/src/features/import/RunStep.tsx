import { keys } from '@/api';
import { importFailuresUrl, type ImportDocument, type ImportRowStatus, type ImportTarget } from '@/api/imports';
import { useT, type Key } from '@/i18n';
import type { Entity } from '@/metadata';
import { confirm, formatNumber, formatRelative } from '@/ui';
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconArrowBackUp, IconCircleCheck, IconDownload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Working } from './CheckStep';
import classes from './import.module.css';
import { RowsTable } from './RowsTable';
import type { Step } from './steps';
import { useImportAction } from './useImport';

const RESULTS: { status: string; label: Key; kind: string }[] = [
  { status: 'created', label: 'import.result.created', kind: 'good' }, { status: 'updated', label: 'import.result.updated', kind: 'info' },
  { status: 'duplicate', label: 'import.result.skipped', kind: 'warn' }, { status: 'failed', label: 'import.result.failed', kind: 'bad' },
];

export interface RunStepProps {
  document: ImportDocument;
  entity: Entity;
  targets: ImportTarget[];
  onStep: (step: Step | null) => void;
}

/** The run and its report: what was written, what failed and why, and the way back. */
export function RunStep({ document, entity, targets, onStep }: RunStepProps) {
  const t = useT();
  const client = useQueryClient();
  const action = useImportAction(document.id);
  const { state, stats } = document;
  // Lists opened before the import must not show their old rows.
  useEffect(() => {
    if (state === 'done' || state === 'undone') void client.invalidateQueries({ queryKey: keys.recordsOf(entity.plural) });
  }, [client, entity.plural, state]);

  if (state === 'running') return <Working document={document} title={t('import.running', { objects: entity.label_plural })} onCancel={() => void action.start('cancel')} />;
  if (state === 'undoing') return <Working document={document} title={t('import.undoing')} />;
  const failed = state === 'failed' || state === 'canceled';
  const undo = async () => {
    const yes = await confirm({ title: t('import.undoTitle'), body: t('import.undoBody', { created: formatNumber(stats.created ?? 0), updated: formatNumber(stats.updated ?? 0) }), confirmLabel: t('import.undo'), destructive: true });
    if (yes) await action.start('undo');
  };
  const title = state === 'undone' ? t('import.undone') : state === 'canceled' ? t('import.canceledTitle') : state === 'failed' ? t('import.failedTitle') : t('import.doneTitle');
  return (
    <div className={classes.wide}>
      <div className={classes.reportHead} data-kind={failed ? 'bad' : state === 'undone' ? 'info' : 'good'}>
        {failed ? <IconAlertTriangle size={20} stroke={1.75} aria-hidden /> : state === 'undone' ? <IconArrowBackUp size={20} stroke={1.75} aria-hidden /> : <IconCircleCheck size={20} stroke={1.75} aria-hidden />}
        <div>
          <h2>{title}</h2>
          <p className={classes.lead}>
            {failed ? (document.error?.message ?? document.job?.error ?? t('import.failedBody')) : state === 'undone' ? t('import.undoneBody') : t('import.doneBody', { when: formatRelative(document.job?.finished_at) })}
          </p>
        </div>
        <span className={classes.spacer} />
        {document.job?.can_undo && (
          <Button variant="default" leftSection={<IconArrowBackUp size={16} stroke={1.75} />} loading={action.running === 'undo'} onClick={() => void undo()}>
            {t('import.undo')}
          </Button>
        )}
        {failed && (
          <Button variant="default" onClick={() => onStep('check')}>
            {t('import.backToCheck')}
          </Button>
        )}
        {state === 'done' && (
          <a className={classes.primaryLink} href={importedListHref(entity, document)}>
            {t('import.openList', { objects: entity.label_plural })}
          </a>
        )}
      </div>
      <Results document={document} targets={targets} />
    </div>
  );
}

/** The list of what this import made. */
export function importedListHref(entity: Entity, document: ImportDocument): string {
  if (!document.stats.created) return `/${entity.plural}`;
  const filter = { attribute: 'import_id', operator: 'eq', value: document.id };
  return `/${entity.plural}?filter=${encodeURIComponent(JSON.stringify(filter))}`;
}

function Results({ document, targets }: { document: ImportDocument; targets: ImportTarget[] }) {
  const t = useT();
  const { stats } = document;
  const failures = stats.failed ?? 0;
  const skipped = stats.duplicate ?? 0;
  const [status, setStatus] = useState<string>(failures ? 'failed' : 'created');
  return (
    <>
      <div className={classes.counts} role="tablist">
        {RESULTS.map((result) => (
          <button key={result.status} type="button" role="tab" aria-selected={status === result.status} className={classes.count} data-kind={(stats[result.status] ?? 0) > 0 ? result.kind : undefined} onClick={() => setStatus(result.status)}>
            <span className={classes.countNumber}>{formatNumber(stats[result.status] ?? 0)}</span>
            {t(result.label)}
          </button>
        ))}
      </div>
      {(failures > 0 || skipped > 0) && (
        <p className={classes.downloads}>
          <IconDownload size={16} stroke={1.75} aria-hidden />
          {t('import.failuresFile')}
          <a className="k-link" href={importFailuresUrl(document.id, 'csv')} download>
            CSV
          </a>
          <a className="k-link" href={importFailuresUrl(document.id, 'xlsx')} download>
            Excel
          </a>
        </p>
      )}
      <RowsTable document={document} targets={targets} status={status as ImportRowStatus} />
    </>
  );
}
