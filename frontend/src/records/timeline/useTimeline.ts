/** The stream of one record, page by page. */
import { keys, readTimeline, type TimelineItem, type TimelinePage } from '@/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { foldChanges, uniqueItems } from './grouping';

const PAGE = 30;

export interface Timeline {
  open: TimelineItem[];
  /** Newest first, changes folded. */
  items: TimelineItem[];
  isLoading: boolean;
  error: unknown;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  refetch: () => void;
}

/** Read a record's timeline. @param first the page that came with the record, shown at once when nothing is filtered */
export function useTimeline(plural: string, id: string, kinds: string[], first: TimelinePage | undefined): Timeline {
  const query = useInfiniteQuery({
    queryKey: keys.timeline(plural, id, { kinds, limit: PAGE }),
    queryFn: ({ pageParam, signal }) => readTimeline(plural, id, { kinds, limit: PAGE, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: first && !kinds.length ? { pages: [first], pageParams: [null] } : undefined,
  });
  const pages = query.data?.pages;
  const items = useMemo(() => foldChanges(uniqueItems((pages ?? []).map((page) => page.items))), [pages]);
  return {
    open: pages?.[0]?.open ?? [],
    items,
    isLoading: query.isLoading,
    error: query.error,
    hasMore: query.hasNextPage && !query.isPlaceholderData,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => void (query.hasNextPage && !query.isFetchingNextPage && query.fetchNextPage()),
    refetch: () => void query.refetch(),
  };
}
