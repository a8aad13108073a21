import { randomBytes, randomUUID } from 'node:crypto';
import { required } from './server.ts';

/** Sends what pages and agents send, through the real doors. */

type Json = Record<string, unknown>;

const APPLICATION = { id: 'shop' };

export interface Visit {
  sessionId: string;
  viewId: string;
  tabId: string;
  /** Epoch ms on the page's clock. */
  start: number;
  /** How far the page's clock is ahead of the true time, ms; negative where it is behind. */
  aheadMs?: number;
}

export function newVisit(start: number, of: Partial<Visit> = {}): Visit {
  return { sessionId: randomUUID(), viewId: randomUUID(), tabId: randomUUID(), start, ...of };
}

/** One view of a session, with the events given. */
export async function sendVisit(
  visit: Visit,
  more: {
    user?: Json;
    path?: string;
    env?: string;
    userAgent?: string;
    service?: string;
    /** Fields of the view, such as its Web Vitals. */
    vitals?: Json;
    /** Share of sessions that the page says it records, 0 to 100. */
    sampleRate?: number;
    /** Of another project. */
    key?: string;
    events?: Json[];
  } = {},
) {
  const path = more.path ?? '/tents';
  const common = {
    application: APPLICATION,
    session: { id: visit.sessionId, type: 'user', has_replay: false },
    tab: { id: visit.tabId },
    service: more.service ?? 'shop',
    ...(more.env ? { ddtags: `env:${more.env},version:1.4.0` } : {}),
    ...(more.user ? { usr: more.user } : {}),
  };
  const view = { id: visit.viewId, url: `https://shop.example.com${path}`, referrer: '' };
  const lines: Json[] = [
    {
      type: 'view',
      date: visit.start,
      ...common,
      view: {
        ...view,
        time_spent: 5e9,
        action: { count: 0 },
        error: { count: 0 },
        resource: { count: 0 },
        ...more.vitals,
      },
      _dd: {
        format_version: 2,
        document_version: 1,
        ...(more.sampleRate === undefined ? {} : { configuration: { session_sample_rate: more.sampleRate } }),
      },
    },
    ...(more.events ?? []).map((event) => ({
      date: visit.start,
      ...common,
      view,
      _dd: { format_version: 2 },
      ...event,
    })),
  ];
  await sendRum(lines, visit.aheadMs, more.userAgent, more.key);
}

export async function sendRum(
  lines: Json[],
  aheadMs = 0,
  userAgent = 'test',
  key = required('DIPTYCH_UI_CLIENT_KEY'),
): Promise<void> {
  const body = lines.map((line) => JSON.stringify(line)).join('\n');
  const sentAt = Date.now() + aheadMs;
  const answer = await post(`/v1/rum?key=${key}&sent_at=${sentAt}`, body, {
    'content-type': 'text/plain',
    'user-agent': userAgent,
  });
  const { rejected, reasons } = JSON.parse(answer) as { rejected: number; reasons: unknown };
  if (rejected > 0) throw new Error(`rejected: ${JSON.stringify(reasons)}`);
}

export function click(at: number, name: string): Json {
  return { type: 'action', date: at, action: { id: randomUUID(), type: 'click', target: { name } } };
}

/** One segment of a view's recording. */
export async function sendSegment(
  visit: Visit,
  index: number,
  events: { timestamp: number }[],
): Promise<void> {
  const header = {
    format: 'rrweb',
    application: APPLICATION,
    session: { id: visit.sessionId },
    view: { id: visit.viewId },
    tab: { id: visit.tabId },
    index_in_view: index,
    start: events[0]?.timestamp,
    end: events.at(-1)?.timestamp,
    records_count: events.length,
    has_full_snapshot: index === 0,
    creation_reason: index === 0 ? 'init' : 'segment_duration_limit',
  };
  const body = [header, ...events].map((line) => JSON.stringify(line)).join('\n');
  const sentAt = Date.now() + (visit.aheadMs ?? 0);
  await post(`/v1/replay?key=${required('DIPTYCH_UI_CLIENT_KEY')}&sent_at=${sentAt}`, body, {
    'content-type': 'text/plain',
  });
}

export interface SpanSpec {
  id?: string;
  parent?: string;
  name: string;
  kind: string;
  /** Epoch ms on the server's clock. */
  start: number;
  durationMs: number;
  attributes?: Record<string, string | number>;
  error?: string;
}

export function newId(bytes: 8 | 16): string {
  return randomBytes(bytes).toString('hex');
}

export async function sendSpans(
  traceId: string,
  spans: SpanSpec[],
  key = required('DIPTYCH_UI_SERVER_KEY'),
  service = 'concierge',
): Promise<void> {
  const body = JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [attribute('service.name', service)] },
        scopeSpans: [{ scope: { name: 'test' }, spans: spans.map((span) => otlpSpan(traceId, span)) }],
      },
    ],
  });
  await post('/v1/traces', body, {
    'content-type': 'application/json',
    authorization: `Bearer ${key}`,
  });
}

export async function sendEvaluation(
  evaluation: Json,
  key = required('DIPTYCH_UI_SERVER_KEY'),
): Promise<void> {
  const answer = await post('/v1/evaluations', JSON.stringify({ evaluations: [evaluation] }), {
    'content-type': 'application/json',
    authorization: `Bearer ${key}`,
  });
  if (!answer.includes('"accepted":1')) throw new Error(answer);
}

function otlpSpan(traceId: string, span: SpanSpec): Json {
  const ns = (ms: number) => `${BigInt(Math.round(ms * 1_000)) * 1_000n}`;
  const attributes = { 'diptych.span.kind': span.kind, ...span.attributes };
  return {
    traceId,
    spanId: span.id ?? newId(8),
    ...(span.parent ? { parentSpanId: span.parent } : {}),
    name: span.name,
    kind: 1,
    startTimeUnixNano: ns(span.start),
    endTimeUnixNano: ns(span.start + span.durationMs),
    attributes: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    ...(span.error ? { status: { code: 2, message: span.error } } : {}),
  };
}

function attribute(key: string, value: string | number): Json {
  return { key, value: typeof value === 'number' ? { intValue: `${value}` } : { stringValue: value } };
}

async function post(path: string, body: string, headers: Record<string, string>): Promise<string> {
  const answer = await fetch(`${required('DIPTYCH_UI_SERVER')}${path}`, { method: 'POST', headers, body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return text;
}
