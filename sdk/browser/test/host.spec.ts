import type { Page } from '@playwright/test';
import { expect, type Json, leave, type Peer, test, until } from './fixture';
import { replayed } from './replayed';

/** Answers with what it was asked. */
function echo(site: Peer): void {
  site.on('/echo', ({ method, headers }, response, body) => {
    response.end(JSON.stringify({ method, headers, body }));
  });
}

/** What the server got, when the page runs this expression, which gives a response. */
async function got(page: Page, expression: string): Promise<Json> {
  return (await page.evaluate(`(async () => (await (${expression})).json())()`)) as Json;
}

test.describe('fetch, asked in any of its ways, sends what it sends without us, and our headers', () => {
  const WAYS: [way: string, expression: string, sent: Json][] = [
    [
      'a request as the options of another',
      "fetch('/echo', new Request('/other', { method: 'PUT', headers: { 'x-own': '1' } }))",
      { method: 'PUT', own: '1' },
    ],
    [
      'a request made in a frame',
      `(() => {
        const { contentWindow } = document.body.appendChild(document.createElement('iframe'));
        const init = { method: 'POST', body: 'x', headers: { 'x-own': '2' } };
        return fetch(new contentWindow.Request(location.origin + '/echo', init));
      })()`,
      { method: 'POST', body: 'x', own: '2' },
    ],
    [
      'headers that can be read but once',
      "fetch('/echo', { headers: new Map([['x-own', '3']]).entries() })",
      { method: 'GET', own: '3' },
    ],
    ['a list of headers', "fetch('/echo', { headers: [['x-own', '4']] })", { method: 'GET', own: '4' }],
    [
      'baggage of its own',
      "fetch('/echo', { headers: { 'x-own': '5', baggage: 'key=value' } })",
      { method: 'GET', own: '5', baggage: /^key=value, session\.id=/ },
    ],
  ];
  for (const [way, expression, { own, baggage = /^session\.id=/, ...rest }] of WAYS)
    test(way, async ({ page, open, site }) => {
      echo(site);
      await open();
      const sent = await got(page, expression);
      expect(sent).toMatchObject(rest);
      expect(sent.headers['x-own']).toBe(own);
      expect(sent.headers.baggage).toMatch(baggage);
      expect(sent.headers.traceparent).toBeTruthy();
    });

  test('headers that can be read but once, where ours do not go', async ({ page, open, site }) => {
    echo(site);
    await open({ init: { excludedTracingUrls: [site.origin] } });
    const { headers } = await got(page, "fetch('/echo', { headers: new Map([['x-own', '6']]).entries() })");
    expect(headers['x-own']).toBe('6');
    expect(headers.traceparent).toBeUndefined();
  });

  test('through a wrapper that was there before us and copies the headers', async ({ page, open, site }) => {
    echo(site);
    await open({
      before: `const before = fetch;
        window.fetch = (url, init = {}) => before(url, { ...init, headers: { ...init.headers, 'x-csrf': 'c' } });`,
    });
    const { headers } = await got(
      page,
      "fetch('/echo', { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } })",
    );
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-csrf': 'c' });
    expect(headers.traceparent).toBeTruthy();
  });
});

test.describe('a page that has frozen what we look at is recorded all the same', () => {
  const FROZEN: [what: string, before: string][] = [
    ['fetch', "Object.defineProperty(window, 'fetch', { value: fetch, writable: false })"],
    ['a getter of fetch', 'const own = fetch; Object.defineProperty(window, "fetch", { get: () => own })'],
    ['XMLHttpRequest', 'Object.freeze(XMLHttpRequest.prototype)'],
    ['WebSocket', "Object.defineProperty(window, 'WebSocket', { value: WebSocket, writable: false })"],
    ['history', 'Object.freeze(history)'],
    ['the console', 'Object.freeze(console)'],
    ['streams', 'Object.freeze(ReadableStream.prototype); Object.freeze(Response.prototype)'],
  ];
  for (const [what, before] of FROZEN)
    test(what, async ({ page, site, diptych }) => {
      // A module is strict: there a write to what is frozen throws.
      site.html(
        '/',
        `<!doctype html><script>${before}</script><script type="module">
          import { diptych } from '${diptych.origin}/sdk/index.js';
          diptych.init({ applicationId: 'shop', clientToken: 'k', url: '${diptych.origin}' });
          diptych.addAction('told');
          document.title = diptych.getSessionId();
        </script>`,
      );
      await page.goto(site.origin);
      await expect(page).toHaveTitle(/^[\da-f-]{36}$/);
      await leave(page);
      await expect.poll(() => diptych.events('action').length).toBe(1);
    });
});

test('a console without a place for our own failures breaks nothing', async ({ page, open }) => {
  const errors = await open({ before: 'console.debug = console.warn = undefined;' });
  await page.evaluate("diptych.setUser('no object'); diptych.addTiming(Symbol('no text'))");
  expect(errors).toEqual([]);
});

test('a page without performance entries is recorded without them', async ({ page, open, diptych }) => {
  const errors = await open({ before: 'delete window.PerformanceObserver;' });
  await page.evaluate("diptych.addAction('told')");
  await leave(page);
  await expect.poll(() => diptych.events('action').length).toBe(1);
  expect(errors).toEqual([]);
});

test('a frame that may keep nothing is recorded, and nothing of ours fails there', async ({
  page,
  site,
  diptych,
}) => {
  site.html(
    '/frame',
    `<!doctype html><script src="${diptych.origin}/sdk/diptych.js"></script><script>
      diptych.init({ applicationId: 'shop', clientToken: 'k', url: '${diptych.origin}' });
      setTimeout(() => diptych.addAction('told', diptych.getDropped()), 200);
    </script>`,
  );
  site.html('/', '<!doctype html><iframe sandbox="allow-scripts" src="/frame"></iframe>');
  await page.goto(site.origin);
  const [action] = await until(
    () => diptych.events('action'),
    'the action',
    (found) => found.length > 0,
  );
  expect(action?.context).toBeUndefined();
});

test('a store whose parts know each other is cut, and costs the page next to nothing', async ({
  page,
  open,
  diptych,
}) => {
  await open();
  // Copied whole it would be 5 ** 12 objects.
  await page.evaluate(`
    let store = { end: 'reached' };
    for (let level = 0; level < 12; level += 1) store = { first: level, a: store, b: store, c: store, d: store, e: store };
    diptych.addAction('with a store', { store });
    console.error('with a store', store);`);
  const [action] = await until(
    () => diptych.events('action'),
    'the action',
    (found) => found.length > 0,
  );
  expect(action?.context.store).toMatchObject({ first: 11, a: { first: 10 } });
  expect(JSON.stringify(action?.context).length).toBeLessThan(256 * 1024);
  expect(diptych.events('error')[0]?.error.message).toMatch(/^with a store \{"first":11/);
});

test('a list of many values is cut where an event has no more room', async ({ page, open, diptych }) => {
  await open();
  await page.evaluate("diptych.addAction('list', { list: Array(1e6).fill(1), after: 'it' })");
  await leave(page);
  await expect.poll(() => diptych.events('action').length).toBe(1);
  expect(diptych.events('action')[0]?.context.list.length).toBeLessThanOrEqual(10_000);
});

test('a session that a wrong clock has begun is over once the clock is right', async ({
  page,
  open,
  context,
  site,
}) => {
  const aheadMs = Date.now() + 365 * 24 * 3600 * 1000;
  await context.addCookies([
    { name: '_diptych_s', value: `old&${aheadMs}&${aheadMs + 900_000}&&`, url: site.origin },
  ]);
  await open();
  expect(await page.evaluate('diptych.getSessionId()')).not.toBe('old');
});

test('a clock that was put back by some minutes ends no session', async ({ page, open, context, site }) => {
  const aheadMs = Date.now() + 5 * 60_000;
  await context.addCookies([
    { name: '_diptych_s', value: `same&${aheadMs}&${aheadMs + 900_000}&&`, url: site.origin },
  ]);
  await open();
  expect(await page.evaluate('diptych.getSessionId()')).toBe('same');
});

test('nothing of ours runs in the zone in which Angular watches for changes', async ({
  page,
  open,
  site,
  diptych,
}) => {
  echo(site);
  // What zone.js is for us: a place around every call, and a way into the place around all.
  await open({
    before: `window.zone = 'root';
      const into = (name, run) => { const was = window.zone; window.zone = name; try { return run(); } finally { window.zone = was; } };
      window.Zone = { root: { run: (run, self, args) => into('root', () => run.apply(self, args)) } };
      window.inAngular = (run) => into('angular', run);
      window.tasks = [];
      for (const name of ['setTimeout', 'setInterval', 'requestAnimationFrame', 'addEventListener']) {
        const original = window[name];
        window[name] = function (...args) { window.tasks.push(window.zone + ' ' + name); return original.apply(this, args); };
      }`,
  });
  await page.evaluate(`tasks.length = 0; inAngular(() => {
    fetch('/echo').then((response) => response.text());
    history.pushState({}, '', '/next');
    diptych.addAction('clicked');
    diptych.startView('third');
  })`);
  await until(
    () => diptych.events('view'),
    'the views',
    (views) => views.some(({ view }) => view.name === 'third'),
  );
  const tasks = (await page.evaluate('tasks')) as string[];
  expect(tasks.length).toBeGreaterThan(0);
  expect(tasks.filter((task) => task.startsWith('angular'))).toEqual([]);
});

test.describe('a form that is called like a part of the document', () => {
  for (const name of ['documentElement', 'head', 'body', 'querySelector', 'createElement', 'readyState'])
    test(name, async ({ page, context, open, site, diptych }) => {
      await open({ body: `<form name="${name}"><input></form><p id="text">before</p>` });
      await until(
        () => diptych.segments(),
        'the snapshot',
        (found) => found.length > 0,
      );
      await page.evaluate("text.textContent = 'after'");
      await leave(page);
      await expect.poll(() => diptych.segments().length).toBeGreaterThan(1);
      const records = diptych.segments().flatMap((segment) => segment.records);
      const seen = await replayed(
        context,
        site,
        records,
        "(body) => body.ownerDocument.getElementById('text').textContent",
      );
      expect(seen).toBe('after');
    });
});

test('a form that is called hidden hides no page', async ({ page, open, diptych }) => {
  await open({ body: '<form name="hidden"></form>' });
  await page.evaluate("diptych.addAction('seen')");
  await leave(page);
  await expect.poll(() => diptych.events('action').map(({ view }) => view.in_foreground)).toEqual([true]);
});

test('of ten thousand errors in one go the first are kept, the rest counted', async ({
  page,
  open,
  diptych,
}) => {
  await open({ before: 'console.error = () => undefined;' });
  await page.evaluate("for (let at = 0; at < 10_000; at += 1) console.error('error ' + at)");
  const view = await until(
    () => diptych.events('view').at(-1),
    'the last view',
    (last) => last?.dip?.dropped?.rate_limit > 0,
  );
  expect(view?.dip.dropped.rate_limit).toBe(7000);
});

test('a path in the hash may hold any characters', async ({ page, open, diptych }) => {
  await open({ path: '/shop' });
  await page.evaluate("location.hash = '#/search/50%'");
  await leave(page);
  await expect
    .poll(() => diptych.events('view').map(({ view }) => view.url.split('#')[1]))
    .toContain('/search/50%');
});
