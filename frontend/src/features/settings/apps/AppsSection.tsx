import { Button } from '@mantine/core';
import { IconApps, IconChevronRight, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { listApps, type App } from '@/api/apps';
import { keys } from '@/api/keys';
import { useT } from '@/i18n';
import { formatRelative } from '@/ui/formatting';
import { EmptyState, ErrorState, SkeletonRows } from '@/ui/states';
import { SectionFrame } from '../SectionFrame';
import classes from '../settings.module.css';
import { AppPage } from './AppPage';
import { NewApp } from './NewApp';

/** The apps of the workspace, or one of them. */
export default function AppsSection({ rest }: { rest: string | null }) {
  return rest ? <AppPage key={rest} id={rest} /> : <AppList />;
}

function AppList() {
  const t = useT();
  const [creating, setCreating] = useState(false);
  const { data, error, refetch } = useQuery({ queryKey: keys.apps, queryFn: ({ signal }) => listApps(signal) });
  const add = (
    <Button leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setCreating(true)}>
      {t('apps.new')}
    </Button>
  );
  return (
    <SectionFrame title={t('settings.apps')} documentTitle={t('settings.apps')} intro={t('apps.intro')} actions={data?.length ? add : undefined}>
      {error && !data && <ErrorState compact error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonRows rows={3} height={48} />}
      {data?.length === 0 && <EmptyState icon={<IconApps size={28} stroke={1.5} />} title={t('apps.none')} body={t('apps.noneHelp')} action={add} />}
      {data && data.length > 0 && (
        <ul className={`${classes.card} ${classes.plainList}`}>
          {data.map((app) => (
            <AppRow key={app.id} app={app} />
          ))}
        </ul>
      )}
      {creating && <NewApp onClose={() => setCreating(false)} />}
    </SectionFrame>
  );
}

function AppRow({ app }: { app: App }) {
  const t = useT();
  const used = app.users.map((use) => use.last_used_at ?? '').sort().at(-1);
  const facts = [t(app.may_write ? 'apps.writes' : 'apps.reads'), t('apps.users', { count: app.users.length }), app.users.length > 0 && (used ? t('security.used', { when: formatRelative(used) }) : t('security.neverUsed'))];
  return (
    <li className={classes.linkRow}>
      <IconApps size={18} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)', flex: 'none' }} />
      <a className={classes.rowLink} href={`/settings/apps/${app.id}`}>
        <span className="k-truncate">{app.publisher ? t('apps.by', { name: app.name, publisher: app.publisher }) : app.name}</span>
        <span className="k-meta">{facts.filter(Boolean).join(' · ')}</span>
      </a>
      <IconChevronRight size={16} stroke={1.75} aria-hidden style={{ color: 'var(--k-text-3)' }} />
    </li>
  );
}
