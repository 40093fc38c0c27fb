/** Several endless lists read side by side, one per group: an observer each, so that every list pages on its own. */
import { InfiniteQueryObserver, keepPreviousData, useQueryClient, type InfiniteQueryObserverResult, type QueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';

import { listRecords, type ListAnswer, type ListQuery } from '@/api';
import { pageSize, type Pages } from './pages';

export interface Segment {
  key: string;
  query: ListQuery;
}

interface PageParam {
  cursor: string | null;
  page: number;
}
const FIRST: PageParam = { cursor: null, page: 0 };

export type SegmentResult = InfiniteQueryObserverResult<Pages>;

const FRESH_MS = 30_000;
const KEPT_MS = 10 * 60_000;

/** Root of all paged lists of an object in the query cache. */
export const pagesKey = (plural: string) => ['records', plural, 'list', 'pages'] as const;

function optionsOf(plural: string, query: ListQuery) {
  return {
    queryKey: [...pagesKey(plural), query] as readonly unknown[],
    initialPageParam: FIRST,
    staleTime: FRESH_MS,
    gcTime: KEPT_MS,
    // Reading many pages anew because the window was left for a moment would be waste; changes invalidate them.
    refetchOnWindowFocus: false,
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }: { pageParam: PageParam; signal: AbortSignal }) => {
      const first = pageParam.page === 0;
      return listRecords(
        plural,
        { ...query, cursor: pageParam.cursor, limit: pageSize(pageParam.page), count: first ? query.count : 'none', sums: first ? query.sums : undefined },
        signal,
      );
    },
    getNextPageParam: (last: ListAnswer, pages: ListAnswer[]) => (last.next ? { cursor: last.next, page: pages.length } : null),
  };
}

type Observer = InfiniteQueryObserver<ListAnswer, Error, Pages, readonly unknown[], PageParam>;

class SegmentStore {
  private readonly observers = new Map<string, { observer: Observer; stop: (() => void) | null }>();
  private readonly listeners = new Set<() => void>();
  private snapshot: ReadonlyMap<string, SegmentResult> = new Map();

  constructor(
    private readonly client: QueryClient,
    private plural: string,
  ) {}

  /** Make observers for these segments without reading yet; answers already cached are there at once. */
  prepare(plural: string, segments: Segment[]): void {
    if (plural !== this.plural) this.stopAll();
    this.plural = plural;
    const wanted = new Set(segments.map((segment) => segment.key));
    let changed = false;
    for (const [key, entry] of this.observers) {
      if (wanted.has(key)) continue;
      entry.stop?.();
      this.observers.delete(key);
      changed = true;
    }
    for (const segment of segments) {
      if (this.observers.has(segment.key)) continue;
      this.observers.set(segment.key, { observer: new InfiniteQueryObserver(this.client, optionsOf(plural, segment.query)), stop: null });
      changed = true;
    }
    if (changed) this.collect();
  }

  /** Start reading, or read with the changed query. */
  run(segments: Segment[]): void {
    for (const segment of segments) {
      const entry = this.observers.get(segment.key);
      if (!entry) continue;
      entry.observer.setOptions(optionsOf(this.plural, segment.query));
      entry.stop ??= entry.observer.subscribe(() => this.notify());
    }
    this.notify();
  }

  stopAll(): void {
    for (const entry of this.observers.values()) entry.stop?.();
    this.observers.clear();
    this.collect();
  }

  private collect() {
    this.snapshot = new Map([...this.observers].map(([key, { observer }]) => [key, observer.getCurrentResult() as SegmentResult]));
  }

  private notify() {
    this.collect();
    this.listeners.forEach((listener) => listener());
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  getSnapshot = () => this.snapshot;
}

/** Results of each segment by key; a segment not answered yet has no data. */
export function useSegments(plural: string, segments: Segment[]): ReadonlyMap<string, SegmentResult> {
  const client = useQueryClient();
  const [store] = useState(() => new SegmentStore(client, plural));
  const signature = JSON.stringify(segments);
  const stable = useMemo(() => JSON.parse(signature) as Segment[], [signature]);
  store.prepare(plural, stable);
  useEffect(() => {
    store.prepare(plural, stable);
    store.run(stable);
  }, [store, plural, stable]);
  useEffect(() => () => store.stopAll(), [store]);
  return useSyncExternalStore(store.subscribe, store.getSnapshot);
}
