import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { get } from './client.ts';
import type { LinkCheck, Page, RumEvent, Session, TraceSummary } from './types.ts';

/** RFC 3339 bounds of a list; `to` null means now. */
export interface Bounds {
  from: string;
  to: string | null;
}

const EVENTS_LIMIT = 1_000;

export function sessionQuery(sessionId: string) {
  return queryOptions({
    queryKey: ['session', sessionId],
    queryFn: ({ signal }) => get<Session>(`/sessions/${encodeURIComponent(sessionId)}`, {}, signal),
  });
}

/** Events of a session in order of time, a thousand a page. */
export function sessionEventsQuery(sessionId: string) {
  return infiniteQueryOptions({
    queryKey: ['session', sessionId, 'events'],
    queryFn: ({ pageParam, signal }) =>
      get<Page<RumEvent>>(
        `/sessions/${encodeURIComponent(sessionId)}/events`,
        { limit: EVENTS_LIMIT, cursor: pageParam },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** LLM traces of a session; answers for any claimed id, also before RUM of it exists. */
export function sessionTracesQuery(sessionId: string) {
  return queryOptions({
    queryKey: ['session', sessionId, 'traces'],
    queryFn: ({ signal }) =>
      get<Page<TraceSummary>>(
        `/sessions/${encodeURIComponent(sessionId)}/traces`,
        { limit: EVENTS_LIMIT },
        signal,
      ),
  });
}

/** What both sides know of a session that nothing is linked to. */
export function linkCheckQuery(sessionId: string) {
  return queryOptions({
    queryKey: ['session', sessionId, 'link-check'],
    queryFn: ({ signal }) =>
      get<LinkCheck>(`/sessions/${encodeURIComponent(sessionId)}/link-check`, {}, signal),
  });
}
