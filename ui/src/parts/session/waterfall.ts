import type { RumEvent, TraceSummary } from '../../api/types.ts';
import { pathOf } from '../addresses.ts';
import { type Vital, vitalsOf } from './vitals.ts';

/** A stretch of a request on the wire; ms from the request's start. */
export interface Phase {
  name: PhaseName;
  startMs: number;
  durationMs: number;
}

/** In the order in which they happen, by the wire's names. */
const PHASES = ['redirect', 'worker', 'dns', 'connect', 'ssl', 'first_byte', 'download'] as const;
export type PhaseName = (typeof PHASES)[number];

export const PHASE_WORDS: Record<PhaseName, string> = {
  redirect: 'Redirect',
  worker: 'Service worker',
  dns: 'DNS',
  connect: 'Connect',
  ssl: 'TLS',
  first_byte: 'Waiting for the first byte',
  download: 'Download',
};

/** What kind of thing was asked for, as the list is filtered by. */
export type RequestKind = 'document' | 'fetch' | 'js' | 'css' | 'image' | 'font' | 'other';

/** One request of a view. */
export interface ViewRequest {
  event: RumEvent;
  /** Epoch ms on the page's clock. */
  at: number;
  durationMs: number;
  kind: RequestKind;
  /** The path, or the whole address where it went to another origin than the page's. */
  name: string;
  hasFailed: boolean;
  phases: Phase[];
  /** The LLM trace that it carried. */
  traceId: string | null;
}

/** A view with all it asked for. */
export interface LoadedView {
  event: RumEvent | null;
  viewId: string;
  url: string;
  at: number;
  vitals: Vital[];
  requests: ViewRequest[];
  axis: Axis;
}

/** The views of a session in order of time, each with its requests. */
export function loadedViews(events: RumEvent[], traceOf: TraceFinder): LoadedView[] {
  const views = new Map<string, { event: RumEvent | null; requests: ViewRequest[] }>();
  const partOf = (id: string) => {
    const part = views.get(id) ?? { event: null, requests: [] };
    views.set(id, part);
    return part;
  };
  for (const event of events) {
    if (event.type === 'view') partOf(event.view_id).event = event;
    else if (event.type === 'resource') partOf(event.view_id).requests.push(requestOf(event, traceOf));
  }
  return [...views]
    .map(([viewId, { event, requests }]) => {
      const sorted = requests.sort((a, b) => a.at - b.at);
      const at = Math.min(event ? Date.parse(event.ts) : Number.POSITIVE_INFINITY, sorted[0]?.at ?? Infinity);
      return {
        event,
        viewId,
        at,
        url: event?.view_url || sorted[0]?.event.view_url || '',
        vitals: vitalsOf(event?.attributes),
        requests: sorted,
        axis: axisOf(at, sorted),
      };
    })
    .sort((a, b) => a.at - b.at);
}

/** Gives the LLM trace that an id of the page means, or null. */
export type TraceFinder = (id: string | null | undefined) => string | null;

/** Finds ids among the traces of a session; a page may have sent the low 64 bits of one only. */
export function traceFinder(traces: TraceSummary[]): TraceFinder {
  const whole = new Set(traces.map((trace) => trace.trace_id));
  const byLow = new Map(traces.map((trace) => [trace.trace_id.slice(-LOW_64_HEX), trace.trace_id]));
  return (id) => {
    if (!id) return null;
    if (whole.has(id)) return id;
    return id.startsWith(NO_HIGH_64) ? (byLow.get(id.slice(-LOW_64_HEX)) ?? null) : null;
  };
}

const LOW_64_HEX = 16;
const NO_HIGH_64 = '0'.repeat(LOW_64_HEX);

function requestOf(event: RumEvent, traceOf: TraceFinder): ViewRequest {
  const kind = kindOf(event.resource_type);
  const status = event.status_code ?? 0;
  return {
    event,
    at: Date.parse(event.ts),
    durationMs: event.duration_ms ?? 0,
    kind,
    name: nameOf(event.name, event.view_url),
    hasFailed: status >= 400 || (kind === 'fetch' && status === 0),
    phases: phasesOf(event),
    traceId: traceOf(event.trace_id),
  };
}

function kindOf(type: string | null | undefined): RequestKind {
  if (type === 'fetch' || type === 'xhr') return 'fetch';
  return type === 'document' || type === 'js' || type === 'css' || type === 'image' || type === 'font'
    ? type
    : 'other';
}

function nameOf(address: string, viewUrl: string): string {
  try {
    const url = new URL(address);
    return url.origin === new URL(viewUrl).origin ? pathOf(address) : `${url.host}${pathOf(address)}`;
  } catch {
    return address;
  }
}

/**
 * The phases that the browser told, in their order. The wire's `connect` holds its `ssl`; here it ends where that
 * begins, so that phases never lie over each other.
 */
export function phasesOf(event: RumEvent): Phase[] {
  const sent = (event.attributes?.resource ?? {}) as Record<string, { start?: unknown; duration?: unknown }>;
  const phases = PHASES.flatMap((name) => {
    const { start, duration } = sent[name] ?? {};
    if (typeof start !== 'number' || typeof duration !== 'number' || duration <= 0) return [];
    return [{ name, startMs: start / 1e6, durationMs: duration / 1e6 }];
  });
  const ssl = phases.find(({ name }) => name === 'ssl');
  return phases.map((phase) =>
    ssl && phase.name === 'connect'
      ? { ...phase, durationMs: Math.max(0, ssl.startMs - phase.startMs) }
      : phase,
  );
}

/** A line of time on which stretches without a request are folded to a narrow gap. */
export interface Axis {
  /** Share of the line, 0 to 1, of a moment in epoch ms. */
  place: (at: number) => number;
  gaps: { from: number; to: number; ms: number }[];
}

/** So long nothing is under way before the line is folded. */
const IDLE_MS = 1_000;
/** Share of the line that a gap takes; all of them together never more than `GAPS_SHARE`. */
const GAP_SHARE = 0.03;
const GAPS_SHARE = 0.3;

export function axisOf(start: number, requests: { at: number; durationMs: number }[]): Axis {
  const busy: { from: number; to: number }[] = [{ from: start, to: start }];
  for (const { at, durationMs } of requests) {
    const last = busy.at(-1) as { from: number; to: number };
    if (at - last.to > IDLE_MS) busy.push({ from: at, to: at + durationMs });
    else last.to = Math.max(last.to, at + durationMs);
  }
  const gapShare = Math.min(GAP_SHARE, GAPS_SHARE / Math.max(1, busy.length - 1));
  const busyMs = Math.max(
    1,
    busy.reduce((sum, { from, to }) => sum + to - from, 0),
  );
  const perMs = (1 - gapShare * (busy.length - 1)) / busyMs;
  let share = 0;
  const stretches = busy.map(({ from, to }) => {
    const stretch = { from, to, share };
    share += (to - from) * perMs + gapShare;
    return stretch;
  });
  const place = (at: number) => {
    const index = Math.max(
      0,
      stretches.findLastIndex(({ from }) => from <= at),
    );
    const { from, to, share: begin } = stretches[index] as (typeof stretches)[number];
    const next = stretches[index + 1];
    const end = begin + (to - from) * perMs;
    if (at <= to) return begin + Math.max(0, at - from) * perMs;
    return next ? end + (gapShare * (at - to)) / (next.from - to) : end;
  };
  const gaps = stretches.slice(1).map((next, index) => {
    const before = stretches[index] as (typeof stretches)[number];
    return { from: next.share - gapShare, to: next.share, ms: next.from - before.to };
  });
  return { place, gaps };
}
