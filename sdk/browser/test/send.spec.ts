import { expect, type Json, leave, type Page, test, until } from './fixture';

const actions = (events: Json[]) => events.map((event) => event.action.target.name as string);

/** Waits until the recorder has been loaded and has taken its first snapshot. */
async function recording(page: Page): Promise<void> {
  await page.waitForFunction('window.__diptych_recorder__');
  await page.waitForTimeout(300);
}

test('the first batch leaves at once', async ({ open, diptych }) => {
  const startMs = Date.now();
  await open();
  await until(
    () => diptych.events('view'),
    'the first view',
    (views) => views.length > 0,
    2000,
  );
  const first = diptych.received.find((each) => each.path === '/v1/rum');
  expect((first?.atMs ?? 0) - startMs).toBeLessThan(2000);
  expect(first?.query.get('key')).toBe('client-key');
  expect(Math.abs(Number(first?.query.get('sent_at')) - (first?.atMs ?? 0))).toBeLessThan(1000);
  expect(first?.headers['content-type']).toBe('text/plain;charset=UTF-8');
  expect(first?.headers).not.toHaveProperty('cookie');
});

test('no request of ours needs a preflight', async ({ page, open, diptych }) => {
  await open();
  await leave(page);
  await until(
    () => diptych.events('view'),
    'a view',
    (views) => views.length > 0,
  );
  expect(diptych.received.filter((each) => each.method === 'OPTIONS')).toEqual([]);
});

test('what happens in the last moment of a page arrives', async ({ page, open, diptych, site }) => {
  site.html('/next', '<p>next</p>');
  await open({ body: "<button onclick=\"diptych.addAction('bye'); location.href='/next'\">Leave</button>" });
  await until(
    () => diptych.events('view'),
    'the first batch',
    (views) => views.length > 0,
  );
  await page.waitForTimeout(700);
  await page.click('button');
  await page.waitForURL('**/next');
  const seen = await until(
    () => actions(diptych.events('action')),
    'the actions',
    (names) => names.length === 2,
  );
  expect(seen.sort()).toEqual(['Leave', 'bye']);
  const last = diptych.events('view').at(-1);
  expect(last?.view.action.count).toBe(2);
});

test("the page's exit sends at most 64 KiB that outlive it, events before recordings", async ({
  page,
  open,
  diptych,
}) => {
  await open({ body: '<main></main>' });
  await until(
    () => diptych.events('view'),
    'the first batch',
    (views) => views.length > 0,
  );
  await recording(page);
  await page.evaluate(`
    for (let i = 0; i < 20; i += 1) diptych.addAction('a' + i, { text: 'x'.repeat(500) });
    document.querySelector('main').innerHTML = '<p>recorded</p>'.repeat(800);
  `);
  const before = diptych.received.length;
  await leave(page);
  await until(
    () => diptych.segments(),
    'the recording',
    (segments) => segments.length > 0,
  );
  const after = diptych.received.slice(before).map((each) => each.path);
  expect(after.indexOf('/v1/rum')).toBeLessThan(after.indexOf('/v1/replay'));
  expect(actions(diptych.events('action'))).toHaveLength(20);
});

test('what is on its way when a page is left is sent once more; what has been answered never is', async ({
  page,
  open,
  diptych,
}) => {
  const times = (name: string) => diptych.received.filter((each) => each.body.includes(`"${name}"`)).length;
  diptych.answerAfterMs = 1500;
  await open({ after: "diptych.addAction('on its way')" });
  await until(
    () => times('on its way'),
    'the first batch',
    (count) => count > 0,
  );
  await leave(page);
  await page.waitForTimeout(500);
  expect(times('on its way')).toBe(2);

  diptych.answerAfterMs = 0;
  await open({ after: "diptych.addAction('answered')" });
  await until(
    () => times('answered'),
    'the first batch',
    (count) => count > 0,
  );
  await page.waitForTimeout(1500);
  await leave(page);
  await page.waitForTimeout(500);
  expect(times('answered')).toBe(1);
});

test('a server that is down harms nothing; the data is kept, bounded, counted, and flows when it is back', async ({
  page,
  open,
  diptych,
}) => {
  test.setTimeout(60_000);
  diptych.status = undefined;
  const errors = await open();
  await page.evaluate(
    `for (let i = 0; i < 3000; i += 1) diptych.addAction('a' + i, { text: 'x'.repeat(200) })`,
  );
  const dropped = (await page.evaluate('diptych.getDropped()')) as Record<string, number>;
  expect(dropped.rum_queue_full).toBeGreaterThan(900);
  expect(errors).toEqual([]);
  diptych.status = 202;
  const views = await until(
    () => diptych.events('view'),
    'the data',
    (found) => found.some((view) => view.dip?.dropped),
    40_000,
  );
  expect(views.at(-1)?.dip.dropped.rum_queue_full).toBeGreaterThanOrEqual(dropped.rum_queue_full ?? 0);
  // The newest are what is kept.
  const names = await until(
    () => actions(diptych.events('action')),
    'the actions',
    (found) => found.includes('a2999'),
    40_000,
  );
  expect(new Set(names).size).toBe(names.length);
  expect(names).not.toContain('a0');
});

test('503 is tried again with the very same events, and Retry-After is honoured', async ({
  page,
  open,
  diptych,
}) => {
  diptych.status = 503;
  diptych.answerHeaders = { 'Retry-After': '3', 'Access-Control-Expose-Headers': 'Retry-After' };
  await open();
  await page.evaluate("diptych.addAction('kept')");
  await until(
    () => diptych.refused,
    'the refusal',
    (count) => count > 0,
  );
  diptych.status = 202;
  await until(
    () => actions(diptych.events('action')),
    'the action',
    (names) => names.includes('kept'),
  );
  const first = diptych.received.find((each) => each.path === '/v1/rum');
  expect((first?.atMs ?? 0) - diptych.refusedMs).toBeGreaterThan(2500);
});

test('400 is never tried again; the loss is counted and told once', async ({ page, open, diptych }) => {
  const warnings: string[] = [];
  page.on('console', (message) => message.text().startsWith('Diptych') && warnings.push(message.text()));
  diptych.status = 401;
  await open();
  await page.evaluate("diptych.addAction('lost')");
  await until(
    () => diptych.refused,
    'the refusal',
    (count) => count > 0,
  );
  await page.waitForTimeout(1500);
  diptych.status = 202;
  await leave(page);
  await page.waitForTimeout(500);
  expect(warnings.length).toBeLessThanOrEqual(1);
  expect(warnings[0]).toContain('HTTP 401');
});

test('an intake without CORS costs the page nothing', async ({ page, open, diptych }) => {
  diptych.answerHeaders = { 'Access-Control-Allow-Origin': 'https://elsewhere.example' };
  const errors = await open({ body: '<button>Go</button>' });
  await page.click('button');
  await page.waitForTimeout(1000);
  expect(errors).toEqual([]);
  expect(await page.evaluate('diptych.getSessionId()')).toBeTruthy();
});

test('a page that wraps fetch itself does not see our requests, and one that breaks JSON does not break us', async ({
  page,
  open,
  diptych,
}) => {
  const errors = await open({
    after:
      'const f = window.fetch; window.seen = []; window.fetch = (...a) => { seen.push(String(a[0])); return f(...a); };',
  });
  await page.evaluate(
    "const loop = {}; loop.self = loop; diptych.addAction('loop', { loop, big: 10n, node: document.body, f() {} })",
  );
  const events = await until(
    () => diptych.events('action'),
    'the action',
    (found) => found.length > 0,
  );
  expect(events[0]?.context).toEqual({ loop: {}, big: '10' });
  expect(await page.evaluate('seen')).toEqual([]);
  expect(errors).toEqual([]);
});

test('offline the data waits; once the network is back it flows at once', async ({
  page,
  context,
  open,
  diptych,
}) => {
  await open();
  await until(
    () => diptych.events('view'),
    'the first batch',
    (views) => views.length > 0,
  );
  await context.setOffline(true);
  await page.evaluate("diptych.addAction('in the tunnel')");
  await page.waitForTimeout(6500);
  expect(diptych.events('action')).toEqual([]);
  await context.setOffline(false);
  await until(
    () => actions(diptych.events('action')),
    'the action',
    (names) => names.includes('in the tunnel'),
    3000,
  );
});

test('what does not fit into the last requests of a page is sent by the next one', async ({
  page,
  open,
  diptych,
}) => {
  diptych.mayRepeat = true;
  await open({ body: '<main></main>' });
  await until(
    () => diptych.events('view'),
    'the first batch',
    (views) => views.length > 0,
  );
  await page.waitForTimeout(1200);
  const session = await page.evaluate('diptych.getSessionId()');
  await recording(page);
  // About 330 kB of events, and more of a recording than one request may hold, in the page's last moment.
  await page.evaluate(`addEventListener('beforeunload', () => {
    for (let i = 0; i < 60; i += 1) diptych.addAction('a' + i, { text: String(Math.random()).repeat(300) });
    document.querySelector('main').textContent = 'last words' + Array.from({ length: 20_000 }, Math.random);
  })`);
  await leave(page);
  await page.waitForTimeout(700);
  expect(actions(diptych.events('action')).length).toBeLessThan(60);
  await open({ path: '/next' });
  const all = await until(
    () => diptych.events('action'),
    'the rest',
    (found) => found.length >= 60,
  );
  expect(actions(all).sort()).toEqual(Array.from({ length: 60 }, (_, i) => `a${i}`).sort());
  expect(new Set(all.map((event) => event.session.id))).toEqual(new Set([session]));
  await until(
    () => diptych.segments(),
    'the recording',
    (segments) => JSON.stringify(segments).includes('last words'),
  );
  expect(await page.evaluate('Object.keys(sessionStorage)')).toEqual(['_diptych_tab']);
});

test('a policy that blocks the server costs the page nothing: no error event, one line on the console', async ({
  page,
  open,
  site,
  diptych,
}) => {
  const told: string[] = [];
  page.on('console', (message) => message.text().startsWith('Diptych') && told.push(message.text()));
  const errors = await open({
    headers: {
      'Content-Security-Policy': `default-src 'self'; script-src 'self' 'unsafe-inline' ${diptych.origin}`,
    },
  });
  site.on('/blocked.js', (_, response) => void response.end(''));
  await page.waitForTimeout(6000);
  expect(errors).toEqual([]);
  expect(told).toEqual([expect.stringContaining('cannot be reached')]);
  expect(await page.evaluate('diptych.getSessionId()')).toBeTruthy();
  expect(diptych.received.filter((each) => each.path.startsWith('/v1/'))).toEqual([]);
});

test('works under a strict policy: nonce, strict-dynamic, trusted types, no eval, no inline style', async ({
  page,
  site,
  diptych,
}) => {
  const nonce = 'dGVzdA';
  const violations: string[] = [];
  page.on('console', (message) => message.type() === 'error' && violations.push(message.text()));
  site.html(
    '/',
    `<!doctype html><title>Strict</title><script nonce="${nonce}" src="${diptych.origin}/sdk/diptych.js"></script>
    <script nonce="${nonce}">diptych.init({ applicationId: 'shop', clientToken: 'k', url: '${diptych.origin}' })</script>
    <h1>Strict</h1>`,
    {
      'Content-Security-Policy': `default-src 'none'; script-src 'nonce-${nonce}' 'strict-dynamic'; connect-src 'self' ${diptych.origin}; require-trusted-types-for 'script'; trusted-types diptych`,
    },
  );
  await page.goto(site.origin);
  await until(
    () => diptych.segments(),
    'the recording',
    (found) => found.length > 0,
  );
  await leave(page);
  expect(violations).toEqual([]);
  expect(diptych.events('error')).toEqual([]);
});
