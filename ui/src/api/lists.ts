import { get } from './client.ts';
import type { Question } from './explore.ts';
import type { Page, Session, Span, TraceSummary, Turn } from './types.ts';

const LIST_LIMIT = 50;

type FetchPage<Item> = (
  question: Question,
  cursor: string | null,
  signal?: AbortSignal,
) => Promise<Page<Item>>;

/** Asks a list of the API for its pages, the newest first. */
function pagesOf<Item>(path: string): FetchPage<Item> {
  return (question, cursor, signal) => get(path, { ...question, limit: LIST_LIMIT, cursor }, signal);
}

export const fetchSessions = pagesOf<Session>('/sessions');
export const fetchTraces = pagesOf<TraceSummary>('/traces');
export const fetchSpans = pagesOf<Span>('/spans');
/** Answers of the agents, each with its question: by when they were asked. */
export const fetchTurns = pagesOf<Turn>('/turns');
