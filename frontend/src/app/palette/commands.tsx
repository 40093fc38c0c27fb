import { IconCalendarEvent, IconHelp, IconInbox, IconLayoutDashboard, IconLogout, IconMoon, IconSettings, IconSun, IconTrash, IconUpload } from '@tabler/icons-react';
import { useComputedColorScheme } from '@mantine/core';
import type { ReactNode } from 'react';

import { useT } from '@/i18n';
import { useObjects, useTheme } from '@/metadata';
import { Icon } from '@/ui/icons';
import { hasFeaturePage } from '../featurePages';
import { isNavigable } from '../shell/groups';
import { leave } from '../shell/WorkspaceMenu';

export interface Command {
  id: string;
  label: string;
  icon: ReactNode;
  kind: 'create' | 'go' | 'do';
  run: () => void;
}

export interface CommandContext {
  go: (path: string) => void;
  create: (object: string) => void;
  help: () => void;
}

/** Everything the palette can do besides finding records. */
export function useCommands({ go, create, help }: CommandContext): Command[] {
  const t = useT();
  const objects = useObjects();
  const [, setTheme] = useTheme();
  const scheme = useComputedColorScheme();
  const navigable = objects.filter(isNavigable);
  const other = scheme === 'dark' ? 'light' : 'dark';
  const page = (id: string, label: string, icon: ReactNode, path: string): Command => ({ id, label: t('shell.goTo', { name: label }), icon, kind: 'go', run: () => go(path) });
  return [
    ...navigable
      .filter((object) => object.privileges.create && object.features.includes('quick_create'))
      .map((object): Command => ({ id: `create-${object.name}`, label: t('shell.createObject', { object: object.label }), icon: <Icon name={object.icon} />, kind: 'create', run: () => create(object.name) })),
    page('home', t('shell.myWork'), <IconInbox size={16} stroke={1.75} />, '/'),
    ...navigable.map((object) => page(`go-${object.name}`, object.label_plural, <Icon name={object.icon} />, `/${object.plural}`)),
    page('calendar', t('shell.calendar'), <IconCalendarEvent size={16} stroke={1.75} />, '/calendar'),
    ...(hasFeaturePage('dashboards') ? [page('dashboards', t('shell.dashboards'), <IconLayoutDashboard size={16} stroke={1.75} />, '/dashboards')] : []),
    page('settings', t('shell.settings'), <IconSettings size={16} stroke={1.75} />, '/settings'),
    page('recycle-bin', t('shell.recycleBin'), <IconTrash size={16} stroke={1.75} />, '/recycle-bin'),
    ...(hasFeaturePage('import') ? [{ id: 'import', label: t('shell.import'), icon: <IconUpload size={16} stroke={1.75} />, kind: 'do' as const, run: () => go('/import') }] : []),
    {
      id: 'theme',
      label: t('shell.theme.switchTo', { theme: t(`shell.theme.${other}`) }),
      icon: other === 'dark' ? <IconMoon size={16} stroke={1.75} /> : <IconSun size={16} stroke={1.75} />,
      kind: 'do',
      run: () => setTheme(other),
    },
    { id: 'shortcuts', label: t('shortcuts.title'), icon: <IconHelp size={16} stroke={1.75} />, kind: 'do', run: help },
    { id: 'sign-out', label: t('shell.signOut'), icon: <IconLogout size={16} stroke={1.75} />, kind: 'do', run: () => void leave() },
  ];
}
