import { spanId, traceId } from './ids.js';
import { fits, type MatchOption, type Options } from './options.js';

/** The trace a request belongs to, as the server's spans will name it. */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  traceId: string;
  /** 16 lower-case hex digits: the parent of the server's first span. */
  spanId: string;
}

/** Headers to set on a request, and the trace they name. */
export interface TracedHeaders {
  headers: Record<string, string>;
  trace: TraceContext;
}

/** W3C Trace Context, section 3.2: version, trace id, parent id, flags. */
const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-[\da-f]{2}/;

/**
 * Whether a URL may carry our headers: its own origin always, others by `allowedTracingUrls`, none that
 * `excludedTracingUrls` names. A header more on a foreign origin means a preflight, which may fail the request.
 */
export function isTraced(url: string, options: Options): boolean {
  if (options.excludedTracingUrls.some((rule) => fits(rule, url))) return false;
  const rules = options.allowedTracingUrls.map((rule) => (isMatchOption(rule) ? rule : rule.match));
  return isSameOrigin(url) || rules.some((rule) => fits(rule, url));
}

function isMatchOption(rule: MatchOption | { match: MatchOption }): rule is MatchOption {
  return typeof rule !== 'object' || rule instanceof RegExp;
}

function isSameOrigin(url: string): boolean {
  try {
    return new URL(url, location.href).origin === location.origin;
  } catch {
    return false;
  }
}

/**
 * `traceparent` and `baggage` for one request. The page's own `traceparent` is kept and its trace told;
 * its own baggage is kept and ours is added, except for keys that it has set itself.
 */
export function tracedHeaders(
  own: { traceparent: string | null; baggage: string | null },
  identity: { sessionId: string; userId?: string },
  withBaggage: boolean,
): TracedHeaders {
  const headers: Record<string, string> = {};
  const given = TRACEPARENT.exec(own.traceparent?.trim() ?? '');
  const trace = given
    ? { traceId: given[1] as string, spanId: given[2] as string }
    : { traceId: traceId(), spanId: spanId() };
  if (!own.traceparent) headers.traceparent = `00-${trace.traceId}-${trace.spanId}-01`;
  if (withBaggage) headers.baggage = mergedBaggage(own.baggage, identity);
  return { headers, trace };
}

/** W3C Baggage, section 3.3: `key=value` members divided by commas, values percent-encoded. */
function mergedBaggage(own: string | null, identity: { sessionId: string; userId?: string }): string {
  const members = own
    ? own
        .split(',')
        .map((member) => member.trim())
        .filter(Boolean)
    : [];
  const keys = new Set(members.map((member) => member.split('=', 1)[0]?.trim()));
  const ours: [string, string | undefined][] = [
    ['session.id', identity.sessionId],
    ['user.id', identity.userId],
  ];
  for (const [key, value] of ours) {
    if (value && !keys.has(key)) members.push(`${key}=${encodeURIComponent(value)}`);
  }
  return members.join(',');
}
