import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { get } from './client.ts';
import type { Question } from './explore.ts';
import { fetchTurns } from './lists.ts';
import type { Bounds } from './sessions.ts';
import type { Page, Turn } from './types.ts';

/** The most the API gives in one page. */
const TURNS_LIMIT = 200;
/** Pages of one session's turns that are asked for: a thousand answers. */
const TURN_PAGES = 5;

/** One question and its answer, by either half's id. */
export function turnQuery(turnId: string) {
  return queryOptions({
    queryKey: ['turn', turnId],
    queryFn: ({ signal }) => get<Turn>(`/turns/${encodeURIComponent(turnId)}`, {}, signal),
  });
}

/** What failed by whoever judges; a thumb that went down is a verdict of a human. */
export const FAILED_ANSWERS = 'verdict.human:fail OR verdict.judge:fail OR verdict.code:fail';
const LATEST_FAILED = 10;

/** The latest answers that went wrong in a time range. */
export function failedAnswersQuery(key: readonly unknown[], bounds: () => Bounds) {
  return queryOptions({
    queryKey: ['failed-answers', ...key],
    queryFn: async ({ signal }) => {
      const question = { ...bounds(), query: FAILED_ANSWERS, limit: LATEST_FAILED };
      return (await fetchTurns(question, null, signal)).items;
    },
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

/** Questions and answers of a session in the order they were asked, at most a thousand; of any claimed id. */
export function sessionTurnsQuery(sessionId: string) {
  return queryOptions({
    queryKey: ['session', sessionId, 'turns'],
    queryFn: async ({ signal }) => {
      const turns: Turn[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < TURN_PAGES; page += 1) {
        const question = { session_id: sessionId, order: 'asc', limit: TURNS_LIMIT, cursor };
        const answer: Page<Turn> = await get('/turns', question, signal);
        turns.push(...answer.items);
        cursor = answer.next_cursor ?? null;
        if (cursor === null) break;
      }
      return turns;
    },
  });
}
