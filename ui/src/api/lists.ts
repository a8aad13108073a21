import { infiniteQueryOptions } from '@tanstack/react-query';
import { get } from './client.ts';
import type { Question, Signal } from './explore.ts';
import type { Page, Session, Span, TraceSummary, Turn } from './types.ts';

const LIST_LIMIT = 50;

/** A list that was asked for so lately is not asked for again by the page that shows it. */
const JUST_ASKED_MS = 2_000;

export type FetchPage<Item> = (
  question: Question,
  cursor: string | null,
  signal?: AbortSignal,
) => Promise<Page<Item>>;

/** Asks a list of the API for its pages, the newest first. */
function pagesOf<Item>(path: string): FetchPage<Item> {
  return (question, cursor, signal) => get(path, { limit: LIST_LIMIT, ...question, cursor }, signal);
}

export const fetchSessions = pagesOf<Session>('/sessions');
export const fetchTraces = pagesOf<TraceSummary>('/traces');
export const fetchSpans = pagesOf<Span>('/spans');
/** Answers of the agents, each with its question: by when they were asked. */
export const fetchTurns = pagesOf<Turn>('/turns');

/** The pages of a list, the newest first; `key` names the question. */
export function listQuery<Item>(
  signal: Signal,
  key: readonly unknown[],
  question: () => Question,
  fetchPage: FetchPage<Item>,
) {
  return infiniteQueryOptions({
    queryKey: [signal, ...key, 'pages'],
    queryFn: (context) => fetchPage(question(), context.pageParam, context.signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page<Item>) => page.next_cursor,
    staleTime: JUST_ASKED_MS,
  });
}
