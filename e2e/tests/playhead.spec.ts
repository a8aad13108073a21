import { type APIRequestContext, expect, type Page, test } from '@playwright/test';
import { signInLink } from '../datadog.ts';
import { api, ask, leave, recording, SERVER, SHOP, sessionId, signIn } from '../shop.ts';

/** The page's clock is behind the truth by this much; the server's is right. */
const BEHIND_MS = 7_000;
/** What a moment on both sides may differ by. */
const TOGETHER_MS = 150;
/** How often the page writes the true time down. */
const TICK_MS = 25;
const QUESTIONS = [
  'Which tent fits four and weighs under 5 kg? Is it in stock?',
  'Can I return it after using it once?',
  'How long does delivery take?',
];

/**
 * A machine whose clock is wrong, before anything else runs: all that the page may ask for the time is behind. One
 * element alone tells the truth, so that a replay shows when a picture really stood there.
 */
function setClockBack({ behindMs, tickMs }: { behindMs: number; tickMs: number }): void {
  const trueMs = Date.now.bind(Date);
  const now = () => trueMs() - behindMs;
  window.Date = new Proxy(Date, {
    construct: (RealDate, given, target) =>
      Reflect.construct(RealDate, given.length > 0 ? given : [now()], target),
    apply: () => new window.Date().toString(),
    get: (RealDate, name) => (name === 'now' ? now : Reflect.get(RealDate, name)),
  });
  const { timeOrigin } = performance;
  Object.defineProperty(Performance.prototype, 'timeOrigin', { get: () => timeOrigin - behindMs });
  document.addEventListener('DOMContentLoaded', () => {
    const truth = document.createElement('i');
    truth.id = 'truth';
    document.body.append(truth);
    const write = () => truth.setAttribute('data-ms', String(trueMs()));
    setInterval(write, tickMs);
    write();
  });
}

type RecordedEvent = {
  timestamp: number;
  data: {
    adds?: { node: { attributes?: Record<string, string> } }[];
    attributes?: { attributes: Record<string, string> }[];
  };
};
type Span = {
  span_id: string;
  parent_id: string | null;
  kind: string;
  name: string;
  start_ns: number;
  duration_ns: number;
  ttft_ms: number | null;
};
type Trace = {
  trace_id: string;
  start_ns: number;
  clock: { offset_ms: number; error_ms: number | null } | null;
  spans: Span[];
};
type Replay = { views: { view_id: string; end: number; segments: { index: number }[] }[] };

/** All that was recorded of a session, in order. */
async function recordedEvents(request: APIRequestContext, session: string): Promise<RecordedEvent[]> {
  const { views } = await api<Replay>(request, `/sessions/${session}/replay`);
  const answers = await Promise.all(
    views.map(({ view_id }) =>
      api<{ events: RecordedEvent[] }>(request, `/sessions/${session}/replay/events?view_id=${view_id}`),
    ),
  );
  return answers.flatMap(({ events }) => events).sort((a, b) => a.timestamp - b.timestamp);
}

/** The true times that the page wrote down. */
function ticksOf(events: RecordedEvent[]): number[] {
  const written = events
    .flatMap(({ data }) => data.attributes ?? [])
    .map(({ attributes }) => attributes['data-ms']);
  return written.filter((ms) => ms !== undefined).map(Number);
}

/** When the words of each answer were first in the page, on its own clock; the greeting is no answer. */
function firstWordsOf(events: RecordedEvent[], after: number): number[] {
  return events
    .filter(({ timestamp }) => timestamp > after)
    .filter(({ data }) => data.adds?.some(({ node }) => node.attributes?.['data-dip-answer'] !== undefined))
    .map(({ timestamp }) => timestamp);
}

/** The document that rrweb rebuilds, two frames down. */
function recorded(page: Page) {
  return page.frameLocator('[data-testid=replay-frame]').frameLocator('iframe');
}

/** Ask with the clock set back, and give what there is of it: the session, its traces and its recording. */
async function visit(page: Page, request: APIRequestContext) {
  await page.addInitScript(setClockBack, { behindMs: BEHIND_MS, tickMs: TICK_MS });
  await page.goto(SHOP);
  const session = await sessionId(page);
  await recording(request, session);
  const began = await page.evaluate(() => Date.now());
  for (const question of QUESTIONS) await ask(page, question);
  const ended = await page.evaluate(() => Date.now());
  await leave(page);
  const list = () =>
    api<{ items: { trace_id: string; is_complete: boolean }[] }>(request, `/sessions/${session}/traces`);
  await expect
    .poll(async () => (await list()).items.filter(({ is_complete }) => is_complete).length)
    .toBe(QUESTIONS.length);
  const ids = (await list()).items.map(({ trace_id }) => trace_id);
  const traces = await Promise.all(ids.map((id) => api<Trace>(request, `/traces/${id}`)));
  traces.sort((a, b) => a.start_ns - b.start_ns);
  await expect
    .poll(async () =>
      Math.max(...(await api<Replay>(request, `/sessions/${session}/replay`)).views.map(endOf)),
    )
    .toBeGreaterThan(ended - TICK_MS * 4);
  const events = await recordedEvents(request, session);
  return { session, traces, events, began };
}

const endOf = ({ end }: { end: number }): number => end;

test.describe('One playhead, through the real SDKs, in a page whose clock is 7 s behind', () => {
  let diptych: Page;
  let seen: Awaited<ReturnType<typeof visit>>;

  test.beforeAll(async ({ browser }) => {
    test.setTimeout(180_000);
    diptych = await (await browser.newContext()).newPage();
    await signIn(diptych, signInLink());
    const shopper = await browser.newPage();
    seen = await visit(shopper, diptych.request);
    await shopper.close();
  });

  test.afterAll(async () => {
    await diptych.context().close();
  });

  test('the clocks are laid on each other', () => {
    for (const { clock } of seen.traces) {
      expect(clock?.error_ms).not.toBeNull();
      expect(Math.abs((clock?.offset_ms ?? 0) - BEHIND_MS)).toBeLessThanOrEqual(TOGETHER_MS);
    }
  });

  test('where the replay shows the first word of an answer, the model’s first token is under the playhead', async () => {
    const words = firstWordsOf(seen.events, seen.began);
    expect(words).toHaveLength(QUESTIONS.length);
    const answers = seen.traces.map((trace, index) => {
      const model = trace.spans.filter(({ kind }) => kind === 'llm').sort(byStart)[0];
      const tokenMs = model ? model.start_ns / 1e6 + (model.ttft_ms ?? Number.NaN) : Number.NaN;
      const at = words[index] ?? Number.NaN;
      return { at, model, index, travelledMs: at + BEHIND_MS - tokenMs };
    });
    // A token needs its time to the screen, on a busy machine more: the quickest of them says what the clocks do.
    const [quickest] = answers.sort((a, b) => a.travelledMs - b.travelledMs);
    if (!quickest?.model) throw new Error('no model call');
    expect(Math.abs(quickest.travelledMs)).toBeLessThanOrEqual(TOGETHER_MS);

    const { at, model, index } = quickest;
    await diptych.goto(`${SERVER}/sessions/${seen.session}/diptych?at=${at}&span=${model.span_id}`);
    // The greeting is the first of them.
    const answer = recorded(diptych)
      .locator('[data-dip-answer]')
      .nth(index + 1);
    await expect(answer).toHaveText(/\S/);
    const lane = diptych.locator(`[data-testid=span-row][data-id="${model.span_id}"] [data-testid=lane]`);
    await expect(lane).toHaveAttribute('data-running', 'true');
    const [bar, mark, line] = await Promise.all(
      [lane.locator('i'), lane.locator('u'), diptych.getByTestId('playhead-line')].map((one) =>
        one.boundingBox(),
      ),
    );
    const msAPixel = model.duration_ns / 1e6 / (bar?.width ?? 0);
    const apartMs = Math.abs((mark?.x ?? 0) - (line?.x ?? Number.POSITIVE_INFINITY)) * msAPixel;
    expect(apartMs).toBeLessThanOrEqual(TOGETHER_MS);
    // The change before, there was no word yet.
    await diptych.keyboard.press(',');
    await expect(answer).not.toBeAttached();
  });

  test('a click on each span shows what stood in the page when it began', async () => {
    test.setTimeout(180_000);
    const ticks = ticksOf(seen.events);
    /** What the page had written last, at a moment. */
    const tickAt = (ms: number): number => ticks.findLast((tick) => tick <= ms) ?? Number.NaN;
    const shown = async () => Number(await recorded(diptych).locator('#truth').getAttribute('data-ms'));
    for (const trace of seen.traces) {
      await diptych.goto(`${SERVER}/sessions/${seen.session}/diptych?trace=${trace.trace_id}`);
      await expect(recorded(diptych).locator('#truth')).toBeAttached();
      for (const { span_id, name, start_ns } of trace.spans) {
        const beganMs = start_ns / 1e6;
        const row = diptych.locator(`[data-testid=span-row][data-id="${span_id}"]`);
        await row.getByRole('button').last().click();
        await expect(row).toHaveAttribute('data-chosen', 'true');
        await expect
          .poll(async () => (await shown()) - tickAt(beganMs - TOGETHER_MS), {
            message: `${name}: not too early`,
          })
          .toBeGreaterThanOrEqual(0);
        await expect
          .poll(async () => (await shown()) - beganMs, { message: `${name}: not too late` })
          .toBeLessThanOrEqual(TOGETHER_MS);
        const at = Number(new URL(diptych.url()).searchParams.get('at'));
        expect(Math.abs(at + BEHIND_MS - beganMs), name).toBeLessThanOrEqual(TOGETHER_MS);
      }
    }
  });
});

function byStart(a: Span, b: Span): number {
  return a.start_ns - b.start_ns;
}
