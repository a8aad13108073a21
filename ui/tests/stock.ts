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
import { element, mutation, snapshot, words } from './recording.ts';

/** What a shop with an assistant sends in an afternoon: enough that no list and no facet is empty. */

const PEOPLE = ['ana', 'jonas', 'priya', 'noor', 'tom', 'lw', 'kt', 'rossi', 'haddad', 'okafor'];
const BROWSERS = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
];
const QUESTIONS = [
  'Which tent fits four people and a dog?',
  'Can I return it after using it once?',
  'Where is my order 4711?',
  'Is the Ridge 4 waterproof in a storm?',
  'talk to a human',
];
const ANSWERS = [
  'The **Ridge 4** fits four, with a porch of 1.8 m² for the dog.',
  'You can return any item within *90 days*, even if it has been used:\n\n1. Print the label\n2. Drop it off',
  'Order `4711` left our warehouse on Tuesday.',
  'Its flysheet holds **3,000 mm** of water.\n\n| part | mm |\n| --- | --- |\n| fly | 3000 |\n| floor | 5000 |',
  'A colleague will write to you.',
];
const MODELS = ['claude-sonnet-4-5', 'claude-haiku-4-5', 'gpt-5-mini'];

export interface Stock {
  visits: Visit[];
  traceIds: string[];
  /** The session with a replay, and its trace. */
  replayed: Visit;
}

/** Fills the shop over the last `hours`. */
export async function stockShop(count: number, hours = 20): Promise<Stock> {
  const now = Date.now();
  const asks = Array.from({ length: count }, (_, index) => {
    const back = ((index * 7919) % (hours * 3_600)) * 1_000 + 60_000;
    return { index, visit: newVisit(now - back), traceId: newId(16) };
  });
  for (let from = 0; from < asks.length; from += 16)
    await Promise.all(asks.slice(from, from + 16).map((ask) => sendAsk(ask)));
  const replayed = asks.reduce((newest, ask) => (ask.visit.start > newest.visit.start ? ask : newest)).visit;
  await sendSegment(replayed, 0, recordedShop(replayed.start));
  return { visits: asks.map((ask) => ask.visit), traceIds: asks.map((ask) => ask.traceId), replayed };
}

async function sendAsk({ index, visit, traceId }: { index: number; visit: Visit; traceId: string }) {
  const at = visit.start + 3_000;
  const answerId = newId(8);
  const pick = <T>(of: T[], by = 1) => of[Math.floor(index / by) % of.length] as T;
  const person = pick(PEOPLE);
  const isBad = index % 4 === 1;
  await sendVisit(visit, {
    ...(index % 3 === 2
      ? {}
      : { user: { id: `u${index % 10}`, name: person, email: `${person}@example.com` } }),
    path: pick(['/tents', '/tents/ridge-4', '/checkout', '/returns']),
    userAgent: pick(BROWSERS, 2),
    env: index % 9 === 0 ? 'staging' : 'production',
    events: [
      click(visit.start + 1_000, 'Ridge 4'),
      resource(visit.start + 1_400, 'https://shop.example.com/api/products?limit=20', 200, 180),
      ...(isBad
        ? [
            {
              type: 'error',
              date: at + 9_000,
              error: {
                id: newId(8),
                message: 'Cannot read properties of undefined (reading "price")',
                type: 'TypeError',
                source: 'source',
                stack:
                  'TypeError: Cannot read properties of undefined\n  at render (shop.js:12:7)\n  at run (shop.js:3:1)',
              },
            },
            {
              type: 'action',
              date: at + 8_000,
              action: {
                id: newId(8),
                type: 'click',
                target: { name: 'Ask' },
                frustration: { type: ['rage_click'] },
              },
            },
            resource(at + 8_500, 'https://shop.example.com/api/returns', 500, 1_400),
          ]
        : []),
      {
        type: 'answer',
        date: at,
        answer: {
          id: answerId,
          url: '/api/chat',
          method: 'POST',
          first_byte_ms: 400 + (index % 7) * 120,
          first_paint_ms: 700 + (index % 9) * 430,
          done_ms: 2_400 + (index % 9) * 700,
          stalls: isBad ? [{ start_ms: 1_900, duration_ms: 1_200 }] : [],
          end_reason: index % 11 === 3 ? 'stopped' : 'done',
        },
        dip: { trace_id: traceId, span_id: newId(8) },
      },
      ...(index % 5 === 0
        ? [
            {
              type: 'reaction',
              date: at + 9_400,
              reaction: {
                id: newId(8),
                kind: isBad ? 'rage_click' : 'copy',
                answer_id: answerId,
                after_ms: 1_900,
                confidence: 0.7,
              },
            },
          ]
        : []),
    ],
  });
  await sendSpans(traceId, answerSpans(index, visit.sessionId, at + 120, isBad && index % 8 === 1));
  if (index % 3 !== 2)
    await sendEvaluation({
      label: 'grounded',
      metric_type: 'boolean',
      value: !isBad,
      assessment: isBad ? 'fail' : 'pass',
      source: index % 2 ? 'judge' : 'human',
      reasoning: isBad ? 'no document says so' : 'document 1 says so',
      join_on: { trace: traceId },
    });
}

function resource(date: number, url: string, status: number, durationMs: number) {
  return {
    type: 'resource',
    date,
    resource: {
      id: newId(8),
      url,
      type: 'fetch',
      method: 'GET',
      status_code: status,
      duration: durationMs * 1e6,
    },
  };
}

/** An agent that looks something up, then answers. */
export function answerSpans(index: number, sessionId: string, start: number, fails: boolean): SpanSpec[] {
  const [root, model] = [newId(8), newId(8)];
  const question = QUESTIONS[index % QUESTIONS.length] ?? '';
  const answer = ANSWERS[index % ANSWERS.length] ?? '';
  const modelName = MODELS[index % MODELS.length] ?? '';
  const call = { id: 'c1', name: 'get_return_policy', arguments: { sku: 'ridge-4', days: 90 } };
  const input = [
    {
      role: 'system',
      parts: [{ type: 'text', content: 'You are Concierge, an assistant of an outdoor shop.' }],
    },
    { role: 'user', parts: [{ type: 'text', content: question }] },
    { role: 'assistant', parts: [{ type: 'tool_call', ...call }] },
    {
      role: 'tool',
      parts: [
        {
          type: 'tool_call_response',
          id: 'c1',
          response: { days: 90, used: true, notes: ['any item', 'label included'] },
        },
      ],
    },
  ];
  const output = [{ role: 'assistant', parts: [{ type: 'text', content: answer }], finish_reason: 'stop' }];
  return [
    {
      id: root,
      name: 'answer-question',
      kind: 'agent',
      start,
      durationMs: 2_300 + (index % 9) * 600,
      attributes: { 'diptych.session.id': sessionId, 'input.value': question, 'output.value': answer },
      ...(fails ? { error: 'the model took too long' } : {}),
    },
    {
      name: 'search-shop',
      parent: root,
      kind: 'retrieval',
      start: start + 40,
      durationMs: 240,
      attributes: {
        'input.value': question,
        'retrieval.documents.0.document.id': 'returns-1',
        'retrieval.documents.0.document.content': 'Any item can be returned within 90 days.',
        'retrieval.documents.0.document.score': '0.912',
        'retrieval.documents.1.document.id': 'tents-4',
        'retrieval.documents.1.document.content': 'Ridge 4: four people, 4.2 kg.',
        'retrieval.documents.1.document.score': '0.718',
      },
    },
    {
      name: 'get_return_policy',
      parent: root,
      kind: 'tool',
      start: start + 300,
      durationMs: 120,
      attributes: {
        'input.value': JSON.stringify(call.arguments),
        'output.value': '{"days":90,"used":true}',
      },
      ...(fails ? { error: 'policy service: 503' } : {}),
    },
    {
      id: model,
      name: `chat ${modelName}`,
      parent: root,
      kind: 'llm',
      start: start + 450,
      durationMs: 1_800 + (index % 9) * 500,
      attributes: {
        'gen_ai.request.model': modelName,
        'gen_ai.provider.name': modelName.startsWith('gpt') ? 'openai' : 'anthropic',
        'gen_ai.usage.input_tokens': 900 + index * 3,
        'gen_ai.usage.output_tokens': 120 + index,
        'gen_ai.request.temperature': '0.2',
        'gen_ai.input.messages': JSON.stringify(input),
        'gen_ai.output.messages': JSON.stringify(output),
      },
    },
  ];
}

/** A page with one tent, to which an answer is added. */
function recordedShop(start: number) {
  const answer = element('section', { style: 'padding:24px' }, element('h1', {}, words('Ridge 4')));
  const page = snapshot(start, [], [answer]);
  const said = element('p', {}, words('You can return any item within 90 days.'));
  return [...page, mutation(start + 4_000, { adds: [{ parentId: answer.id, node: said }] })];
}
