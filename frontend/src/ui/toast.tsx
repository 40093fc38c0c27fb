import { ActionIcon, Button } from '@mantine/core';
import { IconAlertCircle, IconCircleCheck, IconInfoCircle, IconX } from '@tabler/icons-react';
import { useEffect, useSyncExternalStore } from 'react';

import { useT } from '@/i18n';
import classes from './toast.module.css';

export interface ToastOptions {
  message: string;
  kind?: 'info' | 'success' | 'error';
  /** Offers "Undo"; the toast then stays longer. */
  undo?: () => void | Promise<unknown>;
  action?: { label: string; run: () => void };
  /** Milliseconds; errors stay until dismissed. */
  duration?: number;
  /** A toast of the same id replaces the former one. */
  id?: string;
}

interface Shown extends ToastOptions {
  id: string;
}

let shown: Shown[] = [];
let counter = 0;
const listeners = new Set<() => void>();
const MOST = 4;

function publish(next: Shown[]) {
  shown = next;
  listeners.forEach((listener) => listener());
}

/** Take a toast away. */
export function dismissToast(id: string): void {
  publish(shown.filter((entry) => entry.id !== id));
}

/** Tell the user what happened, with undo where it is possible. Returns the toast's id. */
export function toast(options: ToastOptions): string {
  const id = options.id ?? `toast-${++counter}`;
  publish([...shown.filter((entry) => entry.id !== id), { ...options, id }].slice(-MOST));
  return id;
}

const SIGNS = { info: IconInfoCircle, success: IconCircleCheck, error: IconAlertCircle } as const;

function ToastItem({ entry }: { entry: Shown }) {
  const t = useT();
  const kind = entry.kind ?? 'info';
  const Sign = SIGNS[kind];
  const duration = entry.duration ?? (kind === 'error' ? null : entry.undo || entry.action ? 8000 : 4000);
  useEffect(() => {
    if (duration == null) return;
    const timer = setTimeout(() => dismissToast(entry.id), duration);
    return () => clearTimeout(timer);
  }, [duration, entry]);
  return (
    <div className={classes.toast} data-kind={kind} role={kind === 'error' ? 'alert' : 'status'}>
      <Sign size={18} stroke={1.75} className={classes.sign} aria-hidden />
      <div className={classes.message}>{entry.message}</div>
      {entry.undo && (
        <Button
          size="xs"
          variant="subtle"
          onClick={() => {
            dismissToast(entry.id);
            void entry.undo!();
          }}
        >
          {t('ui.undo')}
        </Button>
      )}
      {entry.action && (
        <Button
          size="xs"
          variant="subtle"
          onClick={() => {
            dismissToast(entry.id);
            entry.action!.run();
          }}
        >
          {entry.action.label}
        </Button>
      )}
      <ActionIcon variant="subtle" color="gray" size={24} aria-label={t('ui.dismiss')} onClick={() => dismissToast(entry.id)}>
        <IconX size={16} stroke={1.75} />
      </ActionIcon>
    </div>
  );
}

/** Where toasts appear; mounted once by the shell. */
export function Toaster() {
  const entries = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
  return (
    <div className={classes.stack} aria-live="polite" aria-relevant="additions">
      {entries.map((entry) => (
        <ToastItem key={entry.id} entry={entry} />
      ))}
    </div>
  );
}
