import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from './fixture';

const DIST = new URL('../dist/', import.meta.url);

test('the package can be imported where there is no browser, and gives exactly what it promises', async () => {
  const module = await import(new URL('index.js', DIST).href);
  expect(Object.keys(module).sort()).toEqual(['default', 'diptych']);
  expect(module.default).toBe(module.diptych);
  expect(module.diptych.getSessionId()).toBeUndefined();
  expect(module.diptych.explain()).toBe('init has not been called');
});

test('the npm package works in a page, its recorder loaded as a module', async ({ page, site, diptych }) => {
  site.html(
    '/',
    `<!doctype html><script type="module">
      import { diptych } from '${diptych.origin}/sdk/index.js';
      diptych.init({ applicationId: 'shop', clientToken: 'k', url: '${diptych.origin}' });
      window.session = diptych.getSessionId();
    </script><p>module</p>`,
  );
  await page.goto(site.origin);
  await expect.poll(() => diptych.segments().length, { timeout: 10_000 }).toBeGreaterThan(0);
  expect(diptych.segments()[0]?.header.session.id).toBe(await page.evaluate('session'));
});

/** Most bytes of gzip, 1 kB = 1000 bytes. */
const BUDGETS = {
  'index.js': 20_000,
  'diptych.js': 20_000,
  'recorder.js': 30_000,
  'diptych-recorder.js': 30_000,
};

test('the first load is at most 20 kB gzip, the recorder 30 kB', () => {
  const sizes = Object.keys(BUDGETS).map(
    (name) => [name, gzipSync(readFileSync(new URL(name, DIST)), { level: 9 }).byteLength] as const,
  );
  for (const [name, bytes] of sizes) console.log(`    ${name.padEnd(20)} ${bytes} bytes gzip`);
  for (const [name, bytes] of sizes)
    expect(bytes, name).toBeLessThanOrEqual(BUDGETS[name as keyof typeof BUDGETS]);
});
