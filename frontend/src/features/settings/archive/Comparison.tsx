import { Button } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';

import type { WorkspaceImportJob } from '@/api/workspaceImport';
import { useT } from '@/i18n';
import { Chip } from '@/ui/Chip';
import { formatDateTime, formatNumber } from '@/ui/formatting';
import settings from '../settings.module.css';
import classes from './archive.module.css';
import { usePartName } from './parts';

/** The result: every table beside the archive's, with its checksum. */
export function Comparison({ job }: { job: WorkspaceImportJob }) {
  const t = useT();
  const { result } = job;
  const compared = result.compared ?? [];
  const name = usePartName(result.labels);
  const rows = [...compared].sort((a, b) => b.rows - a.rows);
  return (
    <>
      <div className={settings.card} role="status">
        <div className={settings.cardRow}>
          <IconCircleCheck size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-green)', flex: 'none' }} />
          <div className={settings.grow}>
            <strong>{t('archive.done')}</strong>
            <div className="k-meta">{t('archive.doneHelp', { tables: compared.length, rows: compared.reduce((sum, row) => sum + row.here, 0), files: result.files ?? 0 })}</div>
            {result.made_at && <div className="k-meta">{t('archive.from', { date: formatDateTime(result.made_at), person: result.made_by ?? '', workspace: result.workspace ?? '' })}</div>}
          </div>
        </div>
        <div className={settings.cardRow}>
          <div className={settings.grow}>
            <div className="k-meta">{t('archive.peopleHelp')}</div>
          </div>
          {/* loads anew: name, objects and rights of the workspace are others now */}
          <Button component="a" href="/settings/users" variant="default">
            {t('archive.invite')}
          </Button>
          <Button component="a" href="/">
            {t('archive.open')}
          </Button>
        </div>
      </div>
      <h3 className={classes.heading}>{t('archive.comparison')}</h3>
      <table className={classes.table}>
        <thead>
          <tr>
            <th>{t('archive.table')}</th>
            <th className={classes.number}>{t('archive.inArchive')}</th>
            <th className={classes.number}>{t('archive.here')}</th>
            <th>{t('archive.checksum')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.entry}>
              <td>{name(row.object)}</td>
              <td className={classes.number}>{formatNumber(row.rows)}</td>
              <td className={classes.number}>{formatNumber(row.here)}</td>
              <td>
                <Chip label={t(row.equal ? 'archive.equal' : 'archive.unequal')} color={row.equal ? 'green' : 'red'} title={`SHA-256 ${row.sha256}`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
