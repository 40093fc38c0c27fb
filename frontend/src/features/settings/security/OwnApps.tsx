import { Button } from '@mantine/core';
import { IconApps } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { listOwnApps, revokeOwnApp, type OwnApp } from '@/api/apps';
import { keys } from '@/api/keys';
import { useT } from '@/i18n';
import { confirm } from '@/ui/confirm';
import { formatDate, formatRelative } from '@/ui/formatting';
import { ErrorState, SkeletonRows } from '@/ui/states';
import { toast } from '@/ui/toast';
import { Group } from '../SectionFrame';
import classes from '../settings.module.css';

/** Apps this person let in: what each may do, when it was used, and the way to take it back. */
export function OwnApps() {
  const t = useT();
  const { data, error, refetch } = useQuery({ queryKey: keys.ownApps, queryFn: ({ signal }) => listOwnApps(signal) });
  return (
    <Group title={t('ownApps.title')} help={t('ownApps.help')}>
      {error && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={1} height={48} />}
      {data && data.length === 0 && <p className="k-meta">{t('ownApps.none')}</p>}
      {data && data.length > 0 && (
        <div className={classes.card}>
          {data.map((app) => (
            <AppRow key={app.id} app={app} />
          ))}
        </div>
      )}
    </Group>
  );
}

function AppRow({ app }: { app: OwnApp }) {
  const t = useT();
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeOwnApp(app.id),
    onSuccess: async () => {
      toast({ kind: 'success', message: t('ownApps.revoked', { name: app.name }) });
      await client.invalidateQueries({ queryKey: keys.ownApps });
    },
  });
  const ask = async () => {
    if (await confirm({ title: t('ownApps.revokeTitle', { name: app.name }), body: t('ownApps.revokeBody'), confirmLabel: t('ownApps.revoke'), destructive: true })) revoke.mutate();
  };
  const facts = [t(app.may_write ? 'apps.writes' : 'apps.reads'), t('apps.since', { date: formatDate(app.since) }), app.last_used_at ? t('security.used', { when: formatRelative(app.last_used_at) }) : t('security.neverUsed')];
  return (
    <div className={classes.cardRow}>
      <IconApps size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none' }} />
      <div className={classes.grow}>
        <div className="k-truncate">{app.publisher ? t('apps.by', { name: app.name, publisher: app.publisher }) : app.name}</div>
        <div className="k-meta">{facts.join(' · ')}</div>
      </div>
      <Button size="xs" variant="default" loading={revoke.isPending} aria-label={`${t('ownApps.revoke')}: ${app.name}`} onClick={() => void ask()}>
        {t('ownApps.revoke')}
      </Button>
    </div>
  );
}
