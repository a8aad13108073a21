import type { Clock, RumEvent, TraceSummary } from '../../api/types.ts';
import { costWords } from '../amounts.ts';
import type { Verdict } from '../Chip.tsx';
import { lengthWords } from '../times.ts';

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
}

/**
 * The session's events and its LLM traces as one list in order of time.
 *
 * A trace stands where it began on the page's clock (server time less the clock's offset). An answer that names
 * its trace and the trace itself are one line.
 */
export function timelineOf(events: RumEvent[], traces: TraceSummary[], clock: Clock | null): TimelineRow[] {
  const byId = new Map(traces.map((trace) => [trace.trace_id, trace]));
  const answered = new Set<string>();
  const rows: TimelineRow[] = [];
  for (const event of events) {
    const trace = event.type === 'answer' && event.trace_id ? byId.get(event.trace_id) : undefined;
    if (trace) answered.add(trace.trace_id);
    rows.push(rowOfEvent(event, trace));
  }
  for (const trace of traces) if (!answered.has(trace.trace_id)) rows.push(rowOfTrace(trace, clock));
  return rows.sort((a, b) => a.at - b.at);
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
    detail: trace.input,
    chips: traceChips(trace),
    event: null,
    traceId: trace.trace_id,
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
    traceId: trace?.trace_id ?? (event.type === 'answer' ? event.trace_id : null),
  };
  return { ...row, ...wordsOf(event, trace) };
}

function wordsOf(event: RumEvent, trace: TraceSummary | undefined): Partial<TimelineRow> {
  switch (event.type) {
    case 'view':
      return { label: 'View', detail: pathOf(event.view_url) || event.name };
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
        detail: event.duration_ms === null ? '' : lengthWords(event.duration_ms),
      };
    case 'answer':
      return {
        tone: 'machine',
        label: `Answer · ${event.name || trace?.name || 'AI answer'}`,
        chips: trace ? traceChips(trace) : [],
      };
    case 'reaction':
      return { label: `After the answer: ${event.name.replaceAll('_', ' ')}` };
    default:
      return { tone: 'quiet', label: event.type.replaceAll('_', ' '), detail: event.name };
  }
}

function actionWords(event: RumEvent): Partial<TimelineRow> {
  const frustration = event.frustrations[0];
  if (frustration) {
    return {
      tone: 'bad',
      label: FRUSTRATION_WORDS[frustration] ?? frustration,
      detail: event.name ? `“${event.name}”` : '',
    };
  }
  const kind = event.action_type ?? 'action';
  return { label: `${kind.charAt(0).toUpperCase()}${kind.slice(1)}${event.name ? ` “${event.name}”` : ''}` };
}

function resourceWords(event: RumEvent): Partial<TimelineRow> {
  const isBad = (event.status_code ?? 0) >= 400;
  const facts = [
    event.status_code || null,
    event.duration_ms === null ? null : lengthWords(event.duration_ms),
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

/** Path and query of an address; the address itself where it is none. */
export function pathOf(address: string): string {
  try {
    const url = new URL(address);
    return `${url.pathname}${url.search}${url.hash}`;
  } catch {
    return address;
  }
}
