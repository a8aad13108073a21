import { createServer } from 'node:net';
import { newId, newVisit, sendSegment, sendSpans, sendVisit, type Visit } from './feed.ts';
import { element, mutation, snapshot, words } from './recording.ts';
import { expect, type Page, required, test } from './server.ts';

/** The document that rrweb rebuilds, two frames down. */
function recorded(page: Page) {
  return page.frameLocator('[data-testid=replay-frame]').frameLocator('iframe');
}

async function record(visit: Visit, segments: ReturnType<typeof snapshot>[]): Promise<void> {
  await sendVisit(visit);
  for (const [index, events] of segments.entries()) await sendSegment(visit, index, events);
}

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
  const said = (at: number, text: string) =>
    mutation(at, { adds: [{ parentId: list.id, node: element('li', {}, words(text)) }] });
  const ticks = Array.from({ length: 20 }, (_, index) => mutation(visit.start + 31_000 + index * 1_000, {}));
  // Thirty idle seconds, in which the page changes by itself at 0:15, then an answer of two seconds at 0:30.
  await record(visit, [
    [
      ...snapshot(visit.start, [], [list]),
      said(visit.start + 15_000, 'tick'),
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
  await page.keyboard.press(' ');
  await expect(page.getByTestId('replay-position')).toContainText(/0:(29|30) of 0:50/);
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

test('a session without a recording says so', async ({ open }) => {
  const visit = newVisit(Date.now() - 30_000);
  await sendVisit(visit);
  const page = await open(`/sessions/${visit.sessionId}?tab=replay`);
  await expect(page.getByText('This session has no replay')).toBeVisible();
  await expect(page.getByTestId('replay-button')).toBeDisabled();
});

/** A host that must never hear from us: counts connections, so that even an early handshake shows. */
async function listener(): Promise<{ origin: string; connections: () => number; close: () => void }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { origin: `http://127.0.0.1:${port}`, connections: () => connections, close: () => server.close() };
}

test('a hostile recording runs nothing, fetches nothing and leads nowhere', async ({ open }) => {
  const visit = newVisit(Date.now() - 30_000);
  const host = await listener();
  const evil = host.origin;
  const says = "parent.postMessage('pwned', '*'); top.pwned = true";
  const box = element('div', { id: 'box' });
  const frame = element('iframe', { src: `${evil}/frame`, srcdoc: `<script>${says}</script>` });
  const link = element('a', { id: 'link', href: `javascript:${says}`, ping: `${evil}/ping` }, words('link'));
  await record(visit, [
    [
      ...snapshot(
        visit.start,
        [
          element('meta', { 'http-equiv': 'refresh', content: `0;url=${evil}/refresh` }),
          element('base', { href: `${evil}/` }),
          element('link', { rel: 'preconnect', href: evil }),
          element('link', { rel: 'stylesheet', href: `${evil}/style.css` }),
          element(
            'style',
            {},
            words(`@import url(${evil}/import.css); body { background: url(${evil}/back.png) }`),
          ),
          element('script', { src: `${evil}/script.js` }, words(says)),
        ],
        [
          element('h1', {}, words('Still readable')),
          element('img', { src: `${evil}/pixel.png`, onerror: says }),
          element('object', { data: `${evil}/object.swf` }),
          element('embed', { src: `${evil}/embed.swf` }),
          element('video', { src: `${evil}/video.mp4`, poster: `${evil}/poster.png`, autoplay: '' }),
          element(
            'form',
            { action: `${evil}/form` },
            element('button', { formaction: `javascript:${says}` }, words('send')),
          ),
          element('svg', { onload: says }),
          frame,
          link,
          box,
        ],
      ),
      mutation(visit.start + 500, {
        adds: [{ parentId: box.id, node: element('script', {}, words(says)) }],
        attributes: [
          { id: frame.id, attributes: { src: `javascript:${says}` } },
          { id: link.id, attributes: { href: ` java\tscript:${says}`, onclick: says } },
          { id: box.id, attributes: { onmouseover: says } },
        ],
      }),
      mutation(visit.start + 1_000, {}),
    ],
  ]);

  const page = await open(`/sessions/${visit.sessionId}?tab=replay&t=${visit.start + 900}`);
  const inner = recorded(page);
  await expect(inner.locator('h1')).toHaveText('Still readable');
  await inner.locator('#link').evaluate((node: HTMLElement) => node.click());
  await inner.locator('button').evaluate((node: HTMLElement) => node.click());
  await page.waitForTimeout(1_000);

  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
  expect(host.connections()).toBe(0);
  host.close();
  expect(page.url()).toContain(`${required('DIPTYCH_UI_SERVER')}/sessions/`);
  await expect(inner.locator('h1')).toHaveText('Still readable');
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
  await expect(recorded(page).locator('h1')).toHaveText('Real');

  await page.evaluate(send, messages);
  await expect(recorded(page).locator('h1')).toHaveText('Forged');
});
