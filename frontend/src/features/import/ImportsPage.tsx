import { errorMessage, keys } from '@/api';
import { listImports, uploadImport, type ImportDocument } from '@/api/imports';
import { useT, type Key } from '@/i18n';
import { findObject, useObjects, useSession } from '@/metadata';
import { Chip, EmptyState, ErrorState, formatBytes, formatDateTime, formatNumber, formatRelative, NoPermission, ObjectIcon, PageFrame, SkeletonRows } from '@/ui';
import { FileDrop } from '@/ui/FileDrop';
import { Button, Loader } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import classes from './import.module.css';
import { isBusy, type Step } from './steps';
import { ACCEPTED, MAX_MEGABYTES, refusalOf, type Refusal } from './uploads';
import { storeImport } from './useImport';

const REFUSALS: Record<Refusal, Key> = {
  empty: 'import.refused.empty', too_large: 'import.refused.tooLarge', old_excel: 'import.refused.oldExcel', numbers_app: 'import.refused.numbersApp', wrong_kind: 'import.refused.wrongKind',
};

export interface ImportsPageProps {
  /** The object whose list the import was opened from. */
  object: string | null;
  onOpen: (id: string, step?: Step) => void;
}

/** Bring data in: choose a file, or go on with an earlier import. */
export function ImportsPage({ object, onOpen }: ImportsPageProps) {
  const t = useT();
  const session = useSession();
  const importable = useObjects().some((entry) => entry.privileges.import);
  if (!importable) {
    return (
      <PageFrame title={t('import.title')}>
        <NoPermission right={t('import.title')} workspace={session.workspace.name} />
      </PageFrame>
    );
  }
  return (
    <PageFrame title={t('import.title')}>
      <div className={classes.page}>
        <UploadBox object={object ? (findObject(session, object)?.name ?? null) : null} onUploaded={(id) => onOpen(id, 'object')} />
        <PastImports onOpen={onOpen} />
      </div>
    </PageFrame>
  );
}

function UploadBox({ object, onUploaded }: { object: string | null; onUploaded: (id: string) => void }) {
  const t = useT();
  const client = useQueryClient();
  const label = useObjects().find((entry) => entry.name === object)?.label_plural;
  const [sending, setSending] = useState<{ file: File; share: number; stop: AbortController } | null>(null);
  const [problem, setProblem] = useState<{ file: string; text: string } | null>(null);

  const send = async (file: File) => {
    if (sending) return;
    const refusal = refusalOf(file);
    if (refusal) return setProblem({ file: file.name, text: t(REFUSALS[refusal], { size: `${MAX_MEGABYTES} MB` }) });
    setProblem(null);
    const stop = new AbortController();
    setSending({ file, share: 0, stop });
    try {
      const document = await uploadImport(file, object, (share) => setSending({ file, share, stop }), stop.signal);
      storeImport(client, document);
      onUploaded(document.id);
    } catch (error) {
      if (!stop.signal.aborted) setProblem({ file: file.name, text: errorMessage(error) });
    } finally {
      setSending(null);
    }
  };

  return (
    <FileDrop
      accept={ACCEPTED}
      testId="import-file"
      label={t('import.upload')}
      onFile={(file) => void send(file)}
      choose={sending ? undefined : t('import.choose')}
      above={
        !sending && (
          <>
            <h2>{label ? t('import.dropObject', { objects: label }) : t('import.drop')}</h2>
            <p className={classes.dropHint}>{t('import.dropHint', { size: `${MAX_MEGABYTES} MB` })}</p>
          </>
        )
      }
    >
      {sending && (
        <div className={classes.sending} role="status">
          <div className={classes.sendingName}>{t(sending.share < 1 ? 'import.uploading' : 'import.reading', { name: sending.file.name })}</div>
          <div className={classes.bar} role="progressbar" aria-valuenow={Math.round(sending.share * 100)} aria-label={t('import.upload')}>
            <div style={{ width: `${Math.max(2, sending.share * 100)}%` }} />
          </div>
          <div className="k-meta">{formatBytes(sending.file.size)}</div>
          <Button variant="default" onClick={() => sending.stop.abort()}>
            {t('ui.cancel')}
          </Button>
        </div>
      )}
      {problem && (
        <div role="alert" className={classes.problem}>
          <strong>{problem.file}</strong> {problem.text}
        </div>
      )}
    </FileDrop>
  );
}

const STATE_KEYS: Record<ImportDocument['state'], Key> = {
  reading: 'import.state.reading', uploaded: 'import.state.uploaded', mapped: 'import.state.mapped', checking: 'import.state.checking', checked: 'import.state.checked',
  running: 'import.state.running', done: 'import.state.done', failed: 'import.state.failed', undoing: 'import.state.undoing', undone: 'import.state.undone', canceled: 'import.state.canceled',
};
const STATE_COLORS: Partial<Record<ImportDocument['state'], string>> = { done: 'green', failed: 'red', undone: 'gray', running: 'blue', checking: 'blue', undoing: 'blue', reading: 'blue' };

function PastImports({ onOpen }: { onOpen: (id: string) => void }) {
  const t = useT();
  const session = useSession();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: keys.imports,
    queryFn: ({ signal }) => listImports(signal),
    refetchInterval: ({ state }) => (state.data?.rows.some(isBusy) ? 2000 : false),
  });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <SkeletonRows rows={4} />;
  if (!data.rows.length) return <EmptyState compact icon={<IconFileImport size={20} stroke={1.75} />} title={t('import.none')} body={t('import.noneBody')} />;
  return (
    <section className={classes.past}>
      <h2>{t('import.past')}</h2>
      <div className={classes.scroll}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th>{t('import.file')}</th>
              <th>{t('import.object')}</th>
              <th className={classes.right}>{t('import.rows')}</th>
              <th>{t('import.stateTitle')}</th>
              <th>{t('import.when')}</th>
            </tr>
          </thead>
          <tbody>
            {data.rows.map((row) => {
              const object = row.object ? findObject(session, row.object) : undefined;
              return (
                <tr key={row.id} className={classes.clickable} onClick={() => onOpen(row.id)}>
                  <td>
                    <a className={classes.fileName} href={`/import/${row.id}`} onClick={(event) => event.stopPropagation()}>
                      {row.file_name}
                    </a>
                  </td>
                  <td>
                    {object && (
                      <span className={classes.objectCell}>
                        <ObjectIcon name={object.icon} color={object.color} /> {object.label_plural}
                      </span>
                    )}
                  </td>
                  <td className={`${classes.right} k-num`}>{formatNumber(row.row_count)}</td>
                  <td>
                    <span className={classes.objectCell}>
                      {isBusy(row) && <Loader size={12} aria-hidden />}
                      <Chip dot label={t(STATE_KEYS[row.state])} color={STATE_COLORS[row.state] ?? 'amber'} />
                    </span>
                  </td>
                  <td className="k-meta" title={row.created_at ? formatDateTime(row.created_at) : undefined}>
                    {formatRelative(row.created_at ?? row.job?.created_at)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
