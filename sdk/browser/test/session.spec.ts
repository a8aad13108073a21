import { expect, type Json, leave, test, until } from './fixture';

const UUID = /^[0-9a-f-]{36}$/;
const MINUTE_MS = 60_000;

test('the session id is there in the tick of init, and every event carries it', async ({
  page,
  open,
  diptych,
}) => {
  await open({ after: 'window.first = diptych.getInternalContext();' });
  const context = await page.evaluate('first');
  expect(context).toEqual({
    application_id: 'shop',
    session_id: expect.stringMatching(UUID),
    user_action: { id: [] },
    view: { id: expect.stringMatching(UUID), url: page.url(), referrer: '' },
  });
  const [view] = await until(
    () => diptych.events('view'),
    'a view',
    (views) => views.length > 0,
  );
  expect(view?.session.id).toBe((context as { session_id: string }).session_id);
});

test.describe('the session begins after init, or when it is asked for in the same tick', () => {
  /** Timers of no time never run: what `init` has put off stays so. */
  const before =
    'const { setTimeout } = window; window.setTimeout = (run, ms) => ms ? setTimeout(run, ms) : 0;';
  const cookie = 'window.cookie = document.cookie;';

  test('by itself', async ({ page, open, diptych }) => {
    await open({ after: cookie });
    expect(await page.evaluate('cookie')).toBe('');
    const [view] = await until(
      () => diptych.events('view'),
      'a view',
      (views) => views.length > 0,
    );
    expect(await page.evaluate('document.cookie')).toContain(`_diptych_s=${view?.session.id}&`);
  });

  for (const [what, script] of [
    ['its id', 'diptych.getSessionId();'],
    ['why nothing is recorded', 'diptych.explain();'],
    ['an action', "diptych.addAction('order');"],
    ['the name of the view', "diptych.setViewName('Home');"],
    ['an error', "dispatchEvent(new ErrorEvent('error', { message: 'No' }));"],
    ['a request', "fetch('/api');"],
    ['a click', 'document.documentElement.click();'],
    ['the end of the session', 'diptych.stopSession();'],
    ['another address', "history.pushState({}, '', '/other');"],
    ['the end of the page', "dispatchEvent(new Event('pagehide'));"],
  ] as const)
    test(`by ${what}`, async ({ page, open }) => {
      await open({ before, after: script + cookie });
      expect(await page.evaluate('cookie')).toContain('_diptych_s=');
    });

  test('a request of the same tick carries it', async ({ page, open, site }) => {
    site.on('/api', (_, response) => void response.end('ok'));
    await open({ before, after: "fetch('/api');" });
    const { headers } = await until(
      () => site.received.find((each) => each.path === '/api') as Json,
      'the request',
      (request) => request !== undefined,
    );
    expect(headers.baggage).toBe(`session.id=${await page.evaluate('diptych.getSessionId()')}`);
  });

  test('a page that is left before has a view', async ({ page, open, diptych }) => {
    await open({ before });
    await leave(page);
    await expect.poll(() => diptych.events('view')[0]?.session.id).toMatch(UUID);
  });

  test('without consent, withdrawn in the same tick, none does', async ({ page, open, diptych }) => {
    await open({ after: "diptych.setTrackingConsent('not-granted');" });
    await page.waitForTimeout(300);
    expect(await page.evaluate('[diptych.getSessionId(), document.cookie]')).toEqual([undefined, '']);
    await leave(page);
    expect(diptych.received.filter((each) => each.path.startsWith('/v1/'))).toEqual([]);
  });

  test('one that was stopped in the same tick stays so', async ({ page, open }) => {
    await open({ after: 'diptych.stopSession();' });
    await page.waitForTimeout(300);
    expect(await page.evaluate('diptych.explain()')).toContain('the session has ended');
  });

  test('a recording that was stopped in the same tick stays so', async ({ page, open, diptych }) => {
    await open({ after: 'diptych.stopSessionReplayRecording();' });
    await page.waitForTimeout(500);
    await leave(page);
    await expect.poll(() => diptych.events('view').length).toBeGreaterThan(0);
    expect(diptych.segments()).toEqual([]);
  });

  test('a page that comes into sight before does not miss it', async ({ page, open }) => {
    await open({ after: "document.dispatchEvent(new Event('visibilitychange'));" });
    await page.waitForTimeout(300);
    expect(await page.evaluate('diptych.getSessionId()')).toMatch(UUID);
  });
});

test('a second page load and a second tab share the session', async ({ page, context, open }) => {
  await open();
  const first = await page.evaluate('diptych.getSessionId()');
  await page.reload();
  expect(await page.evaluate('diptych.getSessionId()')).toBe(first);
  const tab = await context.newPage();
  await tab.goto(page.url());
  expect(await tab.evaluate('diptych.getSessionId()')).toBe(first);
});

test('a session ends after 15 minutes without activity, and the next click begins another with a view of its own', async ({
  page,
  open,
  diptych,
}) => {
  await page.clock.install();
  await open({ body: '<button>Go</button>' });
  const first = await page.evaluate('diptych.getSessionId()');
  // The page stays hidden from the keep-alive: only a visible page keeps its session.
  await page.evaluate("Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })");
  await page.clock.fastForward(14 * MINUTE_MS);
  expect(await page.evaluate('diptych.getSessionId()')).toBe(first);
  await page.clock.fastForward(2 * MINUTE_MS);
  expect(await page.evaluate('diptych.getSessionId()')).toBeUndefined();
  expect(await page.evaluate('diptych.explain()')).toContain('the session has ended');
  await page.click('button');
  const second = await page.evaluate('diptych.getSessionId()');
  expect(second).toMatch(UUID);
  expect(second).not.toBe(first);
  await page.clock.runFor(6000);
  const renewed = await until(
    () => diptych.events('view'),
    'the view of the new session',
    (views) => views.some((view) => view.session.id === second),
  );
  expect(renewed.find((view) => view.session.id === second)?.view.loading_type).toBe('session_renewal');
});

test('a session is never longer than 4 hours, however busy it is', async ({ page, open }) => {
  await page.clock.install();
  await open({ body: '<button>Go</button>' });
  const first = await page.evaluate('diptych.getSessionId()');
  for (let minutes = 0; minutes < 239; minutes += 10) {
    await page.clock.fastForward(10 * MINUTE_MS);
    await page.click('button');
    if (minutes < 230) expect(await page.evaluate('diptych.getSessionId()')).toBe(first);
  }
  await page.clock.fastForward(2 * MINUTE_MS);
  await page.click('button');
  expect(await page.evaluate('diptych.getSessionId()')).not.toBe(first);
});

test('stopSession ends it at once, and an idle page stays without one', async ({ page, open }) => {
  await open({ body: '<button>Go</button>' });
  const first = await page.evaluate('diptych.getSessionId()');
  expect(
    await page.evaluate('diptych.stopSession(); [diptych.getSessionId(), diptych.getInternalContext()]'),
  ).toEqual([undefined, undefined]);
  await page.click('button');
  expect(await page.evaluate('diptych.getSessionId()')).not.toBe(first);
});

test.describe('the click that begins a session is in it', () => {
  for (const [how, script] of [
    ['after an end that we know of', 'diptych.stopSession()'],
    // As by time, or in another tab: it is noticed with the click.
    ['after one that we do not know of', "document.cookie = '_diptych_s=; path=/; max-age=0'"],
  ] as const)
    test(how, async ({ page, open, diptych }) => {
      await open({ body: '<button>Go</button>' });
      const first = await page.evaluate('diptych.getSessionId()');
      await page.evaluate(script);
      await page.waitForTimeout(1100);
      await page.click('button');
      const second = await page.evaluate('diptych.getSessionId()');
      expect(second).not.toBe(first);
      await leave(page);
      await expect.poll(() => diptych.events('action').map(({ session }) => session.id)).toEqual([second]);
    });
});

test('without consent nothing is stored, sent or added to requests; with it, early calls arrive', async ({
  page,
  open,
  site,
  diptych,
}) => {
  site.on('/api', (_, response) => void response.end('ok'));
  await open({ init: { trackingConsent: 'not-granted' }, after: "diptych.addAction('early');" });
  await page.evaluate("fetch('/api')");
  expect(await page.evaluate('[diptych.getSessionId(), document.cookie]')).toEqual([undefined, '']);
  expect(await page.evaluate('diptych.explain()')).toContain('consent');
  expect(site.received.find((each) => each.path === '/api')?.headers).not.toHaveProperty('baggage');
  expect(diptych.received.filter((each) => each.path.startsWith('/v1/'))).toEqual([]);
  await page.evaluate("diptych.setTrackingConsent('granted')");
  expect(await page.evaluate('diptych.getSessionId()')).toMatch(UUID);
  await until(
    () => diptych.events('action'),
    'the early action',
    (actions) => actions[0]?.action.target.name === 'early',
  );
  await page.evaluate("diptych.setTrackingConsent('not-granted')");
  expect(await page.evaluate('[diptych.getSessionId(), document.cookie]')).toEqual([undefined, '']);
});

test('a session outside the sample is not recorded, and says so', async ({ page, open, site, diptych }) => {
  site.on('/api', (_, response) => void response.end('ok'));
  await open({ init: { sessionSampleRate: 0 } });
  await page.evaluate("fetch('/api')");
  expect(await page.evaluate('diptych.getSessionId()')).toBeUndefined();
  expect(await page.evaluate('diptych.explain()')).toContain('sessionSampleRate');
  expect(site.received.find((each) => each.path === '/api')?.headers).not.toHaveProperty('traceparent');
  expect(diptych.received.filter((each) => each.path.startsWith('/v1/'))).toEqual([]);
});

test('where cookies are blocked the session lives in memory', async ({ page, open }) => {
  await open({ before: "Object.defineProperty(document, 'cookie', { get: () => '', set: () => {} });" });
  expect(await page.evaluate('diptych.getSessionId()')).toMatch(UUID);
});

test('calls before init are kept', async ({ open, diptych }) => {
  await open({
    before:
      "window.diptych = { q: [() => { diptych.addAction('before init'); diptych.setUser({ id: 7 }); }] };",
  });
  const [action] = await until(
    () => diptych.events('action'),
    'the action',
    (actions) => actions.length > 0,
  );
  expect(action?.action.target.name).toBe('before init');
  expect(action?.usr.id).toBe('7');
});

test('a wrong option is named on the console, and the page goes on', async ({ page, open, diptych }) => {
  const messages: string[] = [];
  page.on('console', (message) => message.type() === 'error' && messages.push(message.text()));
  const errors = await open({
    init: { url: 'diptych.example.com', sessionSampleRate: '50', defaultPrivacyLevel: 'secret' },
    after: "diptych.addAction('x'); window.context = diptych.getInternalContext();",
  });
  expect(messages).toEqual([
    'Diptych: "url" must be an address, or a path',
    'Diptych: "sessionSampleRate" must be a number between 0 and 100',
    'Diptych: "defaultPrivacyLevel" must be one of: "mask-user-input", "mask", "allow", "mask-unless-allowlisted"',
  ]);
  expect(errors).toEqual([]);
  expect(await page.evaluate('window.context')).toBeUndefined();
  expect(diptych.received.filter((each) => each.path.startsWith('/v1/'))).toEqual([]);
});
