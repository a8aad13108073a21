import type { Clock, Replay, Span, TraceSummary, Turn } from '../../api/types.ts';
import type { Band, Stretch, Tick } from '../../parts/player/playlist.ts';
import { type TimelineRow, traceStartOnPage } from '../../parts/session/timeline.ts';
import { questionSeenAt } from '../../parts/turn/question.ts';

/** Traces that begin later than this after the person left do not stretch the timeline, ms. */
const AFTER_LEAVING_MS = 5 * 60_000;

/** A page may draw an answer's last words this much after they have arrived. */
const DRAWN_LATE_MS = 250;

/** Moments in URLs are whole milliseconds. */
const ROUNDING_MS = 1;

/** A turn on the session's timeline. */
export interface Asked extends Stretch {
  turn: Turn;
  /** When the question stands in the page. */
  seen: number;
}

/** A session as one timeline, on the page's clock. */
export interface Story {
  /** From the first thing known of either side to the last. */
  whole: Stretch;
  /** What the person did. */
  ticks: Tick[];
  /** What the agent did: its traces, in order of time. */
  bands: Band[];
  /** Questions with their answers, in order of time. */
  asked: Asked[];
}

interface Sides {
  replay: Replay | null;
  rows: TimelineRow[];
  traces: TraceSummary[];
  turns: Turn[];
}

/** Lays both sides of a session on one timeline; server times are corrected by the session's clock. */
export function storyOf({ replay, rows, traces, turns }: Sides): Story {
  const clock = replay?.clock ?? null;
  const ticks = rows.filter(isTick).map(tickOf);
  const bands = traces.map((trace) => bandOf(trace, clock)).sort((a, b) => a.start - b.start);
  const asked = turns.map((turn) => askedOf(turn, clock)).sort((a, b) => a.start - b.start);
  return { whole: wholeOf(replay, rows, bands), ticks, bands, asked };
}

function wholeOf(replay: Replay | null, rows: TimelineRow[], bands: Band[]): Stretch {
  const own: Stretch[] = [
    ...(replay?.views ?? []),
    ...rows.filter((row) => row.event !== null).map((row) => ({ start: row.at, end: row.at })),
  ];
  const left = own.length > 0 ? endOf(own) + AFTER_LEAVING_MS : Number.POSITIVE_INFINITY;
  const all = [...own, ...bands.filter((band) => band.start <= left)];
  if (all.length === 0) return { start: 0, end: 0 };
  return { start: all.reduce((least, { start }) => Math.min(least, start), Infinity), end: endOf(all) };
}

function endOf(stretches: Stretch[]): number {
  return stretches.reduce((most, { end }) => Math.max(most, end), Number.NEGATIVE_INFINITY);
}

function isTick({ event, tone }: TimelineRow): boolean {
  return event !== null && (tone === 'bad' || ['view', 'action', 'reaction'].includes(event.type));
}

function tickOf(row: TimelineRow): Tick {
  return { id: row.id, at: row.at, label: `${row.label} ${row.detail}`.trim(), isBad: row.tone === 'bad' };
}

function bandOf(trace: TraceSummary, clock: Clock | null): Band {
  const start = traceStartOnPage(trace, clock);
  return { id: trace.trace_id, start, end: start + trace.duration_ms, label: trace.name };
}

function askedOf(turn: Turn, clock: Clock | null): Asked {
  const { felt, served } = turn;
  const offsetMs = clock?.offset_ms ?? 0;
  const servedAt = served ? served.start_ns / 1e6 - offsetMs : null;
  const start = felt?.asked_ms ?? servedAt ?? Date.parse(turn.asked_at) - offsetMs;
  const felt_end = felt ? start + (felt.done_ms ?? felt.first_word_ms ?? 0) : start;
  return {
    turn,
    start,
    seen: questionSeenAt(start, felt?.first_word_ms),
    end: Math.max(felt_end, servedAt === null ? start : servedAt + (served?.duration_ms ?? 0)),
  };
}

/** The last of what had begun at a moment; null before the first. */
export function lastBegun<One extends Stretch>(ordered: One[], at: number): One | null {
  return ordered.findLast(({ start }) => start - ROUNDING_MS <= at) ?? null;
}

/** The trace that runs at a moment, of several the one that began last. */
export function bandAt(bands: Band[], at: number): Band | null {
  return bands.findLast(({ start, end }) => start - ROUNDING_MS <= at && at <= end + ROUNDING_MS) ?? null;
}

/** The innermost span that runs at a moment (epoch ns, server clock): of those running the one that began last. */
export function spanAt(spans: Span[], nowNs: number): Span | null {
  let found: Span | null = null;
  for (const span of spans) {
    const isRunning = span.start_ns <= nowNs && nowNs <= span.start_ns + span.duration_ns;
    if (isRunning && (found === null || isInside(span, found))) found = span;
  }
  return found;
}

/** The call of a model that wrote what arrived at a moment (epoch ns, server clock): the last that had begun. */
export function writerAt(spans: Span[], nowNs: number): Span | null {
  const calls = spans.filter(({ kind, start_ns }) => kind === 'llm' && start_ns <= nowNs);
  return calls.reduce<Span | null>(
    (last, span) => (last && last.start_ns > span.start_ns ? last : span),
    null,
  );
}

/** The answer of a tab that was given while something was written in it; null where it is none, or one of several. */
export function askedBetween(asked: Asked[], tab: string | null, at: number): Asked | null {
  const own = asked.filter(
    ({ turn, start, end }) => turn.felt?.tab_id === tab && start <= at && at <= end + DRAWN_LATE_MS,
  );
  return own.length === 1 ? (own[0] ?? null) : null;
}

function isInside(span: Span, other: Span): boolean {
  if (span.start_ns !== other.start_ns) return span.start_ns > other.start_ns;
  return span.duration_ns < other.duration_ns || span.parent_id === other.span_id;
}
