import { nowMs, toNs } from '../clock.js';
import type { Emit } from '../events.js';
import { graphQlOf } from '../graphql.js';
import { guarded } from '../guard.js';
import type { Hub } from '../hub.js';
import { uuid } from '../ids.js';
import type { Options } from '../options.js';
import { pageLoad, whenLoaded } from '../page_life.js';
import { isTimingOf, STREAMED } from '../requests.js';
import { headersOf, wantedHeaders } from '../resource_headers.js';
import type { PageRequest } from '../types/request.js';
import { wireFields } from '../wire_fields.js';

/** Requests that wait for their timing at the same time; the oldest leaves without it. */
const MAX_WAITING = 200;
/** The browser's timing of a finished request arrives within this time, if it does at all. */
const TIMING_AFTER_END_MS = 500;
/** A body that nobody reads never ends: the request leaves with the time of its headers. Streams are waited for. */
const TIMING_AFTER_HEADERS_MS = 30_000;

interface Waiting {
  request: PageRequest;
  timer?: ReturnType<typeof setTimeout>;
}

interface ResourceParts {
  hub: Hub;
  emit: Emit;
  options: Options;
  /** Our own requests. */
  isOurs(url: string): boolean;
}

/** Every resource of the page; fetch and XHR with method, status and trace, joined with the browser's timing. */
export function captureResources({ hub, emit, options, isOurs }: ResourceParts): void {
  const waiting: Waiting[] = [];

  function send(request: PageRequest, entry?: PerformanceResourceTiming): void {
    const { trace, xhr, url, contentType, headers } = request;
    const { trackResourceHeaders, allowedGraphQlUrls } = options;
    const rules = trackResourceHeaders === true ? [{}] : trackResourceHeaders;
    const [asked, answered] =
      rules.length > 0 ? [headers, request.response?.headers ?? (xhr && headersOf(xhr))] : [];
    const kept = wantedHeaders('request', asked, url, rules);
    const endMs = entry ? entry.responseEnd : (request.endMs ?? nowMs());
    emit({
      type: 'resource',
      startMs: request.startMs,
      behind: { performanceEntry: entry, response: request.response },
      wire: {
        resource: {
          id: uuid(),
          type: xhr ? 'xhr' : 'fetch',
          method: request.method,
          url,
          status_code: request.status ?? 0,
          duration: toNs(Math.max(0, endMs - request.startMs)),
          ...(entry && timingOf(entry)),
          request: kept && { headers: kept },
          response: contentType && {
            headers: { 'content-type': contentType, ...wantedHeaders('response', answered, url, rules) },
          },
          graphql: graphQlOf(request, allowedGraphQlUrls),
        },
        dip: trace && { ...trace },
      },
    });
  }

  /** What only the browser has seen. */
  function sendPlain(entry: PerformanceResourceTiming, fields: Record<string, unknown>): void {
    const { name, startTime, responseEnd, responseStatus } = entry;
    emit({
      type: 'resource',
      startMs: startTime,
      behind: { performanceEntry: entry },
      wire: {
        resource: {
          id: uuid(),
          url: name,
          duration: toNs(responseEnd - startTime),
          status_code: responseStatus || undefined,
          ...timingOf(entry),
          ...fields,
        },
      },
    });
  }

  function settle(wait: Waiting, entry?: PerformanceResourceTiming): void {
    const at = waiting.indexOf(wait);
    if (at < 0) return;
    waiting.splice(at, 1);
    clearTimeout(wait.timer);
    send(wait.request, entry);
  }

  function onEntry(entry: PerformanceResourceTiming): void {
    if (entry.initiatorType === 'fetch' || entry.initiatorType === 'xmlhttprequest') {
      const wait = waiting.find(({ request }) => isTimingOf(entry, request));
      if (wait) settle(wait, entry);
      return;
    }
    sendPlain(entry, { type: kindOf(entry) });
  }

  hub.on('request_start', (request) => {
    if (isOurs(request.url)) return;
    waiting.push({ request });
    if (waiting.length > MAX_WAITING) settle(waiting[0] as Waiting);
  });
  hub.on('request_end', (request) => {
    const wait = waiting.find((each) => each.request === request);
    if (!wait || STREAMED.test(request.contentType ?? '')) return;
    const isWhole = request.xhr || !request.status;
    wait.timer = setTimeout(
      guarded(() => settle(wait)),
      isWhole ? TIMING_AFTER_END_MS : TIMING_AFTER_HEADERS_MS,
    );
  });
  hub.on('page_exit', () => {
    for (const wait of [...waiting]) if (wait.request.endMs !== undefined) settle(wait);
  });
  hub.on('resource_timing', onEntry);
  whenLoaded(() => {
    const entry = pageLoad();
    if (entry) sendPlain(entry, { type: 'document', method: 'GET', url: entry.name.split('#', 1)[0] });
  });
}

/** Phases on the wire, with the entry's fields in which they begin and end. */
const PHASES =
  'redirect redirectStart redirectEnd,worker workerStart fetchStart,dns domainLookupStart domainLookupEnd,connect connectStart connectEnd,ssl secureConnectionStart connectEnd,first_byte requestStart responseStart,download responseStart responseEnd';
const SIZES = 'encodedBodySize decodedBodySize transferSize';

/** Phases relative to the resource's start; absent where the other origin does not allow them (all zero then). */
function timingOf(entry: PerformanceResourceTiming): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const at = entry as unknown as Record<string, number>;
  for (const phase of PHASES.split(',')) {
    const [name, from, to] = phase.split(' ') as [string, string, string];
    const startMs = at[from] as number;
    const durationMs = (at[to] as number) - startMs;
    // Phases that did not happen are zero, or (a connection used again) begin and end at once.
    if (startMs > 0 && startMs >= entry.startTime && durationMs > 0)
      fields[name] = { start: toNs(startMs - entry.startTime), duration: toNs(durationMs) };
  }
  if (entry.responseStart > 0)
    Object.assign(fields, wireFields(entry, SIZES), { size: entry.decodedBodySize });
  const { deliveryType } = entry as { deliveryType?: string };
  return {
    ...fields,
    protocol: entry.nextHopProtocol || undefined,
    ...wireFields(entry, 'renderBlockingStatus'),
    delivery_type: deliveryType === '' ? 'other' : deliveryType,
  };
}

/** What an initiator loads, and the file endings that tell it where the initiator does not (a style sheet's image). */
const KINDS: [kind: string, initiators: string, endings: RegExp][] = [
  ['css', '', /\.css$/i],
  ['js', 'script', /\.m?js$/i],
  ['image', 'img image', /\.(gif|jpe?g|png|webp|svg|ico|avif|bmp)$/i],
  ['font', '', /\.(woff2?|eot|ttf|otf)$/i],
  ['media', 'audio video', /\.(mp[34]|webm|ogg|wav|m4a|aac)$/i],
  ['beacon', 'beacon', /^$/],
];

function kindOf({ name, initiatorType }: PerformanceResourceTiming): string {
  const [path = ''] = name.split(/[?#]/, 1);
  const kind =
    KINDS.find(([, , endings]) => endings.test(path)) ??
    KINDS.find(([, initiators]) => initiators.split(' ').includes(initiatorType));
  return kind?.[0] ?? 'other';
}
