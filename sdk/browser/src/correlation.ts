import type { Bags } from './context.js';
import { spanId, traceId } from './ids.js';
import { fits, type Options } from './options.js';
import { isSampled } from './session.js';
import type { ViewHistory } from './view_history.js';

/** The trace a request belongs to, as the server's spans will name it, in wire names. */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  trace_id: string;
  /** 16 lower-case hex digits: the parent of the server's first span. */
  span_id: string;
}

/** Headers to add to a request, and the trace they name. */
export interface TracedHeaders {
  headers: Record<string, string>;
  trace: TraceContext;
  sessionId: string;
}

/** What the page itself has set on a request. */
export type OwnHeaders = Pick<Headers, 'get'>;

/** W3C Trace Context, section 3.2: version, trace id, parent id, flags. */
const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}/;

/** Gives what is to be added to a request, or undefined when it is to be left alone. */
export type HeadersFor = (url: string, own: OwnHeaders) => TracedHeaders | undefined;

interface CorrelationParts {
  options: Options;
  history: ViewHistory;
  bags: Bags;
}

/**
 * Whether and how a request is correlated: its own origin always, others by `allowedTracingUrls`, none that
 * `excludedTracingUrls` names. A header more on a foreign origin means a preflight, which may fail the request.
 */
export function tracedBy({ options, history, bags }: CorrelationParts): HeadersFor {
  return (url, own) => {
    const view = history.at();
    const isOwn = url.startsWith(`${location.origin}/`);
    if (!view || !(isOwn || fits(options.allowedTracingUrls, url)) || fits(options.excludedTracingUrls, url))
      return undefined;
    return tracedHeaders(own, view.sessionId, bags.user.get().id, options);
  };
}

/**
 * `traceparent`, `tracestate` and `baggage` to add to one request; undefined for a session that `traceSampleRate`
 * leaves out. The page's own `traceparent` is kept and its trace told;
 * of the baggage only the members are given that the page has not set itself, to be appended to its own.
 */
function tracedHeaders(
  own: OwnHeaders,
  sessionId: string,
  userId: unknown,
  { traceSampleRate, traceContextInjection, propagateTraceBaggage }: Options,
): TracedHeaders | undefined {
  const isIn = isSampled(sessionId, traceSampleRate);
  if (!isIn && traceContextInjection === 'sampled') return undefined;
  const given = own.get('traceparent');
  const [, trace_id = traceId(), span_id = spanId()] = TRACEPARENT.exec(given?.trim() ?? '') ?? [];
  const headers: Record<string, string> = {};
  if (!given) {
    const flag = Number(isIn);
    headers.traceparent = `00-${trace_id}-${span_id}-0${flag}`;
    headers.tracestate = `dip=s:${flag};o:rum`;
  }
  const members = { 'session.id': sessionId, 'user.id': userId };
  const baggage = propagateTraceBaggage && missingMembers(own.get('baggage') ?? '', members);
  if (baggage) headers.baggage = baggage;
  return { headers, trace: { trace_id, span_id }, sessionId };
}

/** W3C Baggage, section 3.3: `key=value` members divided by commas, values percent-encoded. */
function missingMembers(own: string, members: Record<string, unknown>): string {
  const known = own.split(',').map((member) => member.split('=', 1)[0]?.trim());
  return Object.entries(members)
    .filter(([key, value]) => value && !known.includes(key))
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`)
    .join();
}
