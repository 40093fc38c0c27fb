import { useT } from '@/i18n';
import type { TimelinePage } from '@/api';
import { hasFeature, recordName } from '@/metadata';
import { dayOf, ErrorState, formatDate, SkeletonRows, today } from '@/ui';
import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useOpenRecord } from '../record/RecordContext';
import { Composer, type ComposerTab } from './Composer';
import { groupByDay } from './grouping';
import { filterOf, KIND_FILTERS } from './kinds';
import { OpenActivity } from './OpenActivity';
import { TimelineEntry } from './TimelineEntry';
import classes from './timeline.module.css';
import { useTimeline } from './useTimeline';

export interface TimelineProps {
  first: TimelinePage | undefined;
  /** Which kind of entry the composer is open at; `null` is closed. */
  composer: ComposerTab | null;
  onComposer: (tab: ComposerTab | null) => void;
  filter: string;
  onFilter: (key: string) => void;
}

const DAY_MS = 86_400_000;

/** What is planned, then everything that happened, newest first, by day (CUS-7.1). */
export function Timeline({ first, composer, onComposer, filter, onFilter }: TimelineProps) {
  const t = useT();
  const { entity, record, access } = useOpenRecord();
  const { kinds } = filterOf(filter);
  const timeline = useTimeline(entity.plural, record.id, kinds, first);
  const regarding = { object: entity.name, id: record.id, name: recordName(entity, record) };
  const canCompose = access.append_to && (hasFeature(entity, 'notes') || hasFeature(entity, 'activities'));
  return (
    <div className={classes.timeline}>
      {canCompose && <Composer regarding={regarding} tab={composer} onTab={onComposer} />}
      <div className={classes.filters} role="group" aria-label={t('record.timeline.filter')}>
        {KIND_FILTERS.map((entry) => (
          <button key={entry.key} type="button" className={classes.filter} aria-pressed={filterOf(filter).key === entry.key} onClick={() => onFilter(entry.key)}>
            {t(entry.label)}
          </button>
        ))}
      </div>
      {timeline.open.length > 0 && (
        <section aria-label={t('record.timeline.open')}>
          <h2 className={classes.day}>{t('record.timeline.openCount', { count: timeline.open.length })}</h2>
          <ul className={classes.list}>
            {timeline.open.map((item) => (
              <OpenActivity key={item.id} item={item} />
            ))}
          </ul>
        </section>
      )}
      <Stream timeline={timeline} filtered={kinds.length > 0} onShowAll={() => onFilter('all')} />
    </div>
  );
}

interface StreamProps {
  timeline: ReturnType<typeof useTimeline>;
  filtered: boolean;
  onShowAll: () => void;
}

function Stream({ timeline, filtered, onShowAll }: StreamProps) {
  const t = useT();
  if (timeline.error) return <ErrorState error={timeline.error} compact onRetry={timeline.refetch} />;
  if (timeline.isLoading) return <SkeletonRows rows={5} height={48} />;
  if (!timeline.items.length) {
    return (
      <p className={classes.nothing}>
        {filtered ? t('record.timeline.nothingFiltered') : t('record.timeline.nothing')}{' '}
        {filtered && (
          <button type="button" className="k-link" onClick={onShowAll}>
            {t('record.timeline.showAll')}
          </button>
        )}
      </p>
    );
  }
  return (
    <>
      {groupByDay(timeline.items, dayOf).map((day) => (
        <section key={day.day}>
          <h2 className={classes.day}>{dayLabel(day.day, t('record.timeline.today'), t('record.timeline.yesterday'))}</h2>
          <ul className={classes.list}>
            {day.items.map((item) => (
              <TimelineEntry key={`${item.kind}${item.id}${item.at}`} item={item} />
            ))}
          </ul>
        </section>
      ))}
      {timeline.hasMore && <More onVisible={timeline.loadMore} busy={timeline.isLoadingMore} />}
    </>
  );
}

function dayLabel(day: string, todayText: string, yesterdayText: string): string {
  if (day === today()) return todayText;
  if (day === dayOf(Date.now() - DAY_MS)) return yesterdayText;
  return formatDate(day);
}

/** Loads the next page when it comes near; a button for those who do not scroll. */
function More({ onVisible, busy }: { onVisible: () => void; busy: boolean }) {
  const t = useT();
  const mark = useRef<HTMLDivElement>(null);
  const latest = useRef(onVisible);
  const [supported] = useState(() => typeof IntersectionObserver !== 'undefined');
  useEffect(() => {
    latest.current = onVisible;
  });
  useEffect(() => {
    if (!mark.current || !supported) return;
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && latest.current(), { rootMargin: '400px' });
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, [supported]);
  return (
    <div ref={mark} className={classes.more}>
      <Button variant="subtle" color="gray" loading={busy} onClick={onVisible}>
        {t('record.timeline.more')}
      </Button>
    </div>
  );
}
