import { ASKED_MS, type BothSides, FIRST_PAINT_MS, SECOND_ASKED_MS, sendBothSides } from './both_sides.ts';
import { click, newId, newVisit, sendSegment, sendSpans, sendVisit } from './feed.ts';
import { holdBack } from './held_back.ts';
import { element, mutation, snapshot, words } from './recording.ts';
import { recorded } from './replayed.ts';
import { expect, type Locator, type Page, test } from './server.ts';

/** What a moment on both sides may differ by. */
const TOGETHER_MS = 150;

/** How many ms of the session have passed in the picture. */
async function shownMs(page: Page): Promise<number> {
  return Number(await recorded(page).locator('#clock').getAttribute('data-ms'));
}

/** Where the playhead is by the URL, ms after the session began. */
function urlMs(page: Page, both: BothSides): number {
  return Number(new URL(page.url()).searchParams.get('at')) - both.onPage(0);
}

/** What of the state beside the moment the URL holds. */
function stateOf(page: Page): Record<string, string | null> {
  const search = new URL(page.url()).searchParams;
  return { span: search.get('span'), tray: search.get('tray'), full: search.get('full') };
}

test('on a telephone the cards of the answers are whole, and the parts of a span are one line', async ({
  open,
}) => {
  const both = await sendBothSides();
  const page = await open('/sign-in');
  await page.setViewportSize({ width: 360, height: 780 });
  await page.goto(
    new URL(`/sessions/${both.visit.sessionId}/diptych?turn=${both.answerId}`, page.url()).href,
  );
  const card = await page.locator('[data-testid=turn-card][aria-selected=true]').boundingBox();
  expect(card?.x).toBeGreaterThan(0);
  expect((card?.x ?? 0) + (card?.width ?? 0)).toBeLessThan(360);
  const tabs = page.getByTestId('span-detail').getByRole('tab');
  await expect(tabs.first()).toBeVisible();
  const tops = await tabs.evaluateAll((all) => all.map((tab) => tab.getBoundingClientRect().top));
  expect(new Set(tops).size).toBe(1);
});

const chosen = '[data-testid=span-row][data-chosen=true]';

/** An answer whose first word was painted 700 ms after it was asked for, and its last 200 ms later. */
const answered = (date: number, id: string, dip: { trace_id: string; span_id: string }) => ({
  type: 'answer',
  date,
  answer: { id, url: '/api/chat', method: 'POST', stalls: [], first_paint_ms: 700, done_ms: 900 },
  dip,
});

test.describe('opens where there is something to see', () => {
  const position = (page: Page) => page.getByTestId('replay-position').locator('b');

  test('a session: where its page has filled, not at the frame that it was recorded as', async ({ open }) => {
    const visit = newVisit(Date.now() - 60_000);
    const list = element('main');
    const hidden = element('style');
    const tents = ['Ridge 2', 'Ridge 4', 'Wisp 1'].map((name) =>
      element('h2', {}, words(`${name}, a tent for two`)),
    );
    await sendVisit(visit);
    await sendSegment(visit, 0, [
      ...snapshot(visit.start, [], [element('nav', {}, words('Tents Packs')), hidden, list]),
      mutation(visit.start + 300, {
        adds: [{ parentId: hidden.id, node: words('h2 { color: black }'.repeat(9)) }],
      }),
      mutation(visit.start + 2_400, { adds: tents.map((node) => ({ parentId: list.id, node })) }),
      mutation(visit.start + 9_000, {
        adds: [{ parentId: list.id, node: words('Read much later. '.repeat(40)) }],
      }),
    ]);
    const path = `/sessions/${visit.sessionId}/diptych`;
    const page = await open(path);
    await expect(recorded(page).locator('h2')).toHaveCount(3);
    await expect(recorded(page).locator('main')).not.toContainText('much later');
    await expect(position(page)).toHaveText('0:02');
    await page.goto(new URL(`${path}?at=${visit.start + 1_000}`, page.url()).href);
    await expect(recorded(page).locator('nav')).toBeVisible();
    await expect(recorded(page).locator('h2')).toHaveCount(0);
    await page.goto(new URL(`/sessions/${visit.sessionId}?tab=replay`, page.url()).href);
    await expect(recorded(page).locator('h2')).toHaveCount(3);
  });

  test('a session: at its second view, where the first stayed empty', async ({ open }) => {
    const first = newVisit(Date.now() - 60_000);
    const second = newVisit(first.start + 4_000, { sessionId: first.sessionId, tabId: first.tabId });
    await sendVisit(first);
    await sendSegment(first, 0, [...snapshot(first.start, [], []), mutation(first.start + 3_000, {})]);
    await sendVisit(second);
    await sendSegment(second, 0, [
      ...snapshot(second.start, [], [element('h1', {}, words('Packs'))]),
      mutation(second.start + 3_000, {}),
    ]);
    const page = await open(`/sessions/${first.sessionId}/diptych`);
    await expect(recorded(page).locator('h1')).toHaveText('Packs');
    await expect(position(page)).toHaveText('0:04');
  });

  test('a link to an answer, or to a trace alone: where the question stands in the page', async ({
    open,
  }) => {
    const visit = newVisit(Date.now() - 60_000);
    const [answerId, traceId, spanId] = [newId(8), newId(16), newId(8)];
    const askedAt = visit.start + 20_000;
    const talk = element('div');
    await sendVisit(visit, {
      events: [
        click(askedAt - 20, 'Send'),
        answered(askedAt, answerId, { trace_id: traceId, span_id: spanId }),
      ],
    });
    await sendSegment(visit, 0, [
      ...snapshot(visit.start, [], [element('h1', {}, words('Concierge')), talk]),
      mutation(askedAt + 60, {
        adds: [{ parentId: talk.id, node: element('p', { class: 'asked' }, words('Is it waterproof?')) }],
      }),
      mutation(askedAt + 700, {
        adds: [{ parentId: talk.id, node: element('p', { class: 'said' }, words('Yes.')) }],
      }),
    ]);
    const span = { name: 'concierge', kind: 'agent', parent: spanId, start: askedAt + 400, durationMs: 400 };
    await sendSpans(traceId, [{ ...span, attributes: { 'diptych.session.id': visit.sessionId } }]);
    for (const named of [`turn=${answerId}`, `trace=${traceId}`]) {
      const page = await open(`/sessions/${visit.sessionId}/diptych?${named}`);
      await expect(recorded(page).locator('.asked'), named).toHaveText('Is it waterproof?');
      await expect(recorded(page).locator('.said'), named).toHaveCount(0);
      await expect(page.getByTestId('turn-card'), named).toHaveAttribute('aria-selected', 'true');
    }
    const page = await open(`/traces/${traceId}`);
    await page.getByTestId('rum-session-link').click();
    await expect(recorded(page).locator('.asked')).toHaveText('Is it waterproof?');
    await expect(recorded(page).locator('.said')).toHaveCount(0);
  });
});

test('one playhead: a click on each of 20 spans shows what the person saw then, on a clock 7 s off', async ({
  open,
}) => {
  test.setTimeout(120_000);
  const both = await sendBothSides();
  const page = await open(`/sessions/${both.visit.sessionId}/diptych?trace=${both.traceId}`);
  await expect(recorded(page).locator('h1')).toHaveText('Concierge');
  await expect(page.getByText(/clock ± \d+ ms/)).toBeVisible();
  expect(both.spans).toHaveLength(20);
  for (const span of both.spans) {
    await page.locator(`[data-testid=span-row][data-id="${span.id}"]`).getByRole('button').last().click();
    await expect
      .poll(async () => Math.abs((await shownMs(page)) - span.startMs), { message: span.name })
      .toBeLessThanOrEqual(TOGETHER_MS);
    await expect(page.locator(chosen)).toHaveAttribute('data-id', span.id);
    await expect(page.getByTestId('span-detail')).toHaveAttribute('data-id', span.id);
    expect(Math.abs(urlMs(page, both) - span.startMs)).toBeLessThanOrEqual(TOGETHER_MS);
  }
});

test('the first painted word in the replay and the first token under the playhead are one moment', async ({
  open,
}) => {
  const both = await sendBothSides();
  const id = both.spans.find(({ name }) => name.includes('answer') && name.includes('claude'))?.id;
  const at = both.onPage(FIRST_PAINT_MS);
  const page = await open(`/sessions/${both.visit.sessionId}/diptych?at=${at}&span=${id}`);
  await expect(recorded(page).locator('#said')).toHaveText('You ');
  // The playhead stands where the person saw the first word: so must the model's first token, on its lane.
  const lane = page.locator(`[data-testid=span-row][data-id="${id}"] [data-testid=lane]`);
  await expect(lane).toHaveAttribute('data-running', 'true');
  const [bar, mark, line] = await Promise.all(
    [lane.locator('i'), lane.locator('u'), page.getByTestId('playhead-line')].map((one) => one.boundingBox()),
  );
  const msAPixel = 3_200 / (bar?.width ?? 0);
  const apartMs = Math.abs((mark?.x ?? 0) - (line?.x ?? 1e9)) * msAPixel;
  expect(apartMs).toBeLessThanOrEqual(TOGETHER_MS);
  // And the moment before, nothing was painted yet.
  await page.keyboard.press(',');
  await expect(recorded(page).locator('#said')).toHaveText('');
});

test('everything moves together: cards, events, the bar, the keys; the URL restores it', async ({ open }) => {
  test.setTimeout(90_000);
  const both = await sendBothSides();
  const page = await open(`/sessions/${both.visit.sessionId}/diptych`);
  const card = page.getByTestId('turn-card');
  await expect(card).toHaveCount(2);
  await expect(card.first()).toContainText('“Can I return it after using it once?”');
  await expect(card.first()).toContainText('felt first word 2.60 s');
  await expect(card.first()).toContainText('rage click');
  await expect(card.first()).toContainText('grounded: fail');
  await expect(card.last()).toContainText('stopped by the person');
  await expect(card.last()).toContainText('matched by time only');

  await test.step('a card', async () => {
    await card.first().click();
    await expect(card.first()).toHaveAttribute('aria-selected', 'true');
    expect(Math.abs(urlMs(page, both) - ASKED_MS)).toBeLessThanOrEqual(TOGETHER_MS);
    await expect(recorded(page).locator('#asked')).toBeVisible();
    await expect(recorded(page).locator('#said')).toBeEmpty();
  });
  await test.step('an event of the page, and its trace', async () => {
    await page.keyboard.press('c');
    await page.getByTestId('tray-row').filter({ hasText: 'Failed to load reviews' }).click();
    await expect.poll(() => Math.round(urlMs(page, both) / 1000)).toBe(14);
    await expect(page.locator(chosen)).toContainText('claude-sonnet · answer');
    await expect(page.getByTestId('playhead-line')).toBeVisible();
  });
  await test.step('the keys', async () => {
    await page.keyboard.press(']');
    await expect(card.last()).toHaveAttribute('aria-selected', 'true');
    await expect(recorded(page).locator('h1')).toHaveText('Packs');
    await expect(page.getByTestId('span-detail')).toContainText('talk to a human');
    await page.keyboard.press('[');
    await expect(card.first()).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => Math.round(urlMs(page, both) / 1000)).toBe(15);
    await page.keyboard.press('k');
    await expect(page.locator(chosen)).not.toContainText('claude-sonnet · answer');
  });
  await test.step('the URL restores the moment, the span, the list and the full panel', async () => {
    const span = await page.locator(chosen).getAttribute('data-id');
    await page.keyboard.press('n');
    await page.keyboard.press('f');
    await expect.poll(() => stateOf(page)).toEqual({ span, tray: 'network', full: 'person' });
    await page.reload();
    await expect(page.getByTestId('tray-row')).toContainText('POST /api/chat');
    await expect(page.getByTestId('span-row').first()).toBeHidden();
    await page.keyboard.press('Escape');
    await expect(page.locator(chosen)).toHaveAttribute('data-id', span ?? '');
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('tray')).toBeHidden();
    await page.keyboard.press('Escape');
    await expect(page).toHaveURL(new RegExp(`/sessions/${both.visit.sessionId}$`));
  });
});

test('another trace by the keys of its menu: the focus is back at the menu', async ({ open }) => {
  const both = await sendBothSides();
  const page = await open(`/sessions/${both.visit.sessionId}/diptych`);
  await expect(page.getByTestId('span-row').first()).toBeVisible();
  await page.getByTestId('trace-choice').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('trace-option').first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('span-detail')).toContainText('talk to a human');
  await expect(page.getByTestId('trace-choice')).toBeFocused();
});

test('a moment that is chosen before its trace has arrived chooses the span that runs then, once it has', async ({
  open,
}) => {
  const both = await sendBothSides();
  const page = await open('/sign-in');
  const arrive = await holdBack(page, `**/api/v1/traces/${both.traceId}*`);
  await open(`/sessions/${both.visit.sessionId}/diptych?tray=console`);
  await page.getByTestId('tray-row').filter({ hasText: 'Failed to load reviews' }).click();
  await expect.poll(() => Math.round(urlMs(page, both) / 1000)).toBe(14);
  arrive();
  await expect(page.locator(chosen)).toContainText('claude-sonnet · answer');
  const id = await page.locator(chosen).getAttribute('data-id');
  await expect.poll(() => stateOf(page).span).toBe(id);
});

/** Presses the middle of something that the replay shows; the frame itself takes no press. */
async function press(page: Page, shown: Locator): Promise<void> {
  const box = await shown.boundingBox();
  if (!box) throw new Error('it is not shown');
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
}

test('a click on an answer in the replay chooses the call that wrote it, and the moment stays', async ({
  open,
}) => {
  const both = await sendBothSides();
  const at = both.onPage(19_000);
  const page = await open(`/sessions/${both.visit.sessionId}/diptych?at=${at}&trace=${both.secondTraceId}`);
  await expect(recorded(page).locator('#said')).toContainText('full refund');
  await expect(page.getByTestId('span-row')).toHaveCount(1);
  await expect(page.getByTestId('turn-card')).toHaveCount(2);
  await press(page, recorded(page).locator('#said'));
  await expect(page.locator(chosen)).toContainText('claude-sonnet · answer');
  await expect(page.getByTestId('replay-play')).toHaveAttribute('aria-label', 'Play');
  expect(new URL(page.url()).searchParams.get('at')).toBe(`${at}`);
  expect(new URL(page.url()).searchParams.get('trace')).toBe(both.traceId);
  await page.reload();
  await expect(page.locator(chosen)).toContainText('claude-sonnet · answer');
  // While it plays, it stops for it.
  await page.goto(page.url().replace(/at=\d+.*/, `at=${both.onPage(16_200)}&trace=${both.secondTraceId}`));
  await expect(recorded(page).locator('#said')).toContainText('full refund');
  await expect(page.getByTestId('turn-card')).toHaveCount(2);
  await page.keyboard.press(' ');
  await expect(page.getByTestId('replay-play')).toHaveAttribute('aria-label', 'Pause');
  await press(page, recorded(page).locator('#said'));
  await expect(page.getByTestId('replay-play')).toHaveAttribute('aria-label', 'Play');
  await expect(page.locator(chosen)).toContainText('claude-sonnet · answer');
  const id = await page.locator(chosen).getAttribute('data-id');
  await expect.poll(() => stateOf(page).span).toBe(id);
  // Anywhere else it plays, as before.
  await press(page, recorded(page).locator('h1'));
  await expect(page.getByTestId('replay-play')).toHaveAttribute('aria-label', 'Pause');
});

test('a recorded page cannot stand in the way of that by the names of its fields, nor answer for what it did not', async ({
  open,
}) => {
  const visit = newVisit(Date.now() - 60_000);
  const [answerId, traceId, spanId] = [newId(8), newId(16), newId(8)];
  const askedAt = visit.start + 20_000;
  const form = element('form', { name: 'elementFromPoint' }, words('Subscribe'));
  const talk = element(
    'form',
    { 'data-dip-answer': '', id: 'talk' },
    element('input', { name: 'closest', hidden: '' }),
  );
  const stranger = element('p', { 'data-dip-answer': '', id: 'stranger' });
  await sendVisit(visit, {
    events: [answered(askedAt, answerId, { trace_id: traceId, span_id: spanId })],
  });
  await sendSegment(visit, 0, [
    ...snapshot(visit.start, [], [element('h1', {}, words('Concierge')), form, stranger, talk]),
    mutation(visit.start + 5_000, {
      adds: [{ parentId: stranger.id, node: words('Hello! Ask me anything.') }],
    }),
    mutation(askedAt + 700, {
      adds: [{ parentId: talk.id, node: element('b', {}, words('It is waterproof.')) }],
    }),
    mutation(askedAt + 9_000, {}),
  ]);
  const root = {
    id: newId(8),
    name: 'concierge',
    kind: 'agent',
    parent: spanId,
    start: askedAt + 10,
    durationMs: 900,
  };
  const calls = ['plan', 'answer', 'title'].map((name, index) => ({
    name,
    kind: 'llm',
    parent: root.id,
    start: askedAt + 20 + index * 450,
    durationMs: 400,
  }));
  const attributes = { 'diptych.session.id': visit.sessionId };
  await sendSpans(
    traceId,
    [root, ...calls].map((span) => ({ ...span, attributes })),
  );
  const page = await open(`/sessions/${visit.sessionId}/diptych?at=${askedAt + 3_000}`);
  await expect(page.locator(chosen)).toContainText('title');
  await expect(page.getByTestId('turn-card')).toHaveCount(1);
  await press(page, recorded(page).locator('#talk'));
  await expect(page.locator(chosen)).toContainText('answer');
  await expect(page.getByTestId('replay-play')).toHaveAttribute('aria-label', 'Play');
  // Words that came while nobody was answered belong to no call: the click plays.
  await press(page, recorded(page).locator('#stranger'));
  await expect(page.getByTestId('replay-play')).toHaveAttribute('aria-label', 'Pause');
});

test('playing lights the spans that run, and goes on where nothing was recorded', async ({ open }) => {
  const both = await sendBothSides();
  const start = both.onPage(ASKED_MS + 1_500);
  const page = await open(`/sessions/${both.visit.sessionId}/diptych?at=${start}&trace=${both.traceId}`);
  await expect(recorded(page).locator('#asked')).toBeVisible();
  const tool = page.locator('[data-testid=span-row]', { hasText: 'get_return_policy' }).getByTestId('lane');
  const answer = page
    .locator('[data-testid=span-row]', { hasText: 'claude-sonnet · answer' })
    .getByTestId('lane');
  await expect(tool).toHaveAttribute('data-running', 'true');
  await expect(answer).toHaveAttribute('data-running', 'false');
  await page.keyboard.press(' ');
  await expect(answer).toHaveAttribute('data-running', 'true');
  await expect(tool).toHaveAttribute('data-running', 'false');
  await expect(recorded(page).locator('#said')).toContainText('90 days');
  await page.keyboard.press(' ');
  await expect(page.getByTestId('replay-play')).toHaveAttribute('aria-label', 'Play');

  // Thirty seconds in, the recording ends; the session does not.
  await page.getByTestId('replay-seek').focus();
  await page.keyboard.press('End');
  await expect(page.getByTestId('replay-still')).toContainText('The recording ends at 0:30');
  expect(Math.round(urlMs(page, both) / 1000)).toBe(40);
  await page.goto(page.url().replace(/at=\d+/, `at=${both.onPage(SECOND_ASKED_MS)}`));
  await expect(page.getByTestId('replay-still')).toBeHidden();
});

test('a comment stands at the playhead, which waits for it; its moment leads back from the list and the bar', async ({
  open,
}) => {
  const both = await sendBothSides();
  const page = await open(`/sessions/${both.visit.sessionId}/diptych?at=${both.onPage(13_000)}`);
  await expect(recorded(page).locator('#asked')).toBeVisible();
  await page.keyboard.press('m');
  await page.keyboard.press(' ');
  await expect(page.getByTestId('replay-play')).toHaveAttribute('aria-label', 'Pause');
  await expect.poll(() => shownMs(page)).toBeGreaterThan(13_200);

  await page.getByLabel('Comment', { exact: true }).fill('Here the tool had timed out');
  await expect(page.getByTestId('replay-play')).toHaveAttribute('aria-label', 'Play');
  await page.getByLabel('Your name').fill('Noor');
  await page.getByLabel('Your name').press('Control+Enter');
  await expect(page.getByTestId('comment')).toContainText('Here the tool had timed out');
  await expect(page.getByRole('button', { name: 'Comments 1' })).toBeVisible();
  const heldMs = await shownMs(page);

  for (const way of [page.getByRole('button', { name: /^at 0:1\d$/ }), page.getByTestId('comment-mark')]) {
    await page.getByTestId('replay-seek').press('Home');
    await expect.poll(() => shownMs(page)).toBeLessThan(1_000);
    await way.click();
    await expect.poll(async () => Math.abs((await shownMs(page)) - heldMs)).toBeLessThanOrEqual(TOGETHER_MS);
    expect(Math.abs(urlMs(page, both) - heldMs)).toBeLessThanOrEqual(TOGETHER_MS);
  }
  // The mark opens the list, too.
  await page.keyboard.press('Escape');
  await page.getByTestId('comment-mark').click();
  await expect(page.getByTestId('comment')).toContainText('Noor');
});
