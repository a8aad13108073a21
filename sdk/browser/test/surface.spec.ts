import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, type Json, leave, type Peer, test, until } from './fixture';

/** Google's own library, for comparison. */
const WEB_VITALS = join(dirname(createRequire(import.meta.url).resolve('web-vitals')), 'web-vitals.iife.js');

const some = (diptych: Peer, type: string, isGood: (found: Json[]) => boolean): Promise<Json[]> =>
  until(() => diptych.events(type), `events of type ${type}`, isGood);

test('feature flags go with the events that trackFeatureFlagsForEvents names', async ({
  page,
  open,
  diptych,
}) => {
  await open({ init: { trackFeatureFlagsForEvents: ['action'] } });
  await page.evaluate(
    `diptych.addFeatureFlagEvaluation('new', 1); diptych.addAction('a'); diptych.addDurationVital('v', { startTime: Date.now(), duration: 1 })`,
  );
  await leave(page);
  const [action] = await some(diptych, 'action', (found) => found.length > 0);
  const [vital] = await some(diptych, 'vital', (found) => found.length > 0);
  expect(action?.feature_flags).toEqual({ new: 1 });
  expect(vital).not.toHaveProperty('feature_flags');
});

test('a plugin changes the options, hears of the start, sends events and adds to views; a broken one breaks nothing', async ({
  page,
  site,
  diptych,
}) => {
  site.html(
    '/',
    `<!doctype html><script src="${diptych.origin}/sdk/diptych.js"></script><script>
      const seen = [];
      diptych.init({ applicationId: 'shop', clientToken: 'k', url: '${diptych.origin}', plugins: [
        { name: 'broken', onInit() { throw new Error('no'); }, onRumStart() { throw new Error('no'); } },
        {
          name: 'good',
          onInit({ initConfiguration, publicApi }) {
            initConfiguration.service = 'by-plugin';
            seen.push(publicApi === diptych, publicApi.getSessionId());
          },
          onRumStart({ addEvent, addViewFields }) {
            seen.push(typeof diptych.getSessionId());
            addEvent(performance.now(), { type: 'vital', vital: { id: '1', type: 'duration', name: 'own', duration: 5 } }, { a: 1 });
            addViewFields(performance.now(), () => ({ performance: { lcp: { sub_parts: { load_time: 7 } } } }));
          },
        },
      ] });
    </script><p>plugins</p>`,
  );
  await page.goto(site.origin);
  expect(await page.evaluate('seen')).toEqual([true, undefined, 'string']);
  await page.waitForTimeout(500);
  await leave(page);
  const [vital] = await some(diptych, 'vital', (found) => found.length > 0);
  expect(vital).toMatchObject({
    service: 'by-plugin',
    vital: { name: 'own', duration: 5 },
    context: { a: 1 },
  });
  const view = diptych.events('view').at(-1);
  expect(view?.view.performance.lcp.sub_parts.load_time).toBe(7);
  expect(view?.view.performance.lcp.timestamp).toBeGreaterThan(0);
});

test('a plugin may refuse to start, and so may the origin', async ({ page, open, diptych }) => {
  await open({ init: { allowedTrackingOrigins: ['https://shop.example.com'] } });
  expect(await page.evaluate('diptych.explain()')).toContain('refused its options');
  await page.evaluate(
    `diptych.init({ applicationId: 'a', clientToken: 'k', url: '${diptych.origin}', plugins: [{ name: 'x', onInit: () => false }] })`,
  );
  expect(await page.evaluate('diptych.getSessionId()')).toBeUndefined();
  await page.evaluate(`diptych.init({ applicationId: 'a', clientToken: 'k', url: '${diptych.origin}' })`);
  expect(await page.evaluate('diptych.getSessionId()')).toBeTruthy();
});

test('GraphQL requests tell their operation, and its text only when asked', async ({
  page,
  open,
  site,
  diptych,
}) => {
  for (const path of ['/graphql', '/secret/graphql']) site.on(path, (_, response) => void response.end('{}'));
  await open({
    init: {
      allowedGraphQlUrls: [`${site.origin}/secret`, { match: `${site.origin}/graphql`, trackPayload: true }],
    },
  });
  const query = 'fragment F on T { id } mutation AddToCart($id: ID!) { add(id: $id) { ...F } }';
  await page.evaluate(`(async () => {
    const post = (url, body) => fetch(url, { method: 'POST', body: JSON.stringify(body) }).then((r) => r.text());
    await post('/graphql', { query: ${JSON.stringify(query)}, variables: { id: 7 } });
    await post('/secret/graphql', { query: '{ query }', operationName: 'Short' });
    await fetch('/graphql?query=' + encodeURIComponent('query Cart { cart }')).then((r) => r.text());
    await post('/other', { query: 'query No { no }' });
  })()`);
  await leave(page);
  const found = await some(
    diptych,
    'resource',
    (all) => all.filter((e) => e.resource.type === 'fetch').length >= 4,
  );
  const fetched = found
    .filter((event) => event.resource.type === 'fetch')
    .map((event) => event.resource.graphql);
  expect(fetched).toEqual([
    { operationType: 'mutation', operationName: 'AddToCart', variables: '{"id":7}', payload: query },
    { operationType: 'query', operationName: 'Short' },
    { operationType: 'query', operationName: 'Cart', payload: 'query Cart { cart }' },
    undefined,
  ]);
});

test('headers are kept as the rules say, never one that may hold a secret', async ({
  page,
  site,
  diptych,
}) => {
  site.on('/api', (_, response) => {
    response
      .writeHead(200, {
        'Content-Type': 'application/json; charset=utf-8',
        'Cache-Control': 'no-store',
        'X-Request-Id': 'r-17;shard=4',
        'X-Api-Key': 'hush',
        'X-Other': 'x',
      })
      .end('{}');
  });
  site.html(
    '/',
    `<!doctype html><script src="${diptych.origin}/sdk/diptych.js"></script><script>
      diptych.init({ applicationId: 'shop', clientToken: 'k', url: '${diptych.origin}', trackResourceHeaders: [
        {}, { name: 'x-request-id', extractor: /shard=(\\d+)/g }, { name: /^x-app/, location: 'request' }, { name: 'x-api-key' },
        { name: 'x-other', url: 'https://elsewhere.example' },
      ] });
    </script>`,
  );
  await page.goto(site.origin);
  await page.evaluate(`(async () => {
    const headers = { 'X-App': 'shop', Authorization: 'Bearer hush' };
    await fetch('/api', { headers }).then((r) => r.text());
    await new Promise((done) => {
      const xhr = new XMLHttpRequest();
      xhr.open('GET', '/api');
      xhr.setRequestHeader('X-App', 'shop');
      xhr.onload = done;
      xhr.send();
    });
  })()`);
  await leave(page);
  const found = await some(diptych, 'resource', (all) => all.some((event) => event.resource.type === 'xhr'));
  for (const type of ['fetch', 'xhr']) {
    const { resource } = found.find((event) => event.resource.type === type) as Json;
    expect(resource.request, type).toEqual({ headers: { 'x-app': 'shop' } });
    expect(resource.response, type).toEqual({
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        'x-request-id': '4',
      },
    });
  }
  expect(diptych.received.map((each) => each.body).join()).not.toContain('hush');
});

test('a view tells how far it was scrolled and which states the page was in', async ({
  page,
  open,
  diptych,
}) => {
  await open({ body: '<div style="height: 3000px">long</div>' });
  await page.waitForTimeout(1200);
  await page.mouse.wheel(0, 900);
  await page.waitForTimeout(1500);
  await leave(page);
  const views = await some(diptych, 'view', (found) => found.at(-1)?._dd.page_states.length > 1);
  const { display, _dd } = views.at(-1) as Json;
  const { height } = display.viewport;
  expect(display.scroll.max_depth).toBe(height + 900);
  expect(display.scroll.max_depth_scroll_top).toBe(900);
  expect(display.scroll.max_scroll_height).toBeGreaterThanOrEqual(3000);
  expect(display.scroll.max_scroll_height_time).toBeGreaterThan(0);
  expect(['active', 'passive']).toContain(_dd.page_states[0].state);
  expect(_dd.page_states[0].start).toBe(0);
  expect(['hidden', 'terminated', 'frozen']).toContain(_dd.page_states.at(-1).state);
});

test('contexts stay for the next page when asked to, and go with the consent', async ({ page, open }) => {
  const init = { storeContextsAcrossPages: true };
  await open({
    init,
    after: "diptych.setUser({ id: 'ada' }); diptych.setGlobalContextProperty('tenant', 'acme')",
  });
  await open({ init, path: '/next' });
  expect(await page.evaluate('[diptych.getUser(), diptych.getGlobalContext()]')).toEqual([
    { id: 'ada' },
    { tenant: 'acme' },
  ]);
  await page.evaluate("diptych.setTrackingConsent('not-granted')");
  expect(await page.evaluate('Object.keys(localStorage)')).toEqual([]);
});

test('sessions outside traceSampleRate leave requests alone, or tell the server not to sample', async ({
  page,
  open,
  site,
}) => {
  site.on('/api', (_, response) => void response.end('ok'));
  await open({ init: { traceSampleRate: 0 } });
  await page.evaluate(`fetch('/api')`);
  await open({ init: { traceSampleRate: 0, traceContextInjection: 'all' } });
  await page.evaluate(`fetch('/api')`);
  await open();
  await page.evaluate(`fetch('/api')`);
  const sent = site.received.filter((each) => each.path === '/api').map((each) => each.headers);
  expect(sent[0]).not.toHaveProperty('traceparent');
  expect(sent[0]).not.toHaveProperty('baggage');
  expect([sent[1]?.traceparent?.slice(-3), sent[1]?.tracestate]).toEqual(['-00', 'dip=s:0;o:rum']);
  expect([sent[2]?.traceparent?.slice(-3), sent[2]?.tracestate]).toEqual(['-01', 'dip=s:1;o:rum']);
});

test("the first view's Web Vitals are those of Google's library; a second view has its own", async ({
  page,
  open,
  site,
  diptych,
}) => {
  site.on('/vitals.js', (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(readFileSync(WEB_VITALS));
  });
  await open({
    body: `<script src="/vitals.js"></script><script>
        window.found = {};
        for (const name of ['FCP', 'LCP', 'CLS', 'INP'])
          webVitals['on' + name](({ value }) => { found[name] = value; }, { reportAllChanges: true });
        const work = (ms) => { const t = performance.now(); while (performance.now() < t + ms); };
        const shift = (px) => { const block = document.createElement('div'); block.style.height = px + 'px'; document.querySelector('main').prepend(block); };
      </script><main><h1>Shop</h1><p>${'words '.repeat(200)}</p>
      <button id="slow" onclick="work(150)">Slow</button><button id="fast" onclick="work(60)">Fast</button></main>`,
  });
  await page.waitForTimeout(700);
  for (const px of [90, 160]) {
    await page.evaluate(`shift(${px})`);
    await page.waitForTimeout(300);
  }
  await page.waitForTimeout(600);
  await page.click('#fast');
  await page.click('#slow');
  await page.waitForTimeout(1500);
  const google = (await page.evaluate('found')) as Record<string, number>;
  const views = await some(
    diptych,
    'view',
    (found) => (found.at(-1)?.view.interaction_to_next_paint ?? 0) >= 150e6,
  );
  const { view } = views.at(-1) as Json;
  expect(view.first_contentful_paint).toBe(Math.round((google.FCP ?? 0) * 1e6));
  expect(view.largest_contentful_paint).toBe(Math.round((google.LCP ?? 0) * 1e6));
  expect(view.interaction_to_next_paint).toBe(Math.round((google.INP ?? 0) * 1e6));
  expect(google.CLS).toBeGreaterThan(0);
  expect(view.cumulative_layout_shift).toBeCloseTo(google.CLS ?? 0, 3);
  expect(view.interaction_to_next_paint_target_selector).toBe('#slow');

  await page.evaluate(`history.pushState({}, '', '/second')`);
  await page.waitForTimeout(600);
  await page.click('#fast');
  await page.waitForTimeout(300);
  await leave(page);
  const second = (
    await some(diptych, 'view', (found) => found.some((each) => each.view.url.endsWith('/second')))
  )
    .filter((each) => each.view.url.endsWith('/second'))
    .at(-1)?.view;
  expect(second).not.toHaveProperty('first_contentful_paint');
  expect(second.cumulative_layout_shift).toBe(0);
  expect(second.interaction_to_next_paint).toBeGreaterThanOrEqual(56e6);
  expect(second.interaction_to_next_paint).toBeLessThan(view.interaction_to_next_paint);
});
