import { queryOptions } from '@tanstack/react-query';
import { get } from './client.ts';
import type { Bounds } from './sessions.ts';
import type { Page, Trace, TraceSummary } from './types.ts';

const LIST_LIMIT = 50;
/** A trace whose root has not arrived is still running: look again this often. */
const RUNNING_REFETCH_MS = 1_000;
/** The session of a trace may arrive after it: look again for this long after its start. */
const LATE_SESSION_MS = 60_000;

/** Traces that began within the bounds; `query`: words that an input or output of one of its spans holds. */
export function fetchTraces(
  bounds: Bounds,
  query: string,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<Page<TraceSummary>> {
  return get('/traces', { from: bounds.from, to: bounds.to, query, limit: LIST_LIMIT, cursor }, signal);
}

export function traceQuery(traceId: string) {
  return queryOptions({
    queryKey: ['trace', traceId],
    queryFn: ({ signal }) => get<Trace>(`/traces/${encodeURIComponent(traceId)}`, {}, signal),
    refetchInterval: ({ state }) => (state.data && mayStillGrow(state.data) ? RUNNING_REFETCH_MS : false),
  });
}

function mayStillGrow(trace: Trace): boolean {
  const isRecent = Date.now() - Date.parse(trace.start) < LATE_SESSION_MS;
  return isRecent && (!trace.is_complete || !trace.sessions.some((session) => session.exists));
}
