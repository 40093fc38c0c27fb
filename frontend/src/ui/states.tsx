import { Button } from '@mantine/core';
import { IconAlertCircle, IconLock, IconRefresh, IconSearchOff, IconWifiOff } from '@tabler/icons-react';
import { useEffect, useState, type ReactNode } from 'react';

import { useT } from '@/i18n';
import classes from './states.module.css';

export interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  body?: ReactNode;
  /** At most one primary action. */
  action?: ReactNode;
  /** For example the link to the import. */
  secondary?: ReactNode;
  /** Inside a card or panel instead of a page. */
  compact?: boolean;
  role?: 'alert' | 'status';
}

/** What this place is for and what to do next; never a blank area. */
export function EmptyState({ icon, title, body, action, secondary, compact, role }: EmptyStateProps) {
  return (
    <div className={classes.state} data-compact={compact || undefined} role={role}>
      {icon && <div className={classes.icon}>{icon}</div>}
      <div className={classes.title}>{title}</div>
      {body && <div className={classes.body}>{body}</div>}
      {(action || secondary) && (
        <div className={classes.actions}>
          {action}
          {secondary}
        </div>
      )}
    </div>
  );
}

/** The parts of an error this file reads; ApiError has them all. */
interface Failure {
  message?: string;
  status?: number;
  requestId?: string | null;
}

/** Something could not be loaded: what happened, try again, the reference an operator can find. */
export function ErrorState({ error, onRetry, compact }: { error: unknown; onRetry?: () => void; compact?: boolean }) {
  const t = useT();
  const failure = (error ?? {}) as Failure;
  if (failure.status === 403) return <NoPermission compact={compact} />;
  const missing = failure.status === 404;
  const network = failure.status === 0;
  const text = missing
    ? t('ui.error.notFound')
    : network
      ? t('ui.error.network')
      : failure.status === undefined || failure.status >= 500
        ? t('ui.error.body')
        : (failure.message ?? t('ui.error.body'));
  const Sign = missing ? IconSearchOff : network ? IconWifiOff : IconAlertCircle;
  return (
    <EmptyState
      role="alert"
      compact={compact}
      icon={<Sign size={20} stroke={1.75} />}
      title={missing ? t('ui.error.notFoundTitle') : t('ui.error.title')}
      body={
        <>
          {text}
          {failure.requestId && <div className={classes.reference}>{t('ui.reference', { id: failure.requestId })}</div>}
        </>
      }
      action={
        onRetry && !missing ? (
          <Button variant="default" leftSection={<IconRefresh size={16} stroke={1.75} />} onClick={onRetry}>
            {t('ui.retry')}
          </Button>
        ) : undefined
      }
    />
  );
}

/** The user lacks a right; says which and who can give it. */
export function NoPermission({ right, workspace, compact }: { right?: string; workspace?: string; compact?: boolean }) {
  const t = useT();
  return (
    <EmptyState
      compact={compact}
      icon={<IconLock size={20} stroke={1.75} />}
      title={t('ui.noPermission.title')}
      body={right && workspace ? t('ui.noPermission.body', { right, workspace }) : t('ui.noPermission.bodyPlain')}
    />
  );
}

/** Shows its children only after a moment, so that quick answers never flash a skeleton. */
export function Delayed({ children, ms = 150 }: { children: ReactNode; ms?: number }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return shown ? <>{children}</> : null;
}

/** One grey bar. */
export function SkeletonBar({ width = '100%', height = 12 }: { width?: number | string; height?: number }) {
  return <span className={classes.bar} style={{ width, height }} aria-hidden />;
}

/** Rows of a list that is still loading, in the height of real rows. */
export function SkeletonRows({ rows = 12, height = 36 }: { rows?: number; height?: number }) {
  const t = useT();
  return (
    <Delayed>
      <div role="status" aria-label={t('ui.loading')}>
        {Array.from({ length: rows }, (_, row) => (
          <div key={row} className={classes.row} style={{ height }}>
            <SkeletonBar width={16} />
            <SkeletonBar width={`${22 + ((row * 7) % 14)}%`} />
            <SkeletonBar width={`${12 + ((row * 5) % 10)}%`} />
            <SkeletonBar width={`${10 + ((row * 3) % 8)}%`} />
          </div>
        ))}
      </div>
    </Delayed>
  );
}
