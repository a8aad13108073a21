import {
  click,
  newId,
  newVisit,
  type SpanSpec,
  sendEvaluation,
  sendSegment,
  sendSpans,
  sendVisit,
  type Visit,
} from './feed.ts';
import { element, mutation, type RecordedEvent, snapshot, words } from './recording.ts';

/**
 * A session whose every moment is known, from a browser whose clock is 7 s behind.
 *
 * All times below are ms after the session began, in truth; the page's own clock shows them 7 s early.
 */
export const BEHIND_MS = 7_000;

export const ASKED_MS = 10_000;
/** The request, the agent's trace in it, and the model's first token in that. */
const REQUEST_MS = 6_000;
const NETWORK_MS = 40;
const AGENT_MS = 5_900;
const ANSWER_SPAN_MS = 2_000;
const TTFT_MS = 500;
const FIRST_TOKEN_MS = ASKED_MS + NETWORK_MS + ANSWER_SPAN_MS + TTFT_MS;
export const FIRST_PAINT_MS = FIRST_TOKEN_MS + 60;
export const SECOND_ASKED_MS = 24_000;
const SECOND_VIEW_MS = 20_000;
const RECORDED_UNTIL_MS = 30_000;
const LAST_CLICK_MS = 40_000;

const SAID = 'You can return any item within 90 days, even if it has been used outdoors, for a full refund.';

export interface BothSides {
  visit: Visit;
  traceId: string;
  secondTraceId: string;
  answerId: string;
  /** The spans of the first trace in order of start: id, name, and when each began, ms after the session did. */
  spans: { id: string; name: string; startMs: number }[];
  /** Epoch ms on the page's clock. */
  onPage: (ms: number) => number;
}

export async function sendBothSides(): Promise<BothSides> {
  const began = Date.now() - 90_000;
  const onPage = (ms: number) => began + ms - BEHIND_MS;
  const visit = newVisit(onPage(0), { aheadMs: -BEHIND_MS });
  const second = newVisit(onPage(SECOND_VIEW_MS), { ...visit, viewId: newVisit(0).viewId });
  second.start = onPage(SECOND_VIEW_MS);
  const [traceId, secondTraceId, answerId, requestId] = [newId(16), newId(16), newId(8), newId(8)];

  await record(visit, second, onPage);
  await sendVisit(visit, {
    user: { id: '7', name: 'Ana Ruiz', email: 'ana@example.com' },
    path: '/tents/ridge-4',
    events: pageEvents(onPage, { traceId, answerId, requestId }),
  });
  await sendVisit(second, {
    user: { id: '7', name: 'Ana Ruiz', email: 'ana@example.com' },
    path: '/packs',
    events: [
      answer(onPage(SECOND_ASKED_MS), newId(8), {
        first_byte_ms: 700,
        first_paint_ms: 720,
        done_ms: 1_900,
        end_reason: 'stopped',
      }),
      click(onPage(LAST_CLICK_MS), 'Checkout'),
    ],
  });

  const specs = agentSpans(began, requestId);
  await sendSpans(
    traceId,
    specs.map((spec) => ({
      ...spec,
      attributes: { 'diptych.session.id': visit.sessionId, ...spec.attributes },
    })),
  );
  await sendSpans(secondTraceId, [
    {
      name: 'concierge',
      kind: 'agent',
      start: began + SECOND_ASKED_MS + 100,
      durationMs: 1_500,
      attributes: { 'diptych.session.id': visit.sessionId, 'input.value': 'talk to a human' },
    },
  ]);
  await sendEvaluation({
    label: 'grounded',
    metric_type: 'boolean',
    value: false,
    assessment: 'fail',
    source: 'judge',
    reasoning: 'no retrieved document mentions used items; the policy tool had timed out',
    join_on: { turn: answerId },
  });
  const spans = specs
    .map(({ id = '', name, start }) => ({ id, name, startMs: start - began }))
    .sort((a, b) => a.startMs - b.startMs);
  return { visit, traceId, secondTraceId, answerId, spans, onPage };
}

/** A shop page with a chat; `#clock` tells how many ms of the session have passed, in steps of 50 ms. */
async function record(visit: Visit, second: Visit, onPage: (ms: number) => number): Promise<void> {
  const clock = element('i', { id: 'clock' });
  const said = element('p', {
    id: 'said',
    'data-dip-answer': '',
    style: 'background:#f4f1ea;border-radius:11px;padding:8px 11px',
  });
  const chat = element('div', { id: 'chat', style: CHAT }, said);
  const until = SECOND_VIEW_MS - 500;
  const ticks = Array.from({ length: until / 50 }, (_, index) => {
    const ms = index * 50;
    return mutation(onPage(ms + 2), { attributes: [{ id: clock.id, attributes: { 'data-ms': `${ms}` } }] });
  });
  const asked = element('p', { id: 'asked', style: ASKED }, words('Can I return it after using it once?'));
  const tokens = SAID.split(' ').map((word, index) =>
    mutation(onPage(FIRST_PAINT_MS + index * 150), {
      adds: [{ parentId: said.id, node: words(`${word} `) }],
    }),
  );
  const events: RecordedEvent[] = [
    ...snapshot(
      onPage(0),
      [],
      [element('h1', { style: HEADING }, words('Concierge')), ...cards(), clock, chat],
    ),
    ...ticks,
    mutation(onPage(ASKED_MS), { adds: [{ parentId: chat.id, node: asked, before: said.id }] }),
    ...tokens,
  ].sort((a, b) => a.timestamp - b.timestamp);
  const half = events.findIndex((event) => event.timestamp > onPage(12_000));
  await sendSegment(visit, 0, events.slice(0, half));
  await sendSegment(visit, 1, events.slice(half));
  await sendSegment(second, 0, [
    ...snapshot(second.start, [], [element('h1', { style: HEADING }, words('Packs'))]),
    mutation(onPage(RECORDED_UNTIL_MS), {}),
  ]);
}

const HEADING = 'font:600 18px system-ui;padding:12px 22px;margin:0;border-bottom:1px solid #e5e1d8';
const CHAT =
  'position:fixed;right:26px;bottom:22px;width:330px;border:1px solid #e0dbcf;border-radius:14px;padding:14px;font:13px system-ui;background:#fff';
const ASKED = 'background:#22211f;color:#fff;border-radius:11px;padding:8px 11px';

function cards() {
  return [0, 1, 2, 3].map(() =>
    element('div', {
      style:
        'display:inline-block;width:220px;height:160px;margin:20px;border-radius:10px;background:#efeae0',
    }),
  );
}

function pageEvents(
  onPage: (ms: number) => number,
  ids: { traceId: string; answerId: string; requestId: string },
) {
  const { traceId, answerId, requestId } = ids;
  const dip = { trace_id: traceId, span_id: requestId };
  return [
    click(onPage(3_000), 'Tents'),
    click(onPage(9_900), 'Send'),
    {
      type: 'resource',
      date: onPage(ASKED_MS),
      resource: {
        id: newId(8),
        type: 'fetch',
        method: 'POST',
        url: 'https://shop.example.com/api/chat',
        status_code: 200,
        duration: REQUEST_MS * 1e6,
      },
      dip,
    },
    answer(
      onPage(ASKED_MS),
      answerId,
      {
        first_byte_ms: FIRST_PAINT_MS - ASKED_MS - 20,
        first_paint_ms: FIRST_PAINT_MS - ASKED_MS,
        done_ms: REQUEST_MS,
        end_reason: 'done',
      },
      dip,
    ),
    {
      type: 'error',
      date: onPage(14_000),
      error: { id: newId(8), message: 'Failed to load reviews', source: 'console', handling: 'handled' },
    },
    {
      type: 'reaction',
      date: onPage(17_900),
      reaction: { id: newId(8), kind: 'rage_click', answer_id: answerId, after_ms: 1_900, confidence: 0.7 },
    },
  ];
}

function answer(date: number, id: string, felt: Record<string, unknown>, dip: Record<string, string> = {}) {
  return { type: 'answer', date, answer: { id, url: '/api/chat', method: 'POST', stalls: [], ...felt }, dip };
}

/** Twenty spans on the server's clock, which is right. */
function agentSpans(began: number, requestId: string): (SpanSpec & { id: string })[] {
  const start = began + ASKED_MS + NETWORK_MS;
  const root = newId(8);
  const child = (
    name: string,
    kind: string,
    afterMs: number,
    durationMs: number,
    more: Partial<SpanSpec> = {},
  ) => ({
    id: newId(8),
    parent: root,
    name,
    kind,
    start: start + afterMs,
    durationMs,
    ...more,
  });
  const llm = (ttftMs: number) => ({
    'gen_ai.request.model': 'claude-sonnet-4-5',
    'gen_ai.system': 'anthropic',
    'gen_ai.usage.input_tokens': 3_904,
    'gen_ai.usage.output_tokens': 212,
    'gen_ai.server.time_to_first_token': ttftMs,
    'gen_ai.input.messages': JSON.stringify([
      { role: 'user', parts: [{ type: 'text', content: 'Can I return it after using it once?' }] },
    ]),
    'gen_ai.output.messages': JSON.stringify([
      { role: 'assistant', parts: [{ type: 'text', content: SAID }], finish_reason: 'stop' },
    ]),
  });
  const steps = Array.from({ length: 15 }, (_, index) =>
    child(`step_${index + 1}`, 'task', 60 + index * 120, 90),
  );
  return [
    {
      id: root,
      parent: requestId,
      name: 'answer-question',
      kind: 'agent',
      start,
      durationMs: AGENT_MS,
      attributes: { 'input.value': 'Can I return it after using it once?', 'output.value': SAID },
    },
    child('search_policies', 'retrieval', 30, 580),
    child('claude-sonnet · plan', 'llm', 640, 600, { attributes: llm(210) }),
    child('get_return_policy', 'tool', 1_250, 710, { error: 'timeout after 700 ms' }),
    child('claude-sonnet · answer', 'llm', ANSWER_SPAN_MS, 3_200, { attributes: llm(TTFT_MS) }),
    ...steps,
  ];
}
