import { newId, newVisit, sendSegment, sendSpans, sendVisit, type Visit } from './feed.ts';
import { element, mutation, snapshot, words } from './recording.ts';
import { expect, type Page, test } from './server.ts';

/** The document that rrweb rebuilds, two frames down. */
function recorded(page: Page) {
  return page.frameLocator('[data-testid=replay-frame]').frameLocator('iframe');
}

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
