import type { ImportDocument, ImportRowStatus, ImportTarget } from '@/api/imports';
import { useT, type Key } from '@/i18n';
import { findObject, useSession, type Entity } from '@/metadata';
import { formatNumber } from '@/ui';
import { Button, Loader } from '@mantine/core';
import { useState } from 'react';
import classes from './import.module.css';
import { RowsTable } from './RowsTable';
import type { Step } from './steps';
import { useImportAction } from './useImport';

const COUNTS: { status: ImportRowStatus; label: Key; kind: string }[] = [
  { status: 'new', label: 'import.count.new', kind: 'good' }, { status: 'update', label: 'import.count.update', kind: 'info' },
  { status: 'duplicate', label: 'import.count.duplicate', kind: 'warn' }, { status: 'error', label: 'import.count.error', kind: 'bad' },
];

export interface CheckStepProps {
  document: ImportDocument;
  entity: Entity;
  targets: ImportTarget[];
  onStep: (step: Step | null) => void;
}

/** What the import would do, without doing it: numbers, and the rows behind each number; errors are corrected in place. */
export function CheckStep({ document, entity, targets, onStep }: CheckStepProps) {
  const t = useT();
  const session = useSession();
  const action = useImportAction(document.id);
  const stats = document.stats;
  const errors = stats.error ?? 0;
  const [status, setStatus] = useState<ImportRowStatus | null>(null);
  const shown = status ?? (errors ? 'error' : (COUNTS.find((count) => (stats[count.status] ?? 0) > 0)?.status ?? 'new'));
  const writes = (stats.new ?? 0) + (stats.update ?? 0);

  if (document.state === 'checking') return <Working document={document} title={t('import.checking')} onCancel={() => void action.start('cancel')} />;
  if (document.state !== 'checked') {
    return (
      <div className={classes.working}>
        {document.state === 'failed' && <p className={classes.warning} data-blocking>{document.error?.message ?? document.job?.error ?? t('import.checkFailed')}</p>}
        <h2>{t('import.notChecked')}</h2>
        <p>{t('import.notCheckedHint')}</p>
        <Button loading={action.running === 'check'} onClick={() => void action.start('check')}>
          {t('import.checkNow', { count: formatNumber(document.row_count) })}
        </Button>
      </div>
    );
  }
  const creates = Object.entries((stats as unknown as { creates?: Record<string, number> }).creates ?? {}).filter(([, count]) => count > 0);
  const run = async () => {
    if (await action.start('run')) onStep(null);
  };
  return (
    <>
      <div className={classes.wide}>
        <div className={classes.counts} role="tablist">
          {COUNTS.map((count) => (
            <button key={count.status} type="button" role="tab" aria-selected={shown === count.status} className={classes.count} data-kind={(stats[count.status] ?? 0) > 0 ? count.kind : undefined} onClick={() => setStatus(count.status)}>
              <span className={classes.countNumber}>{formatNumber(stats[count.status] ?? 0)}</span>
              {t(count.label)}
            </button>
          ))}
        </div>
        {creates.map(([object, count]) => (
          <p key={object} className={classes.notice}>
            {t('import.alsoCreates', { count, objects: findObject(session, object)?.label_plural ?? object })}
          </p>
        ))}
        <RowsTable document={document} targets={targets} status={shown} editable />
      </div>
      <div className={classes.footer}>
        <Button variant="default" onClick={() => onStep('match')}>
          {t('ui.back')}
        </Button>
        <span className={classes.spacer} />
        <Button variant="default" loading={action.running === 'check'} onClick={() => void action.start('check')}>
          {t('import.checkAgain')}
        </Button>
        <Button disabled={!writes} loading={action.running === 'run'} onClick={() => void run()}>
          {errors ? t('import.runWithout', { count: writes, errors: formatNumber(errors) }) : t('import.runNow', { count: writes, objects: entity.label_plural })}
        </Button>
      </div>
    </>
  );
}

/** Progress of a job of the import; the page may be left. */
export function Working({ document, title, onCancel }: { document: ImportDocument; title: string; onCancel?: () => void }) {
  const t = useT();
  const done = document.job?.done ?? 0;
  const total = document.job?.total || document.row_count;
  const share = total ? Math.min(1, done / total) : 0;
  return (
    <div className={classes.working} role="status">
      <Loader size={20} />
      <h2>{title}</h2>
      <div className={classes.bar} role="progressbar" aria-valuenow={Math.round(share * 100)} aria-valuemin={0} aria-valuemax={100} aria-label={title}>
        <div style={{ width: `${Math.max(2, share * 100)}%` }} />
      </div>
      <p className="k-num">{t('import.progress', { done: formatNumber(done), total: formatNumber(total) })}</p>
      <p>{t('import.mayLeave')}</p>
      {onCancel && (
        <Button variant="default" onClick={onCancel}>
          {t('ui.cancel')}
        </Button>
      )}
    </div>
  );
}
