import { queryOptions } from '@tanstack/react-query';
import { ApiError, get } from './client.ts';
import type { Bounds } from './sessions.ts';
import type { CountedValue, Facet, Overview, SearchField, Tile, Timeseries } from './types.ts';

export type { CountedValue, Facet, SearchField, Tile, Timeseries };

/** What can be explored; the word stands in the doors of the API. */
export type Signal = 'sessions' | 'traces' | 'spans' | 'turns';

/** A time range and a search: what a list, its facets and its histogram are asked alike. */
export interface Question extends Bounds {
  query: string;
  /** Things in a page of the list; what fills a window where it is left out. */
  limit?: number;
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

/** The figures of the overview; null where this server has none. */
export function overviewQuery(key: readonly unknown[], question: () => Question, isLive: boolean) {
  return queryOptions({
    queryKey: ['overview', ...key],
    queryFn: ({ signal }) => unlessAbsent(get<Overview>('/overview', { ...question() }, signal)),
    refetchInterval: isLive ? RECOUNT_MS : false,
  });
}
