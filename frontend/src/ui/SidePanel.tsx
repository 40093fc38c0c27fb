import { ActionIcon, Tooltip } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useEffect, useRef, type ReactNode } from 'react';

import { useT } from '@/i18n';
import { useShortcut } from './shortcuts';
import classes from './SidePanel.module.css';

export interface SidePanelProps {
  title: ReactNode;
  label: string;
  /** Left of the close button: open in full, previous, next. */
  actions?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/** A record or form beside the page, 480 px; covers the page on a phone. Escape closes it. */
export function SidePanel({ title, label, actions, onClose, children }: SidePanelProps) {
  const t = useT();
  const box = useRef<HTMLElement>(null);
  useShortcut('escape', onClose);
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      // Back to the row the panel was opened from.
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside ref={box} className={classes.panel} aria-label={label}>
      <header className={classes.header}>
        <div className={classes.title}>{title}</div>
        {actions}
        <Tooltip label={t('ui.close')}>
          <ActionIcon variant="subtle" color="gray" size={28} aria-label={t('ui.close')} onClick={onClose}>
            <IconX size={18} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
      </header>
      <div className={classes.body}>{children}</div>
    </aside>
  );
}
