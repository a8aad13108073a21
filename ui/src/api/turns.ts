import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { get } from './client.ts';
import type { Question } from './explore.ts';
import { fetchTurns } from './lists.ts';
import type { Turn } from './types.ts';

/** One question and its answer, by either half's id. */
export function turnQuery(turnId: string) {
  return queryOptions({
    queryKey: ['turn', turnId],
    queryFn: ({ signal }) => get<Turn>(`/turns/${encodeURIComponent(turnId)}`, {}, signal),
  });
}

/** The answers that a search finds, as they stand when it is first asked: a playlist does not move. */
export function cohortQuery(question: Question) {
  return infiniteQueryOptions({
    queryKey: ['cohort', question],
    queryFn: ({ pageParam, signal }) => fetchTurns(question, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
