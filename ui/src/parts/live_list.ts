import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Bounds } from '../api/sessions.ts';
import type { Page } from '../api/types.ts';
import { boundsOf, isLive, type Range } from './range.ts';

/** How often the first page of a live list is asked for while the page is visible. */
const LIVE_MS = 1_000;

export interface LiveList<Item> {
  items: Item[];
  isLoading: boolean;
  error: Error | null;
  retry: () => void;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
}

type FetchPage<Item> = (bounds: Bounds, cursor: string | null, signal?: AbortSignal) => Promise<Page<Item>>;

/**
 * A list of pages by cursor whose first page is asked for again and again while the range is live.
 *
 * What the newest first page says of an item replaces what is known of it; items it adds stand on top. When so
 * many arrived between two looks that the first page meets nothing known, the list starts over, so that no item
 * is missed. `question` is what else the pages depend on.
 */
export function useLiveList<Item>(
  name: string,
  range: Range,
  fetchPage: FetchPage<Item>,
  idOf: (item: Item) => string,
  question = '',
): LiveList<Item> {
  const key = [name, range.from ?? null, range.to ?? null, question];
  const pages = useInfiniteQuery({
    queryKey: [...key, 'pages'],
    queryFn: ({ pageParam, signal }) => fetchPage(boundsOf(range), pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page<Item>) => page.next_cursor,
    refetchOnMount: 'always',
  });
  const isVisible = useIsVisible();
  const head = useQuery({
    queryKey: [...key, 'head'],
    queryFn: ({ signal }) => fetchPage(boundsOf(range), null, signal),
    enabled: isLive(range) && pages.isSuccess,
    refetchInterval: isVisible ? LIVE_MS : false,
  });
  const known = useKnown<Item>(key.join('|'));
  const items = useMemo(
    () => known(pages.data?.pages.flatMap((page) => page.items) ?? [], head.data?.items ?? [], idOf),
    [known, pages.data, head.data, idOf],
  );
  const startOver = pages.refetch;
  const isTorn = isApart(head.data, pages.data?.pages, items, idOf);
  useEffect(() => {
    if (isTorn) void startOver();
  }, [isTorn, startOver]);
  return {
    items,
    isLoading: pages.isPending,
    error: pages.error ?? head.error,
    retry: () => void pages.refetch(),
    hasMore: pages.hasNextPage,
    isLoadingMore: pages.isFetchingNextPage,
    loadMore: () => {
      if (pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage();
    },
  };
}

type Merge<Item> = (paged: Item[], head: Item[], idOf: (item: Item) => string) => Item[];

/** Keeps the items that slid off the first page since the list was opened. */
function useKnown<Item>(key: string): Merge<Item> {
  const slid = useRef<{ key: string; items: Item[] }>({ key, items: [] });
  return useMemo(
    () => (paged, head, idOf) => {
      if (slid.current.key !== key) slid.current = { key, items: [] };
      const merged = new Map<string, Item>();
      for (const item of [...head, ...slid.current.items, ...paged]) {
        const id = idOf(item);
        if (!merged.has(id)) merged.set(id, item);
      }
      const pagedIds = new Set(paged.map(idOf));
      const items = [...merged.values()];
      slid.current.items = items.filter((item) => !pagedIds.has(idOf(item)));
      return items;
    },
    [key],
  );
}

function isApart<Item>(
  head: Page<Item> | undefined,
  pages: Page<Item>[] | undefined,
  items: Item[],
  idOf: (item: Item) => string,
): boolean {
  if (!head?.next_cursor || !pages || items.length <= head.items.length) return false;
  const headIds = new Set(head.items.map(idOf));
  return !pages.some((page) => page.items.some((item) => headIds.has(idOf(item))));
}

function useIsVisible(): boolean {
  const [isVisible, setVisible] = useState(() => document.visibilityState === 'visible');
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return isVisible;
}
