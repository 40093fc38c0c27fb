import { Menu } from '@mantine/core';
import { IconArrowBackUp, IconChevronDown, IconCopyCheck, IconDeviceDesktop, IconListCheck, IconLogout, IconMoon, IconSun, IconTrash, IconUser } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';

import { signOut } from '@/api/workspace';
import { errorMessage } from '@/api/errors';
import { useT, type Key } from '@/i18n';
import { useSession, useTheme } from '@/metadata';
import { Avatar } from '@/ui/Avatar';
import { toast } from '@/ui/toast';
import classes from './WorkspaceMenu.module.css';

const THEMES = [
  ['light', IconSun],
  ['dark', IconMoon],
  ['auto', IconDeviceDesktop],
] as const;

/** End the session and show the log-in page. */
export async function leave(): Promise<void> {
  try {
    await signOut();
    location.assign('/login/');
  } catch (error) {
    toast({ message: errorMessage(error), kind: 'error' });
  }
}

/** The workspace's name; its menu holds what concerns the user. */
export function WorkspaceMenu({ collapsed }: { collapsed: boolean }) {
  const t = useT();
  const navigate = useNavigate();
  const { workspace, user } = useSession();
  const [theme, setTheme] = useTheme();
  return (
    <Menu position="bottom-start" width={240}>
      <Menu.Target>
        <button type="button" className={classes.button} aria-label={`${workspace.name}, ${t('shell.menu')}`}>
          <Avatar name={workspace.name} size={28} square />
          {!collapsed && (
            <>
              <span className={classes.name}>{workspace.name}</span>
              <IconChevronDown size={16} stroke={1.75} aria-hidden />
            </>
          )}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.person}>
          <Avatar name={user.name} size={28} />
          <div style={{ minWidth: 0 }}>
            <div className="k-truncate">{user.name}</div>
            <div className="k-meta k-truncate">{user.email}</div>
          </div>
        </div>
        <Menu.Divider />
        <Menu.Item leftSection={<IconUser size={16} stroke={1.75} />} onClick={() => void navigate({ to: '/settings/profile' })}>
          {t('shell.profile')}
        </Menu.Item>
        <Menu.Item leftSection={<IconListCheck size={16} stroke={1.75} />} onClick={() => void navigate({ to: '/onboarding' })}>
          {t('shell.firstSteps')}
        </Menu.Item>
        <Menu.Item leftSection={<IconTrash size={16} stroke={1.75} />} onClick={() => void navigate({ to: '/recycle-bin' })}>
          {t('shell.recycleBin')}
        </Menu.Item>
        <Menu.Item leftSection={<IconArrowBackUp size={16} stroke={1.75} />} onClick={() => void navigate({ to: '/undo' })}>
          {t('shell.undo')}
        </Menu.Item>
        <Menu.Item leftSection={<IconCopyCheck size={16} stroke={1.75} />} onClick={() => void navigate({ to: '/duplicates' })}>
          {t('shell.duplicates')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('shell.theme')}</Menu.Label>
        <Menu.RadioGroup value={theme} onChange={(name) => setTheme(name as (typeof THEMES)[number][0])}>
          {THEMES.map(([name, Sign]) => (
            <Menu.RadioItem key={name} value={name}>
              <span className={classes.theme}>
                <Sign size={16} stroke={1.75} aria-hidden />
                {t(`shell.theme.${name}` as Key)}
              </span>
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.75} />} onClick={() => void leave()}>
          {t('shell.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
