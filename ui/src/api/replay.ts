import { queryOptions } from '@tanstack/react-query';
import { get } from './client.ts';
import type { Replay, ReplayEvents } from './types.ts';

/** What there is to play of a session, and how far its clock is off. */
export function replayQuery(sessionId: string) {
  return queryOptions({
    queryKey: ['session', sessionId, 'replay'],
    queryFn: ({ signal }) => get<Replay>(`/sessions/${encodeURIComponent(sessionId)}/replay`, {}, signal),
  });
}

/** The recorded events of a run of segments of one view; both indexes are included. */
export function fetchReplayEvents(
  sessionId: string,
  run: { viewId: string; fromIndex: number; toIndex: number },
  signal?: AbortSignal,
): Promise<ReplayEvents> {
  const path = `/sessions/${encodeURIComponent(sessionId)}/replay/events`;
  return get(path, { view_id: run.viewId, from_index: run.fromIndex, to_index: run.toIndex }, signal);
}
