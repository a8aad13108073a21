import { expect, type Peer, test, until } from './fixture';

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/;

/** An API that allows any header, with CORS where it is foreign to the page. */
function api(peer: Peer, path = '/api'): void {
  peer.on(path, (request, response) => {
    response.writeHead(request.method === 'OPTIONS' ? 204 : 200, {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Headers': 'traceparent, tracestate, baggage',
    });
    response.end(request.method === 'OPTIONS' ? undefined : 'ok');
  });
}

const headersAt = (peer: Peer, path = '/api') =>
  peer.received.filter((each) => each.path === path && each.method !== 'OPTIONS').map((each) => each.headers);

test("requests to the page's own origin carry traceparent and baggage; their resources carry the same ids", async ({
  page,
  open,
  site,
  diptych,
}) => {
  api(site);
  await open({ after: "diptych.setUser({ id: 'Ada Lovelace, 7' });" });
  const session = await page.evaluate('diptych.getSessionId()');
  await page.evaluate("fetch('/api', { method: 'POST', body: 'x' }).then((r) => r.text())");
  const [headers] = headersAt(site);
  expect(headers?.traceparent).toMatch(TRACEPARENT);
  expect(headers?.baggage).toBe(`session.id=${session},user.id=Ada%20Lovelace%2C%207`);
  const [, traceId, spanId] = String(headers?.traceparent).split('-');
  const resources = await until(
    () => diptych.events('resource').filter((event) => event.resource.type === 'fetch'),
    'the resource',
    (found) => found.length > 0,
  );
  expect(resources[0]?.dip).toEqual({ trace_id: traceId, span_id: spanId });
});

test('foreign origins get the headers only when allowedTracingUrls names them', async ({
  page,
  open,
  site,
}) => {
  const { Peer } = await import('./peer');
  const foreign = await Peer.start();
  for (const path of ['/allowed', '/other']) api(foreign, path);
  api(site, '/excluded');
  await open({
    init: {
      allowedTracingUrls: [`${foreign.origin}/allowed`],
      excludedTracingUrls: [`${site.origin}/excluded`],
    },
  });
  await page.evaluate(
    `Promise.all(['${foreign.origin}/allowed', '${foreign.origin}/other', '/excluded'].map((url) => fetch(url)))`,
  );
  expect(headersAt(foreign, '/allowed')[0]?.traceparent).toMatch(TRACEPARENT);
  expect(headersAt(foreign, '/other')[0]).not.toHaveProperty('traceparent');
  expect(headersAt(foreign, '/other')[0]).not.toHaveProperty('baggage');
  expect(headersAt(site, '/excluded')[0]).not.toHaveProperty('traceparent');
  // No preflight either: the request is as it was.
  expect(foreign.received.filter((each) => each.path === '/other').map((each) => each.method)).toEqual([
    'GET',
  ]);
  await foreign.stop();
});

test("the page's own traceparent is respected and its baggage kept", async ({
  page,
  open,
  site,
  diptych,
}) => {
  api(site);
  await open();
  const session = await page.evaluate('diptych.getSessionId()');
  const own = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
  await page.evaluate(
    `fetch('/api', { headers: { traceparent: '${own}', baggage: 'tenant=acme , session.id=mine' } })`,
  );
  await page.evaluate(
    `fetch(new Request('/api', { method: 'PUT', body: 'b', headers: { baggage: 'tenant=acme', 'x-own': '1' } }))`,
  );
  const [first, second] = headersAt(site);
  expect(first?.traceparent).toBe(own);
  expect(first?.baggage).toBe('tenant=acme , session.id=mine');
  expect(second).toMatchObject({ baggage: `tenant=acme, session.id=${session}`, 'x-own': '1' });
  expect(site.received.find((each) => each.method === 'PUT')?.body).toBe('b');
  const resources = await until(
    () =>
      diptych
        .events('resource')
        .filter((event) => event.resource.method === 'GET' && event.resource.type === 'fetch'),
    'the resource',
    (found) => found.length > 0,
  );
  expect(resources[0]?.dip).toEqual({
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    span_id: 'b7ad6b7169203331',
  });
});

test("XHR carries them too, with the page's own baggage first", async ({ page, open, site, diptych }) => {
  api(site);
  await open();
  const session = await page.evaluate('diptych.getSessionId()');
  await page.evaluate(`new Promise((done) => {
    const xhr = new XMLHttpRequest();
    xhr.open('POST', '/api');
    xhr.setRequestHeader('baggage', 'tenant=acme');
    xhr.onload = done;
    xhr.send('body');
  })`);
  const [headers] = headersAt(site);
  expect(headers?.traceparent).toMatch(TRACEPARENT);
  expect(String(headers?.baggage).replace(/,\s+/g, ',')).toBe(`tenant=acme,session.id=${session}`);
  const resources = await until(
    () => diptych.events('resource').filter((event) => event.resource.type === 'xhr'),
    'the resource',
    (found) => found.length > 0,
  );
  expect(resources[0]?.resource).toMatchObject({
    method: 'POST',
    status_code: 200,
    url: `${site.origin}/api`,
  });
  expect(resources[0]?.dip.trace_id).toBe(String(headers?.traceparent).split('-')[1]);
});

test('a request that fails or is aborted fails for the page exactly as without us', async ({
  page,
  open,
  site,
  diptych,
}) => {
  site.on('/broken', (request) => void request.socket.destroy());
  await open();
  const outcome = await page.evaluate(`Promise.all([
    fetch('/broken').catch((error) => error.name),
    fetch('/api', { signal: AbortSignal.abort() }).catch((error) => error.name),
    fetch('http://').catch((error) => error.name),
  ])`);
  expect(outcome).toEqual(['TypeError', 'AbortError', 'TypeError']);
  const resources = await until(
    () => diptych.events('resource').filter((event) => event.resource.url.endsWith('/broken')),
    'the failed resource',
    (found) => found.length > 0,
  );
  expect(resources[0]?.resource.status_code).toBe(0);
});
