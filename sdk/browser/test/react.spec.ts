import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { rolldown } from 'rolldown';
import { viewNameOf } from '../src/react.js';
import { expect, leave, type Peer, test, until } from './fixture';

const HERE = dirname(fileURLToPath(import.meta.url));

/** The page, with the built package in the place of its sources. */
async function bundled(): Promise<string> {
  const build = await rolldown({
    cwd: HERE,
    input: 'react_page.tsx',
    platform: 'browser',
    onLog: () => undefined, // the router's "use client" means nothing here
    external: [/recorder\.js$/],
    resolve: {
      alias: {
        '../src/index.js': `${HERE}/../dist/index.js`,
        '../src/react.js': `${HERE}/../dist/react.js`,
      },
    },
    transform: { define: { 'process.env.NODE_ENV': '"development"' } },
  });
  const { output } = await build.generate({ format: 'esm' });
  await build.close();
  return output[0].code;
}

/** Opens the page. */
async function openShop(page: Page, site: Peer, diptych: Peer): Promise<void> {
  const code = await bundled();
  site.on('/page.js', (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(code);
  });
  site.html(
    '/',
    `<!doctype html><body data-url="${diptych.origin}"><div id="app"></div><script type="module" src="/page.js"></script>`,
  );
  await page.goto(site.origin);
}

test("a React page's views have the names of its routes; what its components throw is reported with them", async ({
  page,
  site,
  diptych,
}) => {
  await openShop(page, site, diptych);
  for (const link of ['One', 'Two', 'Home', 'Broken']) {
    await page.getByText(link, { exact: true }).click();
    await page.waitForTimeout(250);
  }
  expect(await page.getByText('Sorry about that').count()).toBe(1);
  await leave(page);
  const errors = await until(
    () => diptych.events('error').filter((event) => event.context?.framework === 'react'),
    'the error',
    (found) => found.length > 0,
  );
  expect(errors).toHaveLength(1);
  expect(errors[0]?.error.message).toBe('no such tent');
  expect(errors[0]?.error.component_stack).toContain('Broken');
  expect(errors[0]?.view.name).toBe('/broken');
  const views = diptych.events('view').sort((a, b) => a.date - b.date);
  const names = new Map(views.map((event) => [event.view.id, event.view.name]));
  // In strict mode too each view begins once.
  expect([...names.values()]).toEqual(['/', '/tents/$id', '/tents/$id', '/', '/broken']);
});

test('going back to a route that loads is one view, which begins when the route is there', async ({
  page,
  site,
  diptych,
}) => {
  await openShop(page, site, diptych);
  await page.getByText('Slow', { exact: true }).click();
  await page.getByText('Far away').waitFor();
  await page.getByText('One', { exact: true }).click();
  await page.getByText('A tent').waitFor();
  await page.goBack();
  await page.getByText('Far away').waitFor();
  await leave(page);
  await expect
    .poll(() => {
      const views = diptych.events('view').sort((a, b) => a.date - b.date);
      return [
        ...new Map(views.map(({ view }) => [view.id, view.name + new URL(view.url).pathname])).values(),
      ];
    })
    .toEqual(['//', '/slow/slow', '/tents/$id/tents/1', '/slow/slow']);
});

test("React Router's matches give the pattern of the route", () => {
  const match = (...paths: (string | undefined)[]) => paths.map((path) => ({ route: { path } }));
  expect(viewNameOf(match('/', 'users', ':id'))).toBe('/users/:id');
  expect(viewNameOf(match(undefined, '/users', undefined))).toBe('/users');
  expect(viewNameOf(match('/app', '/app/cart'))).toBe('/app/cart');
  expect(viewNameOf(match('/', undefined))).toBe('/');
  expect(viewNameOf([])).toBeUndefined();
  expect(viewNameOf(null)).toBeUndefined();
});

test('the attribution plugin says where the time of LCP and INP went', async ({ page, site, diptych }) => {
  site.html(
    '/',
    `<!doctype html><h1>Shop</h1><p>${'words '.repeat(100)}</p>
    <button onclick="const t = performance.now(); while (performance.now() < t + 120);">Slow</button>
    <script type="module">
      import { diptych } from '${diptych.origin}/sdk/index.js';
      import { attribution } from '${diptych.origin}/sdk/attribution.js';
      diptych.init({ applicationId: 'shop', clientToken: 'k', url: '${diptych.origin}', plugins: [attribution()] });
    </script>`,
  );
  await page.goto(site.origin);
  await page.waitForTimeout(600);
  await page.getByText('Slow').click();
  await page.waitForTimeout(800);
  await leave(page);
  const views = await until(
    () => diptych.events('view'),
    'the parts of INP',
    (found) => found.at(-1)?.view.performance?.inp?.sub_parts !== undefined,
  );
  const { lcp, inp } = views.at(-1)?.view.performance ?? {};
  expect(lcp.sub_parts).toMatchObject({ load_delay: 0, load_time: 0, render_delay: expect.any(Number) });
  expect(inp.sub_parts.processing_duration).toBeGreaterThanOrEqual(118e6);
  const sum = Object.values(inp.sub_parts as Record<string, number>).reduce((a, b) => a + b, 0);
  expect(Math.abs(sum - inp.duration)).toBeLessThan(20e6);
});
