import { expect, leave, test, until } from './fixture';

test('the document, scripts, images, fetch and XHR are resources with their timing', async ({
  page,
  open,
  site,
  diptych,
}) => {
  site.on(
    '/app.js',
    (_, response) => void response.writeHead(200, { 'Content-Type': 'text/javascript' }).end('/* app */'),
  );
  site.on('/cat.png', (_, response) => void response.writeHead(404, { 'Content-Type': 'image/png' }).end());
  site.on('/api', (_, response) => {
    setTimeout(
      () => response.writeHead(201, { 'Content-Type': 'application/json; charset=utf-8' }).end('{"a":1}'),
      100,
    );
  });
  await open({ body: '<script src="/app.js"></script><img src="/cat.png">' });
  await page.evaluate(
    `fetch('/api?x=1#hash', { method: 'POST', body: 'x' }).then((response) => response.json())`,
  );
  await page.waitForTimeout(300);
  await leave(page);
  const found = await until(
    () =>
      diptych
        .events('resource')
        .filter(
          (event) => event.resource.url.startsWith(site.origin) && !event.resource.url.endsWith('.ico'),
        ),
    'the resources',
    (all) => all.length >= 4,
  );
  const facts = found.map(({ resource }) => [
    resource.type,
    resource.method,
    resource.status_code,
    resource.url.slice(site.origin.length),
  ]);
  expect(facts.sort()).toEqual([
    ['document', 'GET', 200, '/'],
    ['fetch', 'POST', 201, '/api?x=1#hash'],
    ['image', undefined, 404, '/cat.png'],
    ['js', undefined, 200, '/app.js'],
  ]);
  const fetched = found.find((event) => event.resource.type === 'fetch')?.resource;
  expect(fetched.duration).toBeGreaterThanOrEqual(100e6);
  expect(fetched.first_byte.duration).toBeGreaterThanOrEqual(95e6);
  expect(fetched).toMatchObject({
    size: 7,
    decoded_body_size: 7,
    response: { headers: { 'content-type': 'application/json' } },
  });
});

test('our own requests are no resources', async ({ page, open, diptych }) => {
  await open();
  await page.evaluate("diptych.addAction('x')");
  await until(
    () => diptych.events('action'),
    'the action',
    (found) => found.length > 0,
  );
  await leave(page);
  await page.waitForTimeout(300);
  expect(diptych.events('resource').filter((event) => event.resource.url.includes('/v1/'))).toEqual([]);
});

test('long frames are told with the scripts that made them', async ({ page, open, diptych }) => {
  await open({
    body: '<button onclick="const t = performance.now(); while (performance.now() < t + 120);">Work</button>',
  });
  await page.waitForTimeout(300);
  await page.click('button');
  const found = await until(
    () => diptych.events('long_task'),
    'the long task',
    (all) =>
      all.some((event) =>
        event.long_task.scripts.some((script: { invoker: string }) => script.invoker === 'BUTTON.onclick'),
      ),
  );
  const { long_task } =
    found.find((event) =>
      event.long_task.scripts.some((script: { invoker: string }) => script.invoker === 'BUTTON.onclick'),
    ) ?? {};
  expect(long_task).toMatchObject({ entry_type: 'long-animation-frame' });
  expect(long_task.duration).toBeGreaterThanOrEqual(120e6);
  expect(long_task.blocking_duration).toBeGreaterThan(50e6);
});
