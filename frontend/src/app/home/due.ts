/** Which activities are due, from the lists of all activity objects. */
import { useQueries } from '@tanstack/react-query';

import { keys } from '@/api/keys';
import { listRecords } from '@/api/records';
import type { Filter, ListQuery, RecordData, Ref } from '@/api/types';
import { addDays, asRef } from '@/fields';
import { attributeOf, entityQuery, recordName, useObjects, type Entity, type ObjectSummary } from '@/metadata';
import { dayOf, today } from '@/ui/formatting';

/** Objects that are work to do, in the order in which equal times are shown. */
const WORK = ['appointment', 'phone_call', 'task', 'service_activity', 'letter', 'fax', 'email'];
const DUE_NAMES = ['due_at', 'scheduled_end', 'scheduled_start', 'due_date'];
const AHEAD_DAYS = 7;
const LIMIT = 50;

export interface DueItem {
  entity: Entity;
  record: RecordData;
  name: string;
  due: string | null;
  regarding: Ref | null;
}

export type DueGroup = 'overdue' | 'today' | 'upcoming' | 'noDate';

/** The attribute that says when an activity is due. */
export function dueAttribute(entity: Entity): string | null {
  const names = entity.name === 'appointment' && entity.calendar ? [entity.calendar.start, ...DUE_NAMES] : DUE_NAMES;
  return names.find((name) => attributeOf(entity, name)) ?? entity.calendar?.start ?? null;
}

/** Open activities of the user that are due within a week, late ones included. */
function dueQuery(entity: Entity, due: string | null): ListQuery {
  const open = entity.states.filter((state) => !state.closed).map((state) => state.value);
  const parts: Filter[] = [{ attribute: 'owner', operator: 'me' }];
  if (open.length) parts.push({ attribute: 'state', operator: 'in', value: open });
  if (due) parts.push({ or: [{ attribute: due, operator: 'on_or_before', value: addDays(today(), AHEAD_DAYS) }, { attribute: due, operator: 'empty' }] });
  const wanted = [entity.primary_attribute, due, 'regarding', 'state'].filter((name): name is string => !!name && !!attributeOf(entity, name));
  return { fields: wanted, filter: { and: parts }, order: due ? [due] : undefined, limit: LIMIT, count: 'none' };
}

/** The group an item belongs to on this day. */
export function groupOf(due: string | null, now: string = new Date().toISOString()): DueGroup {
  if (!due) return 'noDate';
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(due);
  const day = isDay ? due : dayOf(due);
  const todayIs = dayOf(now);
  if (day < todayIs || (!isDay && due < now)) return 'overdue';
  return day === todayIs ? 'today' : 'upcoming';
}

const isWork = (object: ObjectSummary) => WORK.includes(object.name);

/** Everything that is due, late first; undefined while loading. */
export function useDueItems(): { items: DueItem[] | undefined; error: unknown; retry: () => void } {
  const objects = useObjects().filter(isWork);
  const entities = useQueries({ queries: objects.map((object) => entityQuery(object.name)) });
  const known = entities.flatMap((result) => (result.data ? [result.data] : []));
  const lists = useQueries({
    queries: known.map((entity) => {
      const query = dueQuery(entity, dueAttribute(entity));
      return { queryKey: keys.list(entity.plural, query), queryFn: ({ signal }: { signal: AbortSignal }) => listRecords(entity.plural, query, signal) };
    }),
  });
  const loading = entities.some((result) => result.isPending) || lists.some((result) => result.isPending);
  const error = entities.find((result) => result.error)?.error ?? lists.find((result) => result.error)?.error ?? null;
  const items = known.flatMap((entity, index) => {
    const due = dueAttribute(entity);
    return (lists[index]?.data?.rows ?? []).map((record): DueItem => ({
      entity,
      record,
      name: recordName(entity, record),
      due: due && typeof record[due] === 'string' ? record[due] : null,
      regarding: asRef(record.regarding),
    }));
  });
  items.sort((a, b) => (a.due === b.due ? 0 : a.due === null ? 1 : b.due === null ? -1 : a.due < b.due ? -1 : 1));
  return {
    items: loading ? undefined : items,
    error,
    retry: () => [...entities, ...lists].filter((result) => result.error).forEach((result) => void result.refetch()),
  };
}

