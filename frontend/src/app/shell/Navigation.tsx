import { ActionIcon, Tooltip } from '@mantine/core';
import { useRouterState } from '@tanstack/react-router';
import {
  IconCalendarEvent, IconChevronDown, IconChevronRight, IconHelp, IconInbox, IconLayoutDashboard, IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand,
  IconSearch, IconSettings, IconStar,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';

import { useT } from '@/i18n';
import { useFavourites, useObjects, usePreference } from '@/metadata';
import { Icon } from '@/ui/icons';
import { Keys } from '@/ui/Keys';
import { hasFeaturePage } from '../featurePages';
import { JobTray } from '../jobs/JobTray';
import { objectGroups } from './groups';
import classes from './Navigation.module.css';
import { WorkspaceMenu } from './WorkspaceMenu';

interface ItemProps {
  to: string;
  label: string;
  icon: ReactNode;
  collapsed: boolean;
  active: boolean;
}

function Item({ to, label, icon, collapsed, active }: ItemProps) {
  const link = (
    <a className={classes.item} href={to} aria-current={active ? 'page' : undefined} aria-label={collapsed ? label : undefined}>
      {icon}
      {!collapsed && <span className="k-truncate">{label}</span>}
    </a>
  );
  return collapsed ? (
    <Tooltip label={label} position="right" openDelay={150}>
      {link}
    </Tooltip>
  ) : (
    link
  );
}

/** Whether an item's address is where the user is: same path, and same search when it names one. */
function useIsActive() {
  const { pathname, href } = useRouterState({ select: (state) => ({ pathname: state.location.pathname, href: state.location.href }) });
  return (to: string) => (to === '/' ? pathname === '/' : to.includes('?') ? href === to : pathname === to || pathname.startsWith(`${to}/`));
}

export interface NavigationProps {
  collapsed: boolean;
  onCollapse: (collapsed: boolean) => void;
  onSearch: () => void;
  onHelp: () => void;
}

/** The left bar: workspace, search, own work, favourites, objects by group, settings. */
export function Navigation({ collapsed, onCollapse, onSearch, onHelp }: NavigationProps) {
  const t = useT();
  const active = useIsActive();
  return (
    <nav className={`${classes.nav} k-no-print`} data-collapsed={collapsed || undefined} aria-label={t('shell.nav')}>
      <div className={classes.head}>
        <WorkspaceMenu collapsed={collapsed} />
      </div>
      <button type="button" className={classes.search} onClick={onSearch} aria-label={t('shell.search')}>
        <IconSearch size={16} stroke={1.75} aria-hidden />
        {!collapsed && (
          <>
            <span className={classes.grow}>{t('shell.search')}</span>
            <Keys keys="mod+k" />
          </>
        )}
      </button>
      <div className={classes.scroll}>
        <NavigationLists collapsed={collapsed} active={active} />
      </div>
      <div className={classes.foot}>
        <Item to="/settings" label={t('shell.settings')} icon={<IconSettings size={16} stroke={1.75} aria-hidden />} collapsed={collapsed} active={active('/settings')} />
        <div className={classes.tools}>
          <JobTray />
          <Tooltip label={t('shortcuts.title')} position="right">
            <ActionIcon variant="subtle" color="gray" size={28} aria-label={t('shortcuts.title')} onClick={onHelp}>
              <IconHelp size={18} stroke={1.75} />
            </ActionIcon>
          </Tooltip>
          {!collapsed && <div className={classes.grow} />}
          <Tooltip label={collapsed ? t('shell.expand') : t('shell.collapse')} position="right">
            <ActionIcon variant="subtle" color="gray" size={28} aria-label={collapsed ? t('shell.expand') : t('shell.collapse')} aria-expanded={!collapsed} onClick={() => onCollapse(!collapsed)}>
              {collapsed ? <IconLayoutSidebarLeftExpand size={18} stroke={1.75} /> : <IconLayoutSidebarLeftCollapse size={18} stroke={1.75} />}
            </ActionIcon>
          </Tooltip>
        </div>
      </div>
    </nav>
  );
}

/** The lists of the navigation; the phone's drawer shows them too. */
export function NavigationLists({ collapsed, active }: { collapsed: boolean; active: (to: string) => boolean }) {
  const t = useT();
  const objects = useObjects();
  const { favourites } = useFavourites();
  const [closed, setClosed] = usePreference<string[]>('nav_closed_groups', []);
  const [hidden] = usePreference<string[]>('nav_hidden_objects', []);
  const groups = objectGroups(objects, hidden);
  const toggle = (name: string) => setClosed(closed.includes(name) ? closed.filter((entry) => entry !== name) : [...closed, name]);
  const hasCalendar = objects.some((object) => object.features.includes('calendar') || ['appointment', 'task', 'phone_call'].includes(object.name));
  const favouriteIcon = (object: string | null) => <Icon name={objects.find((entry) => entry.name === object)?.icon ?? 'star'} />;

  return (
    <>
      <div className={classes.group}>
        <Item to="/" label={t('shell.myWork')} icon={<IconInbox size={16} stroke={1.75} aria-hidden />} collapsed={collapsed} active={active('/')} />
        {hasCalendar && <Item to="/calendar" label={t('shell.calendar')} icon={<IconCalendarEvent size={16} stroke={1.75} aria-hidden />} collapsed={collapsed} active={active('/calendar')} />}
        {hasFeaturePage('dashboards') && <Item to="/dashboards" label={t('shell.dashboards')} icon={<IconLayoutDashboard size={16} stroke={1.75} aria-hidden />} collapsed={collapsed} active={active('/dashboards')} />}
      </div>
      {favourites.length > 0 && (
        <div className={classes.group}>
          {!collapsed && (
            <h2 className={classes.label}>
              <IconStar size={16} stroke={1.75} aria-hidden /> {t('shell.favourites')}
            </h2>
          )}
          {favourites.map((entry) => (
            <Item key={entry.path} to={entry.path} label={entry.label} icon={favouriteIcon(entry.object)} collapsed={collapsed} active={active(entry.path)} />
          ))}
        </div>
      )}
      {groups.map((group) => {
        const isClosed = closed.includes(group.name) && !collapsed;
        return (
          <div key={group.name} className={classes.group}>
            {!collapsed && (
              <button type="button" className={classes.label} aria-expanded={!isClosed} onClick={() => toggle(group.name)}>
                {group.label}
                {isClosed ? <IconChevronRight size={16} stroke={1.75} aria-hidden /> : <IconChevronDown size={16} stroke={1.75} aria-hidden className={classes.chevron} />}
              </button>
            )}
            {!isClosed &&
              group.objects.map((object) => (
                <Item key={object.name} to={`/${object.plural}`} label={object.label_plural} icon={<Icon name={object.icon} />} collapsed={collapsed} active={active(`/${object.plural}`)} />
              ))}
          </div>
        );
      })}
    </>
  );
}

export { useIsActive };
