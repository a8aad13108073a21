import { expect, test } from '@playwright/test';
import { signInLink } from '../datadog.ts';
import { ask, leave, recording, SERVER, SHOP, sessionId, signIn } from '../shop.ts';

const MINUTE_MS = 60_000;
/** The recorder takes a full snapshot anew after so long, when more than a megabyte has changed since. */
const RENEWED_AFTER_MS = 5 * MINUTE_MS;
const QUESTION = 'How long does delivery take?';

test('a moment late in a long view is shown from the snapshot before it, not from the start of the view', async ({
  page,
  browser,
}) => {
  test.setTimeout(120_000);
  const diptych = await (await browser.newContext()).newPage();
  await signIn(diptych, signInLink());
  // Ten minutes ago, so that the page's clock, put forward, stays behind the server's.
  await page.clock.install({ time: Date.now() - 10 * MINUTE_MS });
  await page.goto(SHOP);
  const session = await sessionId(page);
  await page.clock.runFor(6_000);
  await recording(diptych.request, session);
  await page.evaluate(() => {
    const much = document.createElement('p');
    much.id = 'much';
    much.textContent = 'word '.repeat(250_000);
    document.body.append(much);
  });
  for (let ms = 0; ms < RENEWED_AFTER_MS; ms += MINUTE_MS) await page.clock.fastForward(MINUTE_MS);
  await page.evaluate(() => document.querySelector('#much')?.replaceChildren('little'));
  await page.evaluate(() => new Promise((done) => requestIdleCallback(done)));
  await page.clock.runFor(12_000);
  await ask(page, QUESTION);
  const at = await page.evaluate(() => Date.now());
  await page.clock.runFor(1_000);
  await page.evaluate(() => document.querySelector('#much')?.replaceChildren('the end'));
  await leave(page);

  const segments = async () => {
    const answer = await diptych.request.get(`${SERVER}/api/v1/sessions/${session}/replay`);
    const { views } = (await answer.json()) as {
      views: { segments: { index: number; end: number; has_full_snapshot: boolean }[] }[];
    };
    expect(views).toHaveLength(1);
    return views[0]?.segments ?? [];
  };
  await expect.poll(async () => Math.max(...(await segments()).map(({ end }) => end))).toBeGreaterThan(at);
  const whole = (await segments()).filter(({ has_full_snapshot }) => has_full_snapshot);
  expect(whole).toHaveLength(2);
  const renewed = whole[1]?.index ?? 0;
  expect(renewed).toBeGreaterThan(0);

  const asked: number[] = [];
  diptych.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname.endsWith('/replay/events')) asked.push(Number(searchParams.get('from_index')));
  });
  await diptych.goto(`${SERVER}/sessions/${session}/diptych?at=${at}`);
  const shown = diptych.frameLocator('[data-testid=replay-frame]').frameLocator('iframe');
  await expect(shown.getByTestId('chat-question')).toHaveText(QUESTION);
  await expect(shown.locator('#much')).toHaveText('little');
  expect(Math.min(...asked)).toBe(renewed);
  await diptych.context().close();
});
