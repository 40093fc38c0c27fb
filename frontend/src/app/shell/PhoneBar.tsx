import { Drawer } from '@mantine/core';
import { IconDots, IconInbox, IconPlus, IconSearch, IconSettings, IconUsers } from '@tabler/icons-react';
import { useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { useT } from '@/i18n';
import { useObjects, useSession } from '@/metadata';
import { JobTray } from '../jobs/JobTray';
import { isNavigable } from './groups';
import { NavigationLists, useIsActive } from './Navigation';
import nav from './Navigation.module.css';
import classes from './PhoneBar.module.css';
import { WorkspaceMenu } from './WorkspaceMenu';

/** The bottom bar of a phone: own work, contacts, create, search, everything else in a drawer. */
export function PhoneBar({ onSearch, onCreate }: { onSearch: () => void; onCreate: () => void }) {
  const t = useT();
  const { workspace } = useSession();
  const objects = useObjects();
  const active = useIsActive();
  const [opened, setOpened] = useState(false);
  const path = useRouterState({ select: (state) => state.location.href });
  useEffect(() => setOpened(false), [path]);
  const people = objects.find((object) => object.name === 'contact') ?? objects.find(isNavigable);
  return (
    <>
      <nav className={`${classes.bar} k-no-print`} aria-label={t('shell.nav')}>
        <a href="/" aria-current={active('/') ? 'page' : undefined}>
          <IconInbox size={20} stroke={1.75} aria-hidden />
          {t('shell.myWork')}
        </a>
        {people && (
          <a href={`/${people.plural}`} aria-current={active(`/${people.plural}`) ? 'page' : undefined}>
            <IconUsers size={20} stroke={1.75} aria-hidden />
            <span className="k-truncate">{people.label_plural}</span>
          </a>
        )}
        <button type="button" onClick={onCreate}>
          <IconPlus size={20} stroke={1.75} aria-hidden />
          {t('shell.create')}
        </button>
        <button type="button" onClick={onSearch}>
          <IconSearch size={20} stroke={1.75} aria-hidden />
          {t('shell.search')}
        </button>
        <button type="button" aria-expanded={opened} onClick={() => setOpened(true)}>
          <IconDots size={20} stroke={1.75} aria-hidden />
          {t('phone.more')}
        </button>
      </nav>
      <Drawer opened={opened} onClose={() => setOpened(false)} position="left" size={300} title={workspace.name} closeButtonProps={{ 'aria-label': t('ui.close') }}>
        <WorkspaceMenu collapsed={false} />
        <div style={{ height: 12 }} />
        <NavigationLists collapsed={false} active={active} />
        <a className={nav.item} href="/settings" aria-current={active('/settings') ? 'page' : undefined}>
          <IconSettings size={16} stroke={1.75} aria-hidden />
          {t('shell.settings')}
        </a>
        <JobTray />
      </Drawer>
    </>
  );
}
