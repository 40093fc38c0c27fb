/** `/calendar`: the activities of all kinds in one calendar. */
import { IconCalendarOff } from '@tabler/icons-react';
import { useQueries } from '@tanstack/react-query';
import { lazy, Suspense, useMemo } from 'react';

import { useT } from '@/i18n';
import { entityQuery, useObjects, type Entity } from '@/metadata';
import { EmptyState, ErrorState, PageFrame, SkeletonRows } from '@/ui';
import type { Search, SetSearch } from '../list/state';
import classes from '../list/ListPage.module.css';
import { CalendarView } from './CalendarView';

const RecordPanel = lazy(() => import('../record/RecordPanel').then((module) => ({ default: module.RecordPanel })));

/** People plan with appointments first; the rest in the workspace's order. */
const FIRST = 'appointment';

/** Descriptions of all objects people plan with; undefined while they are read. */
function useCalendarEntities(): { entities: Entity[] | undefined; error: unknown } {
  const objects = useObjects();
  const candidates = objects.filter((object) => object.group === 'activities' && object.privileges.read);
  const results = useQueries({ queries: candidates.map((object) => entityQuery(object.name)) });
  const ready = results.every((result) => !result.isPending);
  const signature = results.map((result) => result.data?.name ?? '').join();
  const entities = useMemo(
    () => results.flatMap((result) => (result.data?.calendar ? [result.data] : [])).sort((a, b) => Number(b.name === FIRST) - Number(a.name === FIRST)),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the signature says which descriptions arrived
    [signature],
  );
  return { entities: ready ? entities : undefined, error: results.find((result) => result.error)?.error };
}

/** The part of the address that says which record is open: `object:id`. */
const panelOf = (value: unknown): [string, string] | null => {
  const [object, id] = typeof value === 'string' ? value.split(':') : [];
  return object && id ? [object, id] : null;
};

export function CalendarPage({ search, setSearch }: { search: Search; setSearch: SetSearch }) {
  const t = useT();
  const { entities, error } = useCalendarEntities();
  const panel = panelOf(search.panel);
  return (
    <PageFrame title={t('calendar.title')} fixed>
      <div className={classes.body} data-panel={panel ? true : undefined}>
        {error && !entities?.length ? (
          <ErrorState error={error} />
        ) : !entities ? (
          <SkeletonRows />
        ) : entities.length ? (
          <CalendarView entities={entities} filter={null} q="" search={search} setSearch={setSearch} onOpen={(object, id) => setSearch({ panel: `${object}:${id}` })} />
        ) : (
          <EmptyState icon={<IconCalendarOff size={20} stroke={1.75} />} title={t('calendar.none')} />
        )}
        {panel && (
          <Suspense fallback={null}>
            <RecordPanel object={panel[0]} id={panel[1]} onClose={() => setSearch({ panel: null })} />
          </Suspense>
        )}
      </div>
    </PageFrame>
  );
}
