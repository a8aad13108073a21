import { newVisit } from './feed.ts';
import { element, mutation, snapshot, words } from './recording.ts';
import { hostileRecording } from './replay_corpus.ts';
import { record, recorded } from './replayed.ts';
import { expect, required, test } from './server.ts';
import { silentHost } from './silent_host.ts';

test('a hostile recording runs nothing, fetches nothing and leads nowhere', async ({
  openApart,
  context,
}) => {
  const visit = newVisit(Date.now() - 30_000);
  const host = await silentHost();
  const { events, cases } = hostileRecording(visit.start, host.origin);
  await record(visit, [events]);
  const happened: string[] = [];
  context.on('page', (page) => happened.push(`a page: ${page.url()}`));
  context.on('dialog', (dialog) => happened.push(`a dialog: ${dialog.message()}`));

  const page = await openApart(`/sessions/${visit.sessionId}/diptych?at=${visit.start + 950}`);
  page.on('download', (download) => happened.push(`a download: ${download.url()}`));
  const address = page.url();
  const inner = recorded(page);
  await expect(inner.locator('h1')).toHaveText('Still readable');
  // It is all there: what was taken out are its teeth, not its elements.
  expect(await inner.locator('[data-case]').count()).toBeGreaterThan(cases * 0.8);
  expect(cases).toBeGreaterThan(60);
  // Nobody can click in there; where somebody could, nothing would come of it.
  await inner.locator('body').evaluate((body) => {
    for (const node of body.querySelectorAll<HTMLElement>('a, area, button, input')) {
      node.focus();
      // SVG's links have no click() of their own.
      for (const type of ['mouseover', 'click'])
        node.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true }));
    }
  });
  await page.waitForTimeout(1_000);
  await expect(inner.locator('h1')).toHaveText('Still readable');

  for (const frame of page.frames())
    expect(await frame.evaluate(() => 'pwned' in self), frame.url()).toBe(false);
  expect(host.connections()).toBe(0);
  host.close();
  expect(happened).toEqual([]);
  expect(page.url()).toBe(address);
});

test('the frame has a policy of its own and obeys only its page', async ({ open }) => {
  const visit = newVisit(Date.now() - 30_000);
  await record(visit, [
    [...snapshot(visit.start, [], [element('h1', {}, words('Real'))]), mutation(visit.start + 500, {})],
  ]);
  const page = await open(`/sessions/${visit.sessionId}?tab=replay`);
  await expect(recorded(page).locator('h1')).toHaveText('Real');

  const frame = await page.request.get(`${required('DIPTYCH_UI_SERVER')}/replay-frame`);
  const policy = frame.headers()['content-security-policy'];
  expect(policy).toMatch(/script-src 'sha256-/);
  expect(policy).toContain("connect-src 'none'");
  expect(policy).not.toContain("'unsafe-eval'");

  const forged = snapshot(visit.start + 600, [], [element('h1', {}, words('Forged'))]);
  const messages = [
    { type: 'events', clip: visit.viewId, events: forged, isComplete: true },
    { type: 'show', clip: visit.viewId, at: visit.start + 601, play: false },
  ].map((message) => ({ protocol: 'diptych-replay-1', ...message }));
  const send = (all: object[]) => {
    const target = window.top?.document.querySelector<HTMLIFrameElement>('[data-testid=replay-frame]');
    for (const message of all) target?.contentWindow?.postMessage(message, '*');
  };
  await page.evaluate(() => {
    const stranger = document.createElement('iframe');
    stranger.name = 'stranger';
    document.body.append(stranger);
  });
  await page.frame('stranger')?.evaluate(send, messages);
  await page.waitForTimeout(500);
  expect(await page.evaluate(() => 'pwned' in self)).toBe(false);
  await expect(recorded(page).locator('h1')).toHaveText('Real');

  await page.evaluate(send, messages);
  await expect(recorded(page).locator('h1')).toHaveText('Forged');
});
