import { newId, newVisit, sendSegment, sendSpans, sendVisit, type Visit } from './feed.ts';
import { element, mutation, snapshot, words } from './recording.ts';
import { record, recorded } from './replayed.ts';
import { expect, test } from './server.ts';

test('opens at the moment of the link, and shows what stood there then', async ({ open }) => {
  const visit = newVisit(Date.now() - 60_000);
  const list = element('ul', { id: 'said' });
  const said = (at: number, text: string) =>
    mutation(at, { adds: [{ parentId: list.id, node: element('li', {}, words(text)) }] });
  await record(visit, [
    [...snapshot(visit.start, [], [list]), said(visit.start + 1_000, 'first')],
    [said(visit.start + 5_500, 'second'), said(visit.start + 9_000, 'third')],
  ]);

  const page = await open(`/sessions/${visit.sessionId}?tab=replay&t=${visit.start + 6_000}`);
  await expect(recorded(page).locator('#said')).toHaveText('firstsecond');
  await expect(page.getByTestId('replay-position')).toContainText('0:06 of 0:09');

  await page.getByTestId('replay-play').click();
  await expect(recorded(page).locator('#said')).toHaveText('firstsecondthird');
});

test('plays the views of a tab as one timeline and says where nothing was recorded', async ({ open }) => {
  const first = newVisit(Date.now() - 60_000);
  const second = newVisit(first.start + 4_000, { sessionId: first.sessionId, tabId: first.tabId });
  const still = (at: number) => mutation(at, {});
  await record(first, [
    [...snapshot(first.start, [], [element('h1', {}, words('Tents'))]), still(first.start + 800)],
  ]);
  await record(second, [
    [...snapshot(second.start, [], [element('h1', {}, words('Packs'))]), still(second.start + 900)],
  ]);

  const page = await open(`/sessions/${first.sessionId}?tab=replay`);
  await expect(recorded(page).locator('h1')).toHaveText('Tents');
  await expect(page.getByTitle('Nothing was recorded here')).toHaveCount(1);
  await page.keyboard.press(' ');
  await expect(recorded(page).locator('h1')).toHaveText('Packs');
  await expect(page.getByText('view 2 of 2')).toBeVisible();
});

test('skips what is idle, but never an answer being given', async ({ open }) => {
  const visit = newVisit(Date.now() - 120_000);
  const list = element('ul', { id: 'said' });
  const tick = element('li', {}, words('tick'));
  const said = (at: number, text: string, node = element('li', {}, words(text))) =>
    mutation(at, { adds: [{ parentId: list.id, node }] });
  const ticks = Array.from({ length: 20 }, (_, index) => mutation(visit.start + 31_000 + index * 1_000, {}));
  // Thirty idle seconds, in which the page changes by itself at 0:15 and its recording begins anew at 0:20, then an
  // answer of two seconds at 0:30.
  await record(visit, [
    [
      ...snapshot(visit.start, [], [list]),
      said(visit.start + 15_000, 'tick', tick),
      ...snapshot(visit.start + 20_000, [], [{ ...list, childNodes: [tick] }]),
      said(visit.start + 30_000, 'word'),
      said(visit.start + 32_000, 'by word'),
      ...ticks,
    ],
  ]);
  await sendSpans(newId(16), [
    {
      name: 'answer',
      kind: 'agent',
      start: visit.start + 29_500,
      durationMs: 3_000,
      attributes: { 'diptych.session.id': visit.sessionId },
    },
  ]);

  const page = await open(`/sessions/${visit.sessionId}?tab=replay`);
  await expect(recorded(page).locator('#said')).toHaveText('');
  const passed: (string | null)[] = [];
  await page.exposeFunction('passed', (position: string | null) => passed.push(position));
  await page.getByTestId('replay-position').evaluate((position) => {
    const { passed } = window as unknown as { passed: (position: string | null) => void };
    const look = () => passed(position.textContent);
    new MutationObserver(look).observe(position, { characterData: true, childList: true, subtree: true });
  });
  await page.keyboard.press(' ');
  await expect(page.getByTestId('replay-position')).toContainText(/0:(29|30) of 0:50/);
  expect(passed.filter((position) => /0:(1\d|2[0-8]) of/.test(position ?? ''))).toEqual([]);
  await expect(recorded(page).locator('#said')).toHaveText('tickword');
  await expect(recorded(page).locator('#said')).toHaveText('tickwordby word');
  await expect(page.getByTestId('replay-position')).toContainText('0:50 of 0:50');
});

test('two tabs are played apart, the one that was recording at the moment of the link first', async ({
  open,
}) => {
  const first = newVisit(Date.now() - 60_000);
  const second = newVisit(first.start + 2_000, { sessionId: first.sessionId });
  const page_ = (visit: Visit, text: string) => [
    ...snapshot(visit.start, [], [element('h1', {}, words(text))]),
    mutation(visit.start + 3_000, {}),
  ];
  await record(first, [page_(first, 'In the first tab')]);
  await record(second, [page_(second, 'In the second tab')]);

  const page = await open(`/sessions/${first.sessionId}?tab=replay&t=${second.start + 2_500}`);
  await expect(recorded(page).locator('h1')).toHaveText('In the second tab');
  await page.getByText('Tab 1').click();
  await expect(recorded(page).locator('h1')).toHaveText('In the first tab');
});

test('a step goes from change to change: a recording that begins anew in between is none', async ({
  open,
}) => {
  const visit = newVisit(Date.now() - 60_000);
  const picture = (at: number) => snapshot(at, [], [element('h1', {}, words('Tents'))]);
  await record(visit, [
    [...picture(visit.start), mutation(visit.start + 2_000, {}), ...picture(visit.start + 4_000)],
    [mutation(visit.start + 6_000, {})],
  ]);
  const page = await open(`/sessions/${visit.sessionId}/diptych?at=${visit.start + 1_000}`);
  await expect(recorded(page).locator('h1')).toBeVisible();
  const steps: [key: string, to: string][] = [
    ['.', '0:02'],
    ['.', '0:06'],
    [',', '0:02'],
    [',', '0:00'],
  ];
  for (const [key, to] of steps) {
    await page.keyboard.press(key);
    await expect(page.getByTestId('replay-position').locator('b')).toHaveText(to);
  }
});

test('a session without a recording says so', async ({ open }) => {
  const visit = newVisit(Date.now() - 30_000);
  await sendVisit(visit);
  const page = await open(`/sessions/${visit.sessionId}?tab=replay`);
  await expect(page.getByText('This session has no replay')).toBeVisible();
  await expect(page.getByTestId('replay-button')).toBeDisabled();
});

test('a long view is loaded from the last whole picture before the moment, and plays on from there', async ({
  open,
}) => {
  const visit = newVisit(Date.now() - 600_000);
  await sendVisit(visit);
  const picture = (at: number, text: string) =>
    snapshot(at, [], [element('h1', {}, words(text)), element('i', { id: 'now' })]);
  for (let index = 0; index < 60; index += 1) {
    const at = visit.start + index * 5_000;
    // The second whole picture stands in the midst of its segment, where the recorder had rested.
    const events =
      index === 0
        ? picture(at, 'As it was at first')
        : index === 40
          ? [mutation(at, {}), ...picture(at + 2_000, 'As it was later')]
          : [mutation(at, {})];
    await sendSegment(visit, index, [...events, mutation(at + 4_900, {})]);
  }
  const asked: string[] = [];
  const page = await open(`/sessions/${visit.sessionId}/diptych?at=${visit.start + 252_000}`);
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname.endsWith('/replay/events')) asked.push(`${searchParams.get('from_index')}`);
  });
  await page.reload();
  await expect(recorded(page).locator('h1')).toHaveText('As it was later');
  await expect.poll(() => asked[0]).toBe('40');
  expect(asked).not.toContain('0');

  await test.step('what lies before it is loaded when it is asked for', async () => {
    await page.getByTestId('replay-seek').press('Home');
    await expect(recorded(page).locator('h1')).toHaveText('As it was at first');
    expect(asked).toContain('0');
    // In the segment of the second picture itself, the page may still look as it did before.
    await page.goto(page.url().replace(/at=\d+/, `at=${visit.start + 201_000}`));
    await expect(recorded(page).locator('h1')).toHaveText('As it was at first');
  });
  await test.step('it plays on to the end', async () => {
    await page.goto(page.url().replace(/at=\d+/, `at=${visit.start + 298_500}`));
    await expect(recorded(page).locator('h1')).toHaveText('As it was later');
    await page.keyboard.press(' ');
    await expect(page.getByTestId('replay-play')).toHaveAttribute('aria-label', 'Pause');
    await expect(page.getByTestId('replay-play')).toHaveAttribute('aria-label', 'Play');
    await expect(page.getByTestId('replay-position')).toContainText('4:59 of 4:59');
  });
});
