import type { Clock, RumEvent, TraceSummary, Turn } from '../../api/types.ts';
import { pathOf } from '../addresses.ts';
import { costWords, counted } from '../amounts.ts';
import type { Verdict } from '../Chip.tsx';
import { plainText } from '../plain_text.ts';
import { lengthWords } from '../times.ts';
import { isVerdict } from '../turn/turn_words.ts';
import { vitalsOf } from './vitals.ts';

/** One line of a session's timeline, on the page's clock. */
export interface TimelineRow {
  id: string;
  /** Epoch ms. */
  at: number;
  tone: 'person' | 'machine' | 'bad' | 'quiet';
  label: string;
  detail: string;
  chips: { text: string; tone?: Verdict }[];
  event: RumEvent | null;
  traceId: string | null;
  /** The lines this one stands for; empty for a line of its own. */
  folds: TimelineRow[];
}

/** So many quiet lines in a row are one line until it is opened. */
const FOLD_FROM = 3;

/**
 * The session's events and its LLM traces as one list in order of time.
 *
 * A trace stands where it began on the page's clock (server time less the clock's offset). An answer that names
 * its trace and the trace itself are one line. What was found wrong with an answer is told at it, as far as `turns`
 * are known.
 */
export function timelineOf(
  events: RumEvent[],
  traces: TraceSummary[],
  clock: Clock | null,
  turns: Turn[] = [],
): TimelineRow[] {
  const byId = new Map(traces.map((trace) => [trace.trace_id, trace]));
  const answered = new Set<string>();
  const rows: TimelineRow[] = [];
  for (const event of events) {
    const trace = event.type === 'answer' && event.trace_id ? byId.get(event.trace_id) : undefined;
    if (trace) answered.add(trace.trace_id);
    rows.push(rowOfEvent(event, trace));
  }
  for (const trace of traces) if (!answered.has(trace.trace_id)) rows.push(rowOfTrace(trace, clock));
  for (const turn of turns) {
    const chips = faultsOf(turn);
    const row = chips.length > 0 ? rows.find((one) => isRowOf(one, turn)) : undefined;
    if (row) row.chips = [...chips, ...row.chips];
  }
  return rows.sort((a, b) => a.at - b.at);
}

/** Whether a line is the one of an answer: the page's half of it, or, where the page told nothing, its trace. */
function isRowOf({ event, traceId }: TimelineRow, { turn_id, felt, served }: Turn): boolean {
  if (felt) return event?.event_id === turn_id;
  return event === null && traceId !== null && traceId === served?.trace_id;
}

/** Each label that an answer failed by, once. */
function faultsOf({ evaluations }: Turn): TimelineRow['chips'] {
  const failed = evaluations.filter((one) => isVerdict(one) && one.assessment === 'fail');
  return [...new Set(failed.map(({ label }) => label))].map((label) => ({
    text: `${label}: fail`,
    tone: 'bad',
  }));
}

/**
 * The lines to show: a run of quiet ones (resources that went well, long tasks) is one line, so that what the
 * person did stands out; those of `opened` are followed by what they stand for.
 */
export function foldQuiet(rows: TimelineRow[], opened: ReadonlySet<string>): TimelineRow[] {
  const shown: TimelineRow[] = [];
  let run: TimelineRow[] = [];
  const endRun = () => {
    const fold = run.length >= FOLD_FROM ? foldOf(run) : null;
    if (fold) shown.push(fold);
    if (!fold || opened.has(fold.id)) shown.push(...run);
    run = [];
  };
  for (const row of rows) {
    if (row.tone === 'quiet') {
      run.push(row);
    } else {
      endRun();
      shown.push(row);
    }
  }
  endRun();
  return shown;
}

function foldOf(run: TimelineRow[]): TimelineRow | null {
  const [first] = run;
  if (!first) return null;
  const counts = new Map<string, number>();
  for (const row of run) counts.set(row.label, (counts.get(row.label) ?? 0) + 1);
  const words = [...counts].map(([label, count]) => counted(count, label.toLowerCase()));
  return { ...first, id: `fold ${first.id}`, label: words.join(' · '), detail: '', event: null, folds: run };
}

/** When a trace began, on the page's clock. */
export function traceStartOnPage(trace: { start: string }, clock: Clock | null): number {
  return Date.parse(trace.start) - (clock?.offset_ms ?? 0);
}

function rowOfTrace(trace: TraceSummary, clock: Clock | null): TimelineRow {
  return {
    id: `trace ${trace.trace_id}`,
    at: traceStartOnPage(trace, clock),
    tone: 'machine',
    label: `LLM trace · ${trace.name}`,
    detail: plainText(trace.input),
    chips: traceChips(trace),
    event: null,
    traceId: trace.trace_id,
    folds: [],
  };
}

function traceChips(trace: TraceSummary): TimelineRow['chips'] {
  const chips: TimelineRow['chips'] = [
    { text: `${lengthWords(trace.duration_ms)} · ${costWords(trace.cost_usd)}` },
  ];
  if (trace.status === 'error') chips.push({ text: 'failed', tone: 'bad' });
  if (!trace.is_complete) chips.push({ text: 'running' });
  return chips;
}

const FRUSTRATION_WORDS: Record<string, string> = {
  rage_click: 'Rage click',
  dead_click: 'Dead click',
  error_click: 'Error click',
};

function rowOfEvent(event: RumEvent, trace: TraceSummary | undefined): TimelineRow {
  const row: TimelineRow = {
    id: event.event_id,
    at: Date.parse(event.ts),
    tone: 'person',
    label: '',
    detail: '',
    chips: [],
    event,
    traceId: trace?.trace_id ?? (event.type === 'answer' ? (event.trace_id ?? null) : null),
    folds: [],
  };
  return { ...row, ...wordsOf(event, trace) };
}

function wordsOf(event: RumEvent, trace: TraceSummary | undefined): Partial<TimelineRow> {
  switch (event.type) {
    case 'view':
      return viewWords(event);
    case 'action':
      return actionWords(event);
    case 'error':
      return { tone: 'bad', label: 'Error', detail: event.name };
    case 'resource':
      return resourceWords(event);
    case 'long_task':
      return {
        tone: 'quiet',
        label: 'Long task',
        detail: event.duration_ms == null ? '' : lengthWords(event.duration_ms),
      };
    case 'answer':
      return answerWords(event, trace);
    case 'reaction':
      return reactionWords(event);
    default:
      return { tone: 'quiet', label: event.type.replaceAll('_', ' '), detail: event.name };
  }
}

/** A view; of its vitals only those worth a look. */
function viewWords(event: RumEvent): Partial<TimelineRow> {
  const chips = vitalsOf(event.attributes)
    .filter(({ tone }) => tone !== 'ok')
    .map(({ name, words, tone }) => ({ text: `${name} ${words}`, tone }));
  return { label: 'View', detail: pathOf(event.view_url) || event.name, chips };
}

function actionWords(event: RumEvent): Partial<TimelineRow> {
  const frustration = event.frustrations?.[0];
  if (frustration) {
    return {
      tone: 'bad',
      label: FRUSTRATION_WORDS[frustration] ?? frustration,
      detail: event.name ? `“${event.name}”` : '',
    };
  }
  const kind = event.action_type ?? 'action';
  const name = event.name && event.name !== kind ? ` “${event.name}”` : '';
  return { label: `${kind.charAt(0).toUpperCase()}${kind.slice(1)}${name}` };
}

/** How an answer ended, where that is worth a word. */
const END_CHIPS: Record<string, { text: string; tone: Verdict }> = {
  stopped: { text: 'stopped by user', tone: 'warn' },
  network: { text: 'connection lost', tone: 'bad' },
  hidden: { text: 'tab hidden', tone: 'warn' },
  error: { text: 'failed', tone: 'bad' },
};

/** An answer as the browser felt it, with what its trace cost. */
function answerWords(event: RumEvent, trace: TraceSummary | undefined): Partial<TimelineRow> {
  const answer = (event.attributes?.answer ?? {}) as {
    question?: string;
    first_byte_ms?: number;
    first_paint_ms?: number;
    end_reason?: string;
  };
  const firstWord = answer.first_paint_ms ?? answer.first_byte_ms;
  const end = END_CHIPS[answer.end_reason ?? ''];
  const chips: TimelineRow['chips'] = [];
  if (end) chips.push(end);
  if (firstWord !== undefined) chips.push({ text: `first word ${lengthWords(firstWord)}` });
  if (trace) chips.push(...traceChips(trace));
  const question = answer.question ?? trace?.input;
  return { tone: 'machine', label: 'Answer', detail: plainText(question ?? event.name), chips };
}

/** What the person did with an answer, and whether that speaks for or against it. */
const REACTIONS: Record<string, { words: string; tone?: Verdict }> = {
  copy: { words: 'Copied the answer', tone: 'ok' },
  retry: { words: 'Asked again', tone: 'warn' },
  rephrase: { words: 'Rephrased the question', tone: 'warn' },
  stop: { words: 'Stopped the answer', tone: 'warn' },
  thumbs_up: { words: 'Thumbs up', tone: 'ok' },
  thumbs_down: { words: 'Thumbs down', tone: 'bad' },
  edit: { words: 'Edited the question' },
  rage_click: { words: 'Rage click after the answer', tone: 'bad' },
  leave: { words: 'Left the view of the answer' },
};

function reactionWords(event: RumEvent): Partial<TimelineRow> {
  const { kind = event.name, after_ms } = (event.attributes?.reaction ?? {}) as {
    kind?: string;
    after_ms?: number;
  };
  const reaction = REACTIONS[kind] ?? { words: kind.replaceAll('_', ' ') };
  const after = after_ms === undefined ? null : `${lengthWords(after_ms)} after it`;
  const chip = after ? [{ text: after, ...(reaction.tone ? { tone: reaction.tone } : {}) }] : [];
  return { tone: reaction.tone === 'bad' ? 'bad' : 'person', label: reaction.words, chips: chip };
}

function resourceWords(event: RumEvent): Partial<TimelineRow> {
  const isBad = (event.status_code ?? 0) >= 400;
  const facts = [
    event.status_code || null,
    event.duration_ms == null ? null : lengthWords(event.duration_ms),
  ];
  return {
    tone: isBad ? 'bad' : 'quiet',
    label: 'Resource',
    detail: [
      `${event.method ?? ''} ${pathOf(event.name)}`.trim(),
      ...facts.filter((fact) => fact !== null),
    ].join(' · '),
  };
}
