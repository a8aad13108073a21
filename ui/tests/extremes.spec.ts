import { click, newId, newVisit, sendEvaluation, sendSpans, sendVisit, type Visit } from './feed.ts';
import { expect, type Page, test } from './server.ts';

/** What senders may send and designers forget: names without an end, other scripts, deep trees, large numbers. */

const WORD = 'Donaudampfschifffahrtsgesellschaft'.repeat(12);
const ARABIC =
  'أين طلبي رقم ٤٧١١ ولماذا لم يصل بعد إلى عنواني الجديد في القاهرة مع أنني دفعت ثمنه قبل شهر كامل';

let visit: Visit;
let traceId: string;
let arabic: string;
let deep: string;

test.beforeAll(async () => {
  visit = newVisit(Date.now() - 60_000);
  [traceId, arabic, deep] = [newId(16), newId(16), newId(16)];
  const [answerId, requestId] = [newId(8), newId(8)];
  await sendVisit(visit, {
    user: { id: WORD, name: WORD, email: `${WORD}@example.com` },
    path: `/${WORD}?q=${WORD}`,
    events: [
      click(visit.start + 500, WORD),
      {
        type: 'resource',
        resource: { id: newId(8), type: 'js', method: 'GET', url: '/a.js', status_code: 500, duration: 9e6 },
      },
      {
        type: 'answer',
        answer: {
          id: answerId,
          url: '/api/chat',
          method: 'POST',
          stalls: [],
          first_paint_ms: 80,
          done_ms: 900,
        },
        dip: { trace_id: traceId, span_id: requestId },
      },
      ...['copy', 'rephrase', 'retry', 'thumbs_down'].map((kind) => ({
        type: 'reaction',
        reaction: { id: newId(8), kind, answer_id: answerId, after_ms: 100, confidence: 1 },
      })),
    ],
  });
  const ask = { kind: 'llm', start: visit.start + 10, durationMs: 800 };
  const attributes = { 'diptych.session.id': visit.sessionId, 'gen_ai.request.model': WORD };
  await sendSpans(traceId, [
    {
      ...ask,
      name: WORD,
      attributes: { ...attributes, 'input.value': WORD, 'gen_ai.usage.input_tokens': 1_234_567_890 },
      error: WORD,
    },
  ]);
  await sendSpans(arabic, [{ ...ask, name: ARABIC, attributes: { 'input.value': ARABIC } }]);
  const ids = Array.from({ length: 40 }, () => newId(8));
  await sendSpans(
    deep,
    ids.map((id, level) => ({
      id,
      ...(level > 0 ? { parent: ids[level - 1] ?? '' } : {}),
      name: `level ${level}`,
      kind: 'workflow',
      start: visit.start,
      durationMs: 500,
    })),
  );
  await sendEvaluation({
    label: 'L'.repeat(200),
    metric_type: 'boolean',
    value: false,
    assessment: 'fail',
    source: 'judge',
    join_on: { turn: answerId },
  });
});

/** What reaches beyond the window, each by its words. */
const beyond = (page: Page) =>
  page.evaluate(() => {
    const { scrollWidth, scrollHeight } = document.documentElement;
    const found = [];
    if (scrollWidth > innerWidth) found.push(`the page is ${scrollWidth} px wide`);
    if (scrollHeight > innerHeight) found.push(`the page is ${scrollHeight} px high`);
    return found;
  });

for (const width of [360, 1440]) {
  test(`names without an end keep everything else in reach, at ${width} px`, async ({ open }) => {
    const session = `/sessions/${visit.sessionId}`;
    for (const [path, shown, told] of [
      [session, 'timeline-row', 'llm-traces-button'],
      [`${session}?tab=traces`, 'trace-row', 'llm-traces-button'],
      [`${session}/diptych?trace=${traceId}`, 'turn-card', 'turn-card'],
      [`/traces/${traceId}`, 'span-detail', 'rum-session-link'],
      [`/traces/${deep}`, 'span-row', 'span-detail'],
      [`/answers?selected=${traceId}`, 'answer-panel', 'answer-trace-link'],
      ['/evaluations', 'label-row', 'label-row'],
    ] as const) {
      await test.step(path, async () => {
        const page = await open(path);
        await page.setViewportSize({ width, height: 740 });
        await expect(page.getByTestId(shown).first()).toBeVisible();
        await expect(page.getByTestId(told).first()).toBeInViewport();
        expect(await beyond(page)).toEqual([]);
      });
    }
  });
}

test('what stands behind a long name is told: the share that passed, the requests of a view, a trace’s state', async ({
  open,
}) => {
  let page = await open('/evaluations');
  const row = page.getByTestId('label-row').filter({ hasText: 'LLL' });
  await expect(row.getByText('0 %')).toBeInViewport({ ratio: 1 });
  page = await open(`/sessions/${visit.sessionId}?tab=performance`);
  await expect(page.getByText('1 failed', { exact: true })).toBeInViewport({ ratio: 1 });
  await expect(page.getByText('1 request', { exact: true })).toBeInViewport({ ratio: 1 });
  page = await open(`/sessions/${visit.sessionId}?tab=traces`);
  await expect(page.getByTestId('trace-row').getByText('failed')).toBeInViewport({ ratio: 1 });
});

test('of what is written from right to left the beginning is shown', async ({ open }) => {
  const page = await open(`/traces?query=trace_id:${arabic}`);
  const name = page.getByTestId('trace-row').getByText(ARABIC).first();
  await expect(name).toBeVisible();
  /** Where its first and its last letter are, against the box that it is cut by. */
  const place = await name.evaluate((element) => {
    const text = element.firstChild;
    if (!text) throw new Error('no text');
    const letter = (index: number) => {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + 1);
      return range.getBoundingClientRect();
    };
    const box = element.getBoundingClientRect();
    const isInside = ({ left, right }: DOMRect) => left >= box.left - 1 && right <= box.right + 1;
    return { first: isInside(letter(0)), last: isInside(letter((text.textContent ?? '').length - 1)) };
  });
  expect(place).toEqual({ first: true, last: false });
});

test('a number that has no room for its digits is told short, never cut', async ({ open }) => {
  const page = await open(`/traces?query=trace_id:${traceId}`);
  const row = page.getByTestId('trace-row');
  const tokens = row.getByText('1.235 B', { exact: true });
  await expect(tokens).toBeVisible();
  expect(await tokens.evaluate((cell) => cell.scrollWidth - cell.clientWidth)).toBe(0);
});

test('of many reactions the worst is told whole, and how many there are besides', async ({ open }) => {
  const page = await open(`/answers?query=session.session_id:${visit.sessionId}`);
  const row = page.getByTestId('answer-row').first();
  await expect(row.getByText('thumbs down', { exact: true })).toBeVisible();
  const more = row.getByText('+3', { exact: true });
  await expect(more).toHaveAttribute('title', /copied/);
  for (const chip of [row.getByText('thumbs down', { exact: true }), more])
    expect(await chip.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
});

test('the address of a page is read as it was written, what nobody sees in it stays encoded', async ({
  open,
}) => {
  const other = newVisit(Date.now() - 20_000);
  await sendVisit(other, { path: '/zelte/größe m/\u202Eelif' });
  const page = await open(`/sessions/${other.sessionId}`);
  await expect(page.getByTestId('timeline-row').first()).toContainText('/zelte/größe%20m/%E2%80%AEelif');
});

test('names deep in a tree stay readable, also on a telephone', async ({ open }) => {
  const page = await open(`/traces/${deep}`);
  for (const width of [360, 1440]) {
    await page.setViewportSize({ width, height: 740 });
    const row = page.getByTestId('span-row').last();
    // The rows are made anew when the list is laid out for the new width.
    await expect(async () => {
      await row.scrollIntoViewIfNeeded();
      expect((await row.getByText(/^level/).boundingBox())?.width, `${width} px`).toBeGreaterThan(30);
    }).toPass();
  }
});
