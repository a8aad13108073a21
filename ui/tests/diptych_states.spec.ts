import { click, newId, newVisit, sendSegment, sendSpans, sendVisit, type Visit } from './feed.ts';
import { holdBack } from './held_back.ts';
import { element, mutation, snapshot, words } from './recording.ts';
import { recorded } from './replayed.ts';
import { expect, type Page, test } from './server.ts';

async function recordHeading(visit: Visit, text: string, forMs: number): Promise<void> {
  await sendVisit(visit);
  await sendSegment(visit, 0, [
    ...snapshot(visit.start, [], [element('h1', {}, words(text))]),
    mutation(visit.start + forMs, {}),
  ]);
}

function ask(sessions: string[], start: number, attributes: Record<string, string> = {}) {
  return sessions.map((session) => ({
    name: 'claude',
    kind: 'llm',
    start,
    durationMs: 900,
    attributes: { 'diptych.session.id': session, 'gen_ai.request.model': 'claude-sonnet-4-5', ...attributes },
  }));
}

test('what is missing on either side is told plainly', async ({ open }) => {
  test.setTimeout(120_000);
  const now = Date.now();
  await test.step('neither side, then the traces alone', async () => {
    const { sessionId } = newVisit(0);
    const page = await open(`/sessions/${sessionId}/diptych`);
    await expect(page.getByText('Neither side of this session is stored')).toBeVisible();
    await sendSpans(newId(16), ask([sessionId], now - 9_000));
    await expect(page.getByText('No browser session with this id is stored')).toBeVisible();
    await expect(page.getByTestId('span-row')).toHaveCount(1);
    await expect(page.getByText('The sender did not record the messages')).toBeVisible();
    await page.keyboard.press(' ');
    await expect(page.getByTestId('playhead-line')).toBeVisible();
  });
  await test.step('a page that was not recorded, and asked no agent', async () => {
    const visit = newVisit(now - 30_000);
    await sendVisit(visit);
    const page = await open(`/sessions/${visit.sessionId}/diptych`);
    await expect(page.getByText('This session has no replay')).toBeVisible();
    await expect(page.getByText('No LLM trace belongs to this session')).toBeVisible();
  });
  await test.step('two tabs: the one that was recording is shown, and each can be chosen', async () => {
    const first = newVisit(now - 60_000);
    const second = newVisit(first.start + 10_000, { sessionId: first.sessionId });
    await recordHeading(first, 'In the first tab', 3_000);
    await recordHeading(second, 'In the second tab', 3_000);
    const page = await open(`/sessions/${first.sessionId}/diptych?at=${second.start + 1_000}`);
    await expect(recorded(page).locator('h1')).toHaveText('In the second tab');
    await page.getByText('Tab 1').click();
    await expect(recorded(page).locator('h1')).toHaveText('In the first tab');
  });
  await test.step('two sessions in one trace: each leads to the other', async () => {
    const [one, other] = [newVisit(now - 40_000), newVisit(now - 40_000)];
    for (const visit of [one, other]) await recordHeading(visit, `Of ${visit.sessionId}`, 20_000);
    const traceId = newId(16);
    await sendSpans(traceId, ask([one.sessionId, other.sessionId], now - 30_000));
    const page = await open(`/sessions/${one.sessionId}/diptych?trace=${traceId}`);
    await page.getByTestId('other-sessions').getByRole('link').click();
    await expect(recorded(page).locator('h1')).toHaveText(`Of ${other.sessionId}`);
    await expect(page.getByTestId('span-row')).toHaveCount(2);
  });
});

/** A heading that is there from `from` to `to`, ms after the visit began, in one segment. */
async function show(visit: Visit, text: string, from: number, to: number): Promise<void> {
  await sendSegment(visit, 0, [
    ...snapshot(visit.start + from, [], [element('h1', {}, words(text))]),
    mutation(visit.start + to, {}),
  ]);
}

test('where nothing was recorded, the replay says so, and leads to where it goes on', async ({ open }) => {
  test.setTimeout(90_000);
  const still = (page: Page) => page.getByTestId('replay-still');
  const position = (page: Page) => page.getByTestId('replay-position').locator('b');

  await test.step('before it begins: a session opens at its first picture', async () => {
    const visit = newVisit(Date.now() - 90_000);
    await sendVisit(visit, { events: [click(visit.start + 50_000, 'Buy')] });
    await show(visit, 'Recorded late', 42_000, 50_000);
    const page = await open(`/sessions/${visit.sessionId}/diptych`);
    await expect(recorded(page).locator('h1')).toHaveText('Recorded late');
    await expect(position(page)).toHaveText('0:42');
    await expect(still(page)).toBeHidden();
    await page.getByTestId('replay-seek').press('Home');
    await expect(position(page)).toHaveText('0:00');
    await expect(still(page)).toContainText('The recording begins at 0:42');
    await expect(page.getByTestId('replay-frame')).toHaveAttribute('data-still', 'true');
    await page.keyboard.press('r');
    await expect(position(page)).toHaveText('0:42');
    await expect(still(page)).toBeHidden();
  });
  await test.step('between two views of a tab', async () => {
    const first = newVisit(Date.now() - 90_000);
    const second = newVisit(first.start + 30_000, { sessionId: first.sessionId, tabId: first.tabId });
    await sendVisit(first);
    await show(first, 'Tents', 0, 5_000);
    await sendVisit(second);
    await show(second, 'Packs', 0, 5_000);
    const page = await open(`/sessions/${first.sessionId}/diptych?at=${first.start + 12_000}`);
    await expect(recorded(page).locator('h1')).toHaveText('Tents');
    await expect(still(page)).toContainText('Nothing was recorded from 0:05 to 0:30');
    await still(page).getByRole('button', { name: 'Go there' }).click();
    await expect(recorded(page).locator('h1')).toHaveText('Packs');
    await expect(page.getByTestId('replay-play')).toHaveAttribute('aria-label', 'Play');
  });
  await test.step('while the recorder rested, to spare the page', async () => {
    const visit = newVisit(Date.now() - 90_000);
    await sendVisit(visit);
    const pausedAt = visit.start + 6_000;
    const paused = {
      type: 5,
      data: { tag: 'dip.paused', payload: { rest_ms: 10_000 } },
      timestamp: pausedAt,
    };
    await sendSegment(visit, 0, [
      ...snapshot(visit.start, [], [element('h1', {}, words('Busy'))]),
      mutation(pausedAt - 1, {}),
      paused,
    ]);
    await sendSegment(visit, 1, [
      ...snapshot(pausedAt + 11_000, [], [element('h1', {}, words('Calm'))]),
      mutation(pausedAt + 20_000, {}),
    ]);
    const page = await open(`/sessions/${visit.sessionId}/diptych?at=${pausedAt + 3_000}`);
    await expect(recorded(page).locator('h1')).toHaveText('Busy');
    await expect(still(page)).toContainText('Recording rested from 0:06 to 0:17');
    await expect(page.getByTitle('Nothing was recorded here')).toHaveCount(1);
    await page.keyboard.press('r');
    await expect(recorded(page).locator('h1')).toHaveText('Calm');
  });
  await test.step('where a segment never arrived', async () => {
    const visit = newVisit(Date.now() - 90_000);
    await sendVisit(visit);
    await show(visit, 'Before', 0, 5_000);
    await sendSegment(visit, 2, [mutation(visit.start + 10_000, {}), mutation(visit.start + 15_000, {})]);
    const page = await open(`/sessions/${visit.sessionId}/diptych?at=${visit.start + 7_000}`);
    await expect(still(page)).toContainText('The recording from 0:05 to 0:10 did not arrive');
    await page.keyboard.press('r');
    await expect(position(page)).toHaveText('0:10');
  });
});

test('a session that is going on is followed as it is recorded', async ({ open }) => {
  const visit = newVisit(Date.now() - 10_000);
  const list = element('ul', { id: 'said' });
  const said = (at: number, text: string) =>
    mutation(at, { adds: [{ parentId: list.id, node: element('li', {}, words(text)) }] });
  await sendVisit(visit);
  await sendSegment(visit, 0, [...snapshot(visit.start, [], [list]), said(visit.start + 1_000, 'first')]);
  const page = await open(`/sessions/${visit.sessionId}/diptych`);
  await page.getByRole('button', { name: 'Follow live' }).click();
  await expect(recorded(page).locator('#said')).toHaveText('first');
  await sendSegment(visit, 1, [said(visit.start + 6_000, ' and second')]);
  await expect(recorded(page).locator('#said')).toHaveText('first and second');
});

test('a Diptych that is being left does not open itself again, whatever arrives for it', async ({ open }) => {
  const visit = newVisit(Date.now() - 60_000);
  await recordHeading(visit, 'Left', 20_000);
  const [traceId, id] = [newId(16), newId(8)];
  const spans = ask([visit.sessionId], visit.start + 5_000).map((span) => ({ ...span, id }));
  await sendSpans(traceId, spans);
  const page = await open('/settings');
  const letTraceArrive = await holdBack(page, `**/api/v1/traces/${traceId}*`);
  const letCodeArrive = await holdBack(page, '**/assets/OverviewPage-*.js');
  // A link to a span: where it stands in the session is known, and told by the address, once its trace is there.
  await open(`/sessions/${visit.sessionId}/diptych?trace=${traceId}&span=${id}`);
  await expect(page.getByTestId('diptych')).toBeVisible();

  await page.getByRole('link', { name: 'Overview' }).click();
  await expect(page).toHaveURL(/\/overview/);
  letTraceArrive();
  await expect(page.getByTestId('span-row')).toHaveCount(1);
  letCodeArrive();
  await expect(page.getByTestId('diptych')).toBeHidden();
  await expect(page).toHaveURL(/\/overview/);
});
