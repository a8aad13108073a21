import { spanId, traceId } from './ids.js';
import { fits, type Options } from './options.js';
import { isSampled } from './session.js';

/** The trace a request belongs to, as the server's spans will name it. */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  traceId: string;
  /** 16 lower-case hex digits: the parent of the server's first span. */
  spanId: string;
}

/** Who asks, as baggage tells it. */
export interface Identity {
  sessionId: string;
  userId?: string | undefined;
}

/** Headers to add to a request, and the trace they name. */
export interface TracedHeaders {
  headers: Record<string, string>;
  trace: TraceContext;
}

/** What the page itself has set on a request. */
export type OwnHeaders = Pick<Headers, 'get'>;

/** W3C Trace Context, section 3.2: version, trace id, parent id, flags. */
const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}/;

/**
 * Whether a URL may carry our headers: its own origin always, others by `allowedTracingUrls`, none that
 * `excludedTracingUrls` names. A header more on a foreign origin means a preflight, which may fail the request.
 */
export function isTraced(url: string, options: Options): boolean {
  const isOwn = new URL(url, location.href).origin === location.origin;
  return (isOwn || fits(options.allowedTracingUrls, url)) && !fits(options.excludedTracingUrls, url);
}

/**
 * `traceparent`, `tracestate` and `baggage` to add to one request; undefined for a session that `traceSampleRate`
 * leaves out. The page's own `traceparent` is kept and its trace told;
 * of the baggage only the members are given that the page has not set itself, to be appended to its own.
 */
export function tracedHeaders(
  own: OwnHeaders,
  identity: Identity,
  { traceSampleRate, traceContextInjection, propagateTraceBaggage }: Options,
): TracedHeaders | undefined {
  const isIn = isSampled(identity.sessionId, traceSampleRate);
  if (!isIn && traceContextInjection === 'sampled') return undefined;
  const given = own.get('traceparent');
  const [, ownTraceId, ownSpanId] = TRACEPARENT.exec(given?.trim() ?? '') ?? [];
  const trace = { traceId: ownTraceId ?? traceId(), spanId: ownSpanId ?? spanId() };
  const headers: Record<string, string> = {};
  if (!given) {
    const flag = Number(isIn);
    headers.traceparent = `00-${trace.traceId}-${trace.spanId}-0${flag}`;
    headers.tracestate = `dip=s:${flag};o:rum`;
  }
  const baggage = propagateTraceBaggage && missingMembers(own.get('baggage') ?? '', identity);
  if (baggage) headers.baggage = baggage;
  return { headers, trace };
}

/** W3C Baggage, section 3.3: `key=value` members divided by commas, values percent-encoded. */
function missingMembers(own: string, { sessionId, userId }: Identity): string {
  const members = { 'session.id': sessionId, 'user.id': userId };
  return Object.entries(members)
    .filter(
      ([key, value]) => value && !own.split(',').some((member) => member.split('=', 1)[0]?.trim() === key),
    )
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`)
    .join();
}
