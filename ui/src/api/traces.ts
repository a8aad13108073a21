import { queryOptions } from '@tanstack/react-query';
import { get } from './client.ts';
import type { Trace } from './types.ts';

/** A trace may still grow, or its session arrive after it: look again this often … */
const GROWING_MS = 2_000;
/** … the larger the trace, the more seldom (per thousand spans) … */
const GROWING_MS_PER_1000_SPANS = 2_000;
/** … for this long after its start. */
const GROWING_FOR_MS = 60_000;

export function traceQuery(traceId: string) {
  return queryOptions({
    queryKey: ['trace', traceId],
    queryFn: ({ signal }) => get<Trace>(`/traces/${encodeURIComponent(traceId)}`, {}, signal),
    refetchInterval: ({ state }) => (state.data ? refetchAfter(state.data) : false),
  });
}

/** A trace that is not whole is looked at while its last span is no older than this: agents may run long. */
const RUNNING_FOR_MS = 15 * 60_000;

function refetchAfter(trace: Trace): number | false {
  const start = Date.parse(trace.start);
  const now = Date.now();
  const isRunning = !trace.is_complete && now - start - trace.duration_ms < RUNNING_FOR_MS;
  const awaitsSession = now - start < GROWING_FOR_MS && !trace.sessions.some((session) => session.exists);
  if (!isRunning && !awaitsSession) return false;
  return GROWING_MS + (trace.spans.length / 1_000) * GROWING_MS_PER_1000_SPANS;
}
