import { sendBothSides } from './both_sides.ts';
import { click, newId, newVisit, sendSpans, sendVisit } from './feed.ts';
import { holdBack } from './held_back.ts';
import { expect, test } from './server.ts';

test('new sessions arrive on top by themselves; the URL alone restores what is chosen', async ({ open }) => {
  const visit = newVisit(Date.now() - 20_000);
  await sendVisit(visit, { user: { id: '7', email: 'first@example.com' } });
  const page = await open('/sessions');
  const rows = page.getByTestId('session-row');
  await expect(rows.first()).toContainText('first@example.com');

  const late = newVisit(Date.now());
  await sendVisit(late, { user: { id: '8', email: 'second@example.com' } });
  await expect(rows.first()).toContainText('second@example.com', { timeout: 3_000 });

  await rows.nth(1).click();
  await expect(page).toHaveURL(new RegExp(`selected=${visit.sessionId}`));
  await page.reload();
  await expect(page.getByTestId('session-panel').locator('h1')).toHaveText('first@example.com');
});

test('hundreds of sessions: all can be reached, few are in the document; j, k, enter and escape', async ({
  open,
}) => {
  const start = Date.now() - 3_600_000;
  const visits = Array.from({ length: 130 }, (_, index) => newVisit(start + index * 1_000));
  await Promise.all(visits.map((visit) => sendVisit(visit)));
  const page = await open('/sessions?from=now-4h');
  const rows = page.getByTestId('session-row');
  await expect(rows.first()).toBeVisible();
  expect(await rows.count()).toBeLessThan(80);

  const oldest = page.locator(`[data-testid=session-row][data-id="${visits[0]?.sessionId}"]`);
  await expect(async () => {
    await rows.first().hover();
    await page.mouse.wheel(0, 4_000);
    await expect(oldest).toBeVisible({ timeout: 500 });
  }).toPass();

  await oldest.click();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/sessions/${visits[0]?.sessionId}`));
  await page.keyboard.press('Escape');
  await expect(oldest).toBeInViewport();
  await expect(oldest).toHaveAttribute('aria-current', 'true');
  await page.keyboard.press('Escape');

  // On from the row that was left, not from the top.
  const first = visits[1]?.sessionId;
  await page.keyboard.press('k');
  await expect(page).toHaveURL(new RegExp(`selected=${first}`));
  await page.keyboard.press('k');
  await expect(page).toHaveURL(new RegExp(`selected=${visits[2]?.sessionId}`));
  await page.keyboard.press('j');
  await expect(page).toHaveURL(new RegExp(`selected=${first}`));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/sessions/${first}`));
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(new RegExp(`/sessions\\?from=now-4h&selected=${first}`));
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/\/sessions\?from=now-4h$/);

  await test.step('a row that was left takes the focus from nobody when it comes into sight again', async () => {
    const left = page.locator(`[data-testid=session-row][data-id="${first}"]`);
    await left.click();
    const close = page.getByTestId('session-panel').getByRole('button', { name: 'Close' });
    await expect(close).toBeVisible();
    await rows.first().hover();
    await page.mouse.wheel(0, -20_000);
    await expect(left).toHaveCount(0);
    await close.click();
    await expect(close).toBeHidden();
    await page.keyboard.press('/');
    await page.keyboard.type('a');
    await rows.first().hover();
    await page.mouse.wheel(0, 20_000);
    await expect(left).toBeVisible();
    await page.keyboard.type('b');
    await expect(page.getByTestId('search')).toHaveValue('ab');
  });
});

test('escape takes back what is still being opened: the list stays as it was', async ({ open }) => {
  const visit = newVisit(Date.now() - 20_000);
  await sendVisit(visit, { user: { id: '7', email: 'quick@example.com' } });
  const list = `/sessions?from=now-4h&query=user.email%3Aquick*&selected=${visit.sessionId}`;
  const page = await open(list);
  await expect(page.getByTestId('session-panel')).toBeVisible();
  await expect(page.getByTestId('session-row')).toHaveAttribute('aria-current', 'true');
  const letCodeArrive = await holdBack(page, '**/assets/SessionPage-*.js');

  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/sessions/${visit.sessionId}$`));
  await page.keyboard.press('j');
  await expect(page).toHaveURL(new RegExp(`/sessions/${visit.sessionId}$`));
  await page.keyboard.press('Escape');
  await expect.poll(() => new URL(page.url()).pathname + new URL(page.url()).search).toBe(list);

  letCodeArrive();
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/\/sessions\?from=now-4h&query=user\.email%3Aquick\*$/);
  await expect(page.getByTestId('session-row')).toHaveCount(1);
});

test('the timeline holds what the person did and what the agent did, in order of time', async ({ open }) => {
  const visit = newVisit(Date.now() - 20_000);
  await sendVisit(visit, {
    events: [
      click(visit.start + 1_000, 'Ask'),
      {
        type: 'error',
        date: visit.start + 6_000,
        error: { id: newId(8), message: 'price is undefined', source: 'source' },
      },
    ],
  });
  const trace = newId(16);
  await sendSpans(trace, [
    {
      name: 'answer-question',
      kind: 'agent',
      start: visit.start + 3_000,
      durationMs: 900,
      attributes: { 'diptych.session.id': visit.sessionId, 'input.value': 'Can I return it?' },
    },
  ]);

  const page = await open(`/sessions/${visit.sessionId}`);
  const rows = page.getByTestId('timeline-row');
  await expect(rows).toHaveCount(4);
  await expect(rows).toContainText(['View', 'Click “Ask”', 'answer-question', 'price is undefined']);

  await rows.nth(3).getByRole('button').first().click();
  await expect(page.getByTestId('event-drawer')).toContainText('price is undefined');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('event-drawer')).toBeHidden();
  await expect(page).toHaveURL(new RegExp(`/sessions/${visit.sessionId}`));
  await page.getByTestId('timeline-trace').click();
  await expect(page).toHaveURL(new RegExp(`/traces/${trace}`));
});

test('the timeline tells at an answer what was found wrong with it', async ({ open }) => {
  const { visit } = await sendBothSides();
  const page = await open(`/sessions/${visit.sessionId}`);
  const answers = page.locator('[data-testid=timeline-row][data-type=answer]');
  await expect(answers).toHaveCount(2);
  await expect(answers.first()).toContainText('grounded: fail');
  await expect(answers.last()).not.toContainText('fail');
  await expect(page.getByTestId('session-panel').locator('header')).toContainText('1 failed evaluation');
});

test('a session that is not stored says why, and shows the traces that name it', async ({ open }) => {
  const trace = newId(16);
  await sendSpans(trace, [
    {
      name: 'early',
      kind: 'agent',
      start: Date.now() - 5_000,
      durationMs: 100,
      attributes: { 'diptych.session.id': `late-${trace}` },
    },
  ]);
  const page = await open(`/sessions/late-${trace}`);
  await expect(page.getByText('No browser session with this id is stored')).toBeVisible();
  await expect(page.getByTestId('trace-row')).toContainText('early');
});

test('what is told of a session that is not stored stays while it is looked for again', async ({ open }) => {
  const page = await open('/sign-in');
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { seen });
    new MutationObserver(() => {
      const told = document.querySelector('main')?.textContent?.includes('is stored') ? 'told' : 'not told';
      if (seen.at(-1) !== told) seen.push(told);
    }).observe(document, { childList: true, subtree: true });
  });
  for (const path of ['/sessions/nowhere', '/sessions/nowhere/diptych']) {
    await page.goto(new URL(path, page.url()).href);
    await expect(page.getByText('is stored').first()).toBeVisible();
    for (let again = 0; again < 2; again += 1)
      await page.waitForResponse((answer) => answer.url().endsWith('/sessions/nowhere'));
    expect(await page.evaluate('seen'), path).toEqual(['not told', 'told']);
  }
});

test('an empty range explains how to send a first session', async ({ open }) => {
  const page = await open('/sessions?from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z');
  await expect(page.getByRole('button', { name: 'Make a client key' })).toBeVisible();
  await expect(page.getByText('clientToken')).toBeVisible();
});

for (const width of [360, 768, 1440, 3840]) {
  test(`nothing of the pages is cut off at ${width} px`, async ({ open }) => {
    const visit = newVisit(Date.now() - 10_000);
    await sendVisit(visit, { user: { id: 'x', email: `${'long'.repeat(20)}@example.com` } });
    for (const path of ['/sessions', `/sessions/${visit.sessionId}`, '/traces', '/settings']) {
      const page = await open(path);
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(300);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, path).toBeLessThanOrEqual(0);
    }
  });
}
