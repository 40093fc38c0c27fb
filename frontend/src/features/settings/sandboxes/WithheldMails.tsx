import { Button } from '@mantine/core';
import { IconMailOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { keys } from '@/api/keys';
import { readWithheldMails, type WithheldMail } from '@/api/sandboxes';
import { useT } from '@/i18n';
import { formatDateTime } from '@/ui/formatting';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { Group } from '../SectionFrame';
import settings from '../settings.module.css';

/** What this sandbox would have sent to people outside of it: to see what a workflow writes, and to whom (PLT-13). */
export function WithheldMails() {
  const t = useT();
  const { data, error, refetch, isFetching } = useQuery({ queryKey: keys.withheldMails, queryFn: ({ signal }) => readWithheldMails(signal), staleTime: 0 });
  return (
    <Group title={t('sandboxes.mails')} help={t('sandboxes.mailsHelp', { days: data?.kept_days ?? 7 })} id="withheld-mails">
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={3} height={36} />}
      {data && (
        <>
          <div>
            <Button size="xs" variant="default" loading={isFetching} onClick={() => void refetch()}>
              {t('sandboxes.mailsReload')}
            </Button>
          </div>
          {data.rows.length === 0 ? (
            <p className="k-meta">{t('sandboxes.mailsNone')}</p>
          ) : (
            <div className={settings.card} style={{ marginTop: 12 }}>
              {data.rows.map((row) => (
                <Mail key={row.id} row={row} />
              ))}
            </div>
          )}
        </>
      )}
    </Group>
  );
}

function Mail({ row }: { row: WithheldMail }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <div className={settings.cardRow} style={{ alignItems: 'start' }}>
      <IconMailOff size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none', marginTop: 2 }} />
      <div className={settings.grow}>
        <div style={{ overflowWrap: 'anywhere' }}>{row.subject}</div>
        <div className="k-meta" style={{ overflowWrap: 'anywhere' }}>
          {t('sandboxes.mailTo', { to: row.to })} · {formatDateTime(row.created_at)}
        </div>
        {open && <p style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', margin: '8px 0 0' }}>{row.text}</p>}
      </div>
      <Button size="xs" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t(open ? 'sandboxes.mailHide' : 'sandboxes.mailShow')}
      </Button>
    </div>
  );
}
