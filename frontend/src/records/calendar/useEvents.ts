import { keepPreviousData, useQueries, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';

import { errorMessage, keys, readCalendar, updateRecord, type CalendarAnswer, type Filter } from '@/api';
import { useT } from '@/i18n';
import type { Entity } from '@/metadata';
import { toast } from '@/ui';
import { tellWarnings } from '../warnings';
import { changeOf, eventOf, eventsQuery, type Who } from './events';
import type { CalendarEvent } from './time';

const KEY = 'calendar';

/** Events of several objects over some days, and saving where one was moved to. */
export function useEvents(entities: Entity[], filter: Filter | null, q: string, who: Who, first: string, last: string) {
  const t = useT();
  const client = useQueryClient();
  const queries = entities.map((entity) => eventsQuery(entity, filter, q, who, first, last));
  const results = useQueries({
    queries: entities.map((entity, index) => ({
      queryKey: ['records', entity.plural, 'list', KEY, queries[index]],
      queryFn: ({ signal }: { signal: AbortSignal }) => readCalendar(entity.plural, queries[index]!, signal),
      placeholderData: keepPreviousData,
      staleTime: 30_000,
    })),
  });
  const signature = results.map((result) => result.dataUpdatedAt).join();
  const events = useMemo(
    () => entities.flatMap((entity, index) => (results[index]?.data?.rows ?? []).flatMap((row) => eventOf(entity, row) ?? [])).sort((a, b) => a.start.localeCompare(b.start)),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the times of the answers say when rows changed
    [entities, signature],
  );

  const save = async (before: CalendarEvent, after: CalendarEvent) => {
    const at = entities.findIndex((entity) => entity.name === before.object);
    const entity = entities[at]!;
    const key = ['records', entity.plural, 'list', KEY, queries[at]];
    const row = client.getQueryData<CalendarAnswer>(key)?.rows.find((entry) => entry.id === before.id);
    if (!row) return;
    const change = changeOf(entity, before, after, row);
    if (!Object.keys(change).length) return;
    const put = (values: Record<string, unknown>) =>
      client.setQueryData<CalendarAnswer>(key, (data) => data && { ...data, rows: data.rows.map((entry) => (entry.id === before.id ? { ...entry, ...values } : entry)) });
    const old = Object.fromEntries(Object.keys(change).map((name) => [name, row[name]]));
    await client.cancelQueries({ queryKey: key });
    put(change);
    try {
      const record = tellWarnings(await updateRecord(entity.plural, before.id, change, row.version));
      put({ ...Object.fromEntries(Object.keys(row).map((name) => [name, record[name] ?? null])), id: record.id, version: record.version });
      void client.invalidateQueries({ queryKey: keys.record(entity.plural, record.id) });
    } catch (error) {
      put(old);
      toast({ kind: 'error', message: t('calendar.notMoved', { name: before.title, reason: errorMessage(error) }) });
      void client.invalidateQueries({ queryKey: key });
    }
  };
  return {
    events,
    save,
    /** There are more events in these days than are read at once. */
    more: results.some((result) => result.data?.more === true),
    pending: results.some((result) => result.isPending),
    stale: results.some((result) => result.isPlaceholderData),
    error: results.find((result) => result.error && !result.data)?.error ?? null,
    refresh: () => results.forEach((result) => void result.refetch()),
  };
}
