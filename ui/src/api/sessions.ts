import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ApiError, get } from './client.ts';
import type { LinkCheck, Page, RumEvent, Session, TraceSummary } from './types.ts';

/** RFC 3339 bounds of a list; `to` null means now. */
export interface Bounds {
  from: string;
  to: string | null;
}

const EVENTS_LIMIT = 1_000;

/**
 * One session; null where none of that id is stored. No error: that is forgotten each time the question is asked anew,
 * and the page that tells of it would be taken away.
 */
export function sessionQuery(sessionId: string) {
  return queryOptions({
    queryKey: ['session', sessionId],
    queryFn: async ({ signal }): Promise<Session | null> => {
      try {
        return await get<Session>(`/sessions/${encodeURIComponent(sessionId)}`, {}, signal);
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
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
