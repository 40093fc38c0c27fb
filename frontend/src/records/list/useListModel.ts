/** Everything a table of records is drawn from: columns, lines, totals, selection, edits. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';

import { aggregate, ApiError, errorMessage, keys, listRecords, updateRecord, type ListQuery, type RecordData } from '@/api';
import { writeValue } from '@/fields';
import { useT } from '@/i18n';
import { attributeOf, type Entity } from '@/metadata';
import { brokenNames, isKnown, mended } from '../filter/broken';
import { attributesIn } from '../filter/tree';
import { tellWarnings } from '../warnings';
import { columnsOf, fieldsFor, type Column } from './columns';
import { EditQueue } from './edits';
import { useRelatedEntities } from './entities';
import { groupQuery, groupsOf, type Group } from './grouping';
import { groupsToRead, listItems, shownRows, WHOLE, type Item, type SegmentRows } from './items';
import { mergedRows, withRow, type Pages } from './pages';
import { useListPreferences, type ListPreferences } from './preferences';
import { pagesKey, useSegments, type Segment, type SegmentResult } from './segments';
import type { ListState } from './state';

export interface Total {
  value: number;
  exact: boolean;
}

export interface ListModel {
  entity: Entity;
  state: ListState;
  columns: Column[];
  items: Item[];
  rows: RecordData[];
  groups: Group[] | null;
  total: Total | null;
  /** Sum by column name. */
  sums: Record<string, string | number | null>;
  summed: string[];
  /** Attribute paths of the filter that are gone; such a list shows nothing. */
  broken: string[];
  /** What of the list makes it work again. */
  mended: () => Partial<ListState>;
  pending: boolean;
  /** Rows of the former filter are still on screen while the new ones are read. */
  stale: boolean;
  error: unknown;
  preferences: ListPreferences;
  setPreferences: (change: ListPreferences) => void;
  edits: EditQueue;
  collapsed: ReadonlySet<string>;
  toggleGroup: (key: string) => void;
  loadMore: (segment: string) => void;
  /** Tell how far down the groups were scrolled, so that their rows are read. */
  reachGroup: (key: string) => void;
  countExactly: () => void;
  retry: () => void;
}

function rowsOf(result: SegmentResult | undefined): SegmentRows | undefined {
  if (!result?.data) return result?.error ? { rows: [], state: 'error', hasMore: true, error: result.error } : undefined;
  const state = result.isFetchNextPageError ? 'error' : result.isFetchingNextPage ? 'loading' : 'idle';
  return { rows: mergedRows(result.data.pages), state, hasMore: result.hasNextPage, error: result.error };
}

/** Saves cells through the record interface and draws them in every list that is cached. */
function useEdits(entity: Entity): { edits: EditQueue; changed: boolean } {
  const client = useQueryClient();
  const [changed, setChanged] = useState(false);
  const edits = useMemo(
    () =>
      new EditQueue({
        send: async (id, values, version) => {
          const body = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, writeValue(attributeOf(entity, name)!, value)]));
          return tellWarnings(await updateRecord(entity.plural, id, body, version));
        },
        show: (id, change) => client.setQueriesData<Pages>({ queryKey: pagesKey(entity.plural) }, (data) => data && withRow(data, id, change)),
        explain: (error) => ({
          message: errorMessage(error),
          current: error instanceof ApiError && error.isConflict ? (error.details.current as RecordData | undefined) : undefined,
        }),
        saved: (id) => {
          setChanged(true);
          // Sums, groups and boards may have changed; the rows themselves are already right.
          void client.invalidateQueries({ queryKey: ['records', entity.plural, 'aggregate'] });
          void client.invalidateQueries({ queryKey: ['records', entity.plural, 'board'] });
          void client.invalidateQueries({ queryKey: summaryKey(entity.plural) });
          void client.invalidateQueries({ queryKey: keys.record(entity.plural, id) });
        },
      }),
    [client, entity],
  );
  return { edits, changed };
}

const summaryKey = (plural: string) => ['records', plural, 'list', 'summary'] as const;

/** Money columns are summed until the user chooses otherwise. */
function summedColumns(columns: Column[], preferences: ListPreferences): string[] {
  return columns
    .filter((column) => column.own && column.attribute?.aggregates.includes('sum') && (preferences.sums ? preferences.sums.includes(column.name) : column.attribute.type === 'money'))
    .map((column) => column.name);
}

export function useListModel(entity: Entity, state: ListState, initialCollapsed: string[] = []): ListModel {
  const t = useT();
  const [preferences, setPreferences] = useListPreferences(entity.name);
  const paths = [...state.columns.map((column) => column.name), ...attributesIn(state.filter), ...state.order.map((entry) => entry.replace(/^-/, ''))];
  const { find } = useRelatedEntities(entity, paths);
  const widths = preferences.widths;
  const columns = useMemo(() => columnsOf(entity, state.columns, widths ?? {}, find), [entity, state.columns, widths, find]);
  const known = (path: string) => isKnown(entity, path, find);
  const broken = brokenNames(entity, state, find);
  const summed = summedColumns(columns, preferences);
  const groupBy = state.groupBy && attributeOf(entity, state.groupBy) ? state.groupBy : null;
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(() => new Set(initialCollapsed));
  const [reached, setReached] = useState(3);
  const [exact, setExact] = useState<string | null>(null);
  const { edits, changed } = useEdits(entity);
  const client = useQueryClient();

  const query: ListQuery = {
    fields: fieldsFor(entity, columns, [groupBy]),
    filter: state.filter,
    order: state.order.filter(known),
    q: state.q || undefined,
  };
  const usable = broken.length === 0;
  const groupAsk = groupBy ? groupQuery(entity, groupBy, state.filter, state.q, summed) : null;
  const grouped = useQuery({
    queryKey: keys.aggregate(entity.plural, groupAsk ?? { measures: [] }),
    queryFn: ({ signal }) => aggregate(entity.plural, groupAsk!, signal),
    enabled: !!groupAsk && usable,
    placeholderData: keepPreviousData,
  });
  const groupLabel = groupBy ? attributeOf(entity, groupBy)!.label : '';
  const groups = useMemo(
    () => (groupBy && grouped.data ? groupsOf(entity, groupBy, grouped.data, state.filter, t('lists.group.none', { attribute: groupLabel })) : null),
    [entity, groupBy, grouped.data, state.filter, t, groupLabel],
  );
  const segments: Segment[] = !usable
    ? []
    : groupBy
      ? groupsToRead(groups ?? [], collapsed, reached).map((group) => ({ key: group.key, query: { ...query, filter: (group as Group).filter } }))
      : [{ key: WHOLE, query: { ...query, count: 'capped', sums: summed.length ? summed : undefined } }];
  const results = useSegments(entity.plural, segments);
  const whole = results.get(WHOLE);

  // After an edit the totals of the first page are old; they are then read on their own, without the rows.
  const summaryQuery: ListQuery = { filter: state.filter, q: query.q, limit: 1, fields: [entity.primary_attribute], sums: summed, count: 'capped' };
  const summary = useQuery({
    queryKey: [...summaryKey(entity.plural), summaryQuery],
    queryFn: ({ signal }) => listRecords(entity.plural, summaryQuery, signal),
    enabled: changed && !groupBy && usable,
  });
  const exactKey = JSON.stringify([state.filter, query.q]);
  const exactCount = useQuery({
    queryKey: ['records', entity.plural, 'list', 'count', state.filter, query.q],
    queryFn: ({ signal }) => listRecords(entity.plural, { filter: state.filter, q: query.q, limit: 1, fields: [entity.primary_attribute], count: 'exact' }, signal),
    enabled: exact === exactKey,
  });

  const segmentRows = new Map(segments.flatMap(({ key }) => { const rows = rowsOf(results.get(key)); return rows ? [[key, rows] as const] : []; }));
  const items = groupBy && !groups ? [] : listItems(groups, segmentRows, collapsed, usable);
  const first = whole?.data?.pages[0];
  const newest = summary.data && whole && summary.dataUpdatedAt > whole.dataUpdatedAt ? summary.data : first;
  const total: Total | null = groupBy
    ? grouped.data ? { value: Number(grouped.data.totals[0] ?? 0), exact: true } : null
    : (exact === exactKey ? exactCount.data?.count : null) ?? newest?.count ?? (whole?.data && !whole.hasNextPage ? { value: mergedRows(whole.data.pages).length, exact: true } : null);
  const sums = groupBy
    ? Object.fromEntries(summed.map((name, index) => [name, grouped.data?.totals[index + 1] ?? null]))
    : (newest?.sums ?? {});

  return {
    entity, state, columns, items, rows: shownRows(items), groups, total, sums, summed, broken, mended: () => mended(entity, state, broken, find), preferences, setPreferences, edits, collapsed,
    pending: usable && (groupBy ? grouped.isPending : !whole || whole.isPending),
    stale: groupBy ? grouped.isPlaceholderData : (whole?.isPlaceholderData ?? false),
    error: groupBy ? grouped.error : whole && !whole.data ? whole.error : null,
    toggleGroup: (key) => setCollapsed((before) => { const next = new Set(before); if (!next.delete(key)) next.add(key); return next; }),
    loadMore: (segment) => {
      const result = results.get(segment);
      if (result?.hasNextPage && !result.isFetching) void result.fetchNextPage();
      else if (result?.error && !result.isFetching) void result.refetch();
    },
    reachGroup: (key) => {
      const at = groups?.findIndex((group) => group.key === key) ?? -1;
      if (at + 2 > reached) setReached(at + 2);
    },
    countExactly: () => setExact(exactKey),
    retry: () => void client.invalidateQueries({ queryKey: keys.recordsOf(entity.plural) }),
  };
}
