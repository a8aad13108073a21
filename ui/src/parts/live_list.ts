import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import type { Signal } from '../api/explore.ts';
import { type FetchPage, listQuery } from '../api/lists.ts';
import type { Page } from '../api/types.ts';
import { useArrivalEvents, useIsVisible } from './explore/live.ts';
import { boundsOf, isLive, questionKey, type Range } from './range.ts';

/** How often the first page of a live list is asked for while nobody tells of arrivals. */
const UNTOLD_MS = 2_000;
/** And while the server does: what changes without anything arriving, such as the age of a session. */
const TOLD_MS = 15_000;

export interface LiveList<Item> {
  items: Item[];
  isLoading: boolean;
  error: Error | null;
  retry: () => void;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
}

/**
 * A list of pages by cursor whose first page is asked for again when something arrives, while the range is live.
 *
 * What the newest first page says of an item replaces what is known of it; items it adds stand on top. When so
 * many arrived between two looks that the first page meets nothing known, the list starts over, so that no item
 * is missed.
 */
export function useLiveList<Item>(
  signal: Signal,
  range: Range,
  query: string,
  fetchPage: FetchPage<Item>,
  idOf: (item: Item) => string,
): LiveList<Item> {
  const key = questionKey(range, query);
  const question = () => ({ ...boundsOf(range), query });
  const pages = useInfiniteQuery(listQuery(signal, key, question, fetchPage));
  const isWanted = useIsVisible() && isLive(range) && pages.isSuccess;
  const missed = useRef(false);
  const isTold = useArrivalEvents(signal, isWanted, () => {
    // An answer that is under way may have been made before this arrival: asked once more when it is there.
    if (head.isFetching) missed.current = true;
    else void head.refetch();
  });
  const head = useQuery({
    queryKey: [signal, ...key, 'head'],
    queryFn: (context) => fetchPage(question(), null, context.signal),
    enabled: isWanted,
    // The list has just been asked for: the first look at what is new is when the server begins to tell of it.
    initialData: () => pages.data?.pages[0],
    initialDataUpdatedAt: pages.dataUpdatedAt,
    refetchInterval: isTold ? TOLD_MS : UNTOLD_MS,
  });
  useEffect(() => {
    if (head.isFetching || !missed.current) return;
    missed.current = false;
    void head.refetch();
  }, [head.isFetching, head.refetch]);
  const known = useKnown<Item>([signal, ...key].join('|'));
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
