import { queryOptions } from '@tanstack/react-query';
import { ApiError, addressOf, get, post, remove } from './client.ts';
import type { Bounds } from './sessions.ts';
import type { CountedValue, Facet, SearchField, Timeseries } from './types.ts';

export type { CountedValue, Facet, SearchField, Timeseries };

/** What can be explored; the word stands in the doors of the API. */
export type Signal = 'sessions' | 'traces' | 'spans' | 'turns';

/** A list as somebody left it, under a name. */
export interface SavedView {
  id: string;
  name: string;
  signal: Signal;
  /** Search part of the URL that restores it, with its question mark. */
  search: string;
  created_at: string;
}

/** One figure of the overview, with what it was in the period before and how it went. */
export interface Tile {
  name: string;
  unit: 'count' | 'ms' | 'usd' | 'ratio';
  /** Null where nothing was measured. */
  value: number | null;
  previous: number | null;
  points: [number, number | null][];
  /** The search that lists what is behind it. */
  query: string;
  signal: Signal;
}

export interface Overview {
  step_ms: number;
  tiles: Tile[];
}

/** A time range and a search: what a list, its facets and its histogram are asked alike. */
export interface Question extends Bounds {
  query: string;
}

/** How long what was counted stands before it is counted again, while a list is live. */
const RECOUNT_MS = 15_000;
const FIELDS_STALE_MS = 5 * 60_000;

/** The answer, or null where this server has no such door (yet): its part is then not shown. */
async function unlessAbsent<Answer>(asked: Promise<Answer>): Promise<Answer | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && error.isAbsent) return null;
    throw error;
  }
}

/** The fields of a signal that can be searched; null where it cannot be searched by fields. */
export function fieldsQuery(signal: Signal) {
  return queryOptions({
    queryKey: ['fields', signal],
    queryFn: async (context) => {
      const answer = get<{ fields: SearchField[] }>('/search/fields', { signal }, context.signal);
      return (await unlessAbsent(answer))?.fields ?? null;
    },
    staleTime: FIELDS_STALE_MS,
  });
}

/** The commonest values of a field that begin with what was typed. */
export function valuesQuery(signal: Signal, field: string, prefix: string, bounds: () => Bounds) {
  return queryOptions({
    queryKey: ['values', signal, field, prefix],
    queryFn: async (context) => {
      const { from, to } = bounds();
      const answer = get<{ values: CountedValue[] }>(
        '/search/values',
        { signal, field, prefix, from, to },
        context.signal,
      );
      return (await unlessAbsent(answer))?.values ?? [];
    },
    staleTime: RECOUNT_MS,
  });
}

/** Values with counts beside a list; null where this server counts none. */
export function facetsQuery(
  signal: Signal,
  key: readonly unknown[],
  question: () => Question,
  isLive: boolean,
) {
  return queryOptions({
    queryKey: ['facets', signal, ...key],
    queryFn: async (context) => {
      const answer = get<{ facets: Facet[] }>('/facets', { signal, ...question() }, context.signal);
      return (await unlessAbsent(answer))?.facets ?? null;
    },
    refetchInterval: isLive ? RECOUNT_MS : false,
  });
}

/** A measure over time; null where this server has none. */
export function timeseriesQuery(
  signal: Signal,
  measure: string,
  buckets: number,
  key: readonly unknown[],
  question: () => Question,
  isLive: boolean,
) {
  return queryOptions({
    queryKey: ['timeseries', signal, measure, buckets, ...key],
    queryFn: async (context) => {
      const asked = question();
      const answer = get<Timeseries>('/timeseries', { signal, ...asked, measure, buckets }, context.signal);
      const series = await unlessAbsent(answer);
      return series && { ...series, from: Date.parse(asked.from), to: endOf(asked) };
    },
    refetchInterval: isLive ? RECOUNT_MS : false,
  });
}

function endOf({ to }: Bounds): number {
  return to === null ? Date.now() : Date.parse(to);
}

/** The views that were saved; null where this server saves none. */
export function savedViewsQuery() {
  return queryOptions({
    queryKey: ['saved-views'],
    queryFn: async ({ signal }) =>
      (await unlessAbsent(get<{ items: SavedView[] }>('/saved-views', {}, signal)))?.items ?? null,
    staleTime: FIELDS_STALE_MS,
  });
}

/** The figures of the overview; null where this server has none. */
export function overviewQuery(key: readonly unknown[], question: () => Question, isLive: boolean) {
  return queryOptions({
    queryKey: ['overview', ...key],
    queryFn: ({ signal }) => unlessAbsent(get<Overview>('/overview', { ...question() }, signal)),
    refetchInterval: isLive ? RECOUNT_MS : false,
  });
}

export async function saveView(view: { name: string; signal: Signal; search: string }): Promise<void> {
  await post('/saved-views', view);
}

export async function forgetView(id: string): Promise<void> {
  await remove(`/saved-views/${encodeURIComponent(id)}`);
}

/** Where the rows of a list can be downloaded. */
export function exportAddress(signal: Signal, format: 'csv' | 'parquet', question: Question): string {
  return addressOf(`/${signal}/export`, { format, ...question });
}

/** The stream that says which rows changed. */
export function liveAddress(signal: Signal, query: string): string {
  return addressOf('/live', { signal, query });
}
