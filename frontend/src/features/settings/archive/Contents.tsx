import { Button } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';

import type { ArchiveFacts } from '@/api/workspaceImport';
import { useT } from '@/i18n';
import { confirm } from '@/ui/confirm';
import { formatBytes, formatDateTime, formatNumber } from '@/ui/formatting';
import settings from '../settings.module.css';
import classes from './archive.module.css';
import { usePartName } from './parts';

interface Act {
  mutate: () => void;
  isPending: boolean;
}

/** What is in an archive that was looked through, and the import as one decision. */
export function Contents({ facts, start, discard }: { facts: ArchiveFacts; start: Act; discard: Act }) {
  const t = useT();
  const name = usePartName(facts.labels);
  const rows = Object.keys({ ...facts.records, ...facts.recycle_bin })
    .map((object) => ({ object, name: name(object), live: facts.records[object] ?? 0, deleted: facts.recycle_bin[object] ?? 0 }))
    .filter((row) => row.live || row.deleted)
    .sort((a, b) => b.live - a.live || a.name.localeCompare(b.name));
  const more = [t('archive.people', { count: facts.people }), t('archive.files', { count: facts.files, size: formatBytes(facts.file_bytes) }), t(facts.audit ? 'archive.withAudit' : 'archive.withoutAudit')];
  const run = async () => {
    if (await confirm({ title: t('archive.confirm', { workspace: facts.workspace }), body: t('archive.confirmBody'), confirmLabel: t('archive.import') })) start.mutate();
  };
  return (
    <>
      <div className={settings.card}>
        <div className={settings.cardRow}>
          <IconCircleCheck size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-green)', flex: 'none' }} />
          <div className={settings.grow}>
            <strong>{t('archive.ready')}</strong>
            <div className="k-meta">{t('archive.from', { date: formatDateTime(facts.made_at), person: facts.made_by, workspace: facts.workspace })}</div>
          </div>
        </div>
        <div className={settings.cardRow}>
          <div className={settings.grow}>
            <div>{more.join(' · ')}</div>
            {facts.files_missing > 0 && <div style={{ color: 'var(--k-amber)' }}>{t('archive.missing', { count: facts.files_missing })}</div>}
            <div className="k-meta">{t('archive.peopleHelp')}</div>
            <div className="k-meta">{t(facts.known ? 'archive.known' : 'archive.unknown')}</div>
          </div>
        </div>
      </div>
      <h3 className={classes.heading}>{t('archive.contents')}</h3>
      <table className={classes.table}>
        <thead>
          <tr>
            <th>{t('archive.object')}</th>
            <th className={classes.number}>{t('archive.count')}</th>
            <th className={classes.number}>{t('archive.deleted')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.object}>
              <td>{row.name}</td>
              <td className={classes.number}>{formatNumber(row.live)}</td>
              <td className={classes.number}>{row.deleted ? formatNumber(row.deleted) : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className={settings.saveBar}>
        <Button variant="default" loading={discard.isPending} onClick={() => discard.mutate()}>
          {t('archive.remove')}
        </Button>
        <Button loading={start.isPending} onClick={() => void run()}>
          {t('archive.import')}
        </Button>
      </div>
    </>
  );
}
