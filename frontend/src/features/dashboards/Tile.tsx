import { ActionIcon } from '@mantine/core';
import { IconChartBar, IconTable } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';

import { useT } from '@/i18n';
import { Boundary, Delayed, EmptyState, ErrorState, SkeletonBar } from '@/ui';
import classes from './dashboards.module.css';

export interface TileProps {
  title: string;
  /** What the figures cover, such as "open now". */
  meta?: string;
  pending: boolean;
  /** Figures of the former filters are still shown. */
  stale?: boolean;
  error: unknown;
  onRetry: () => void;
  /** Said instead of the chart when there is nothing to show. */
  empty?: ReactNode;
  /** The same figures as a table; offered beside the title. */
  table?: ReactNode;
  tools?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

/** One box of the dashboard; what goes wrong in it stays in it. */
export function Tile({ title, meta, pending, stale, error, onRetry, empty, table, tools, wide, children }: TileProps) {
  const t = useT();
  const [asTable, setAsTable] = useState(false);
  const showsChart = !pending && !error && !empty;
  return (
    <section className={classes.tile} data-wide={wide || undefined} data-stale={stale || undefined} aria-label={title} aria-busy={pending || stale || undefined}>
      <header className={classes.tileHead}>
        <h2>{title}</h2>
        {meta && <span className={classes.tileMeta}>{meta}</span>}
        <span style={{ flex: 1 }} />
        {showsChart && tools}
        {showsChart && table && (
          <ActionIcon size={28} variant="subtle" color="gray" aria-label={asTable ? t('dashboards.asChart') : t('dashboards.asTable')} title={asTable ? t('dashboards.asChart') : t('dashboards.asTable')} onClick={() => setAsTable(!asTable)}>
            {asTable ? <IconChartBar size={16} stroke={1.75} /> : <IconTable size={16} stroke={1.75} />}
          </ActionIcon>
        )}
      </header>
      <Boundary compact onRetry={onRetry}>
        {error ? (
          <ErrorState compact error={error} onRetry={onRetry} />
        ) : pending ? (
          <Delayed>
            <div className={classes.loading} role="status" aria-label={t('ui.loading')}>
              {[72, 48, 88, 30, 60].map((width) => (
                <SkeletonBar key={width} width={`${width}%`} height={14} />
              ))}
            </div>
          </Delayed>
        ) : (
          (empty ?? (asTable ? table : children))
        )}
      </Boundary>
    </section>
  );
}

/** Nothing to show in a tile, and what would change that. */
export function TileEmpty({ title, body, action }: { title: string; body?: string; action?: ReactNode }) {
  return <EmptyState compact title={title} body={body} action={action} />;
}
