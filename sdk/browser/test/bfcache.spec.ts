import { existsSync } from 'node:fs';
import config from '../playwright.config';
import { expect, test, until } from './fixture';

/** Chromium without the windows of a browser has no back/forward cache. */
const WHOLE_CHROMIUM = '/usr/bin/chromium';

// Playwright turns it off.
test.use({
  launchOptions: {
    ...config.use?.launchOptions,
    ...(existsSync(WHOLE_CHROMIUM) && { executablePath: WHOLE_CHROMIUM }),
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  },
});

test('a page that comes back from the back/forward cache has a new view of the same session', async ({
  page,
  open,
  site,
  diptych,
}) => {
  site.html('/other', '<p>other</p>');
  await open({ path: '/first' });
  await page.evaluate('window.kept = true');
  await until(
    () => diptych.events('view'),
    'the first view',
    (views) => views.length > 0,
  );
  const session = await page.evaluate('diptych.getSessionId()');
  await page.goto(`${site.origin}/other`);
  // A page that comes back is not loaded.
  await page.goBack({ waitUntil: 'commit' });
  expect(await page.evaluate('window.kept')).toBe(true);
  const views = await until(
    () => diptych.events('view'),
    'the view after the return',
    (found) => found.some(({ view }) => view.loading_type === 'bf_cache'),
  );
  const back = views.find(({ view }) => view.loading_type === 'bf_cache');
  expect(back?.session.id).toBe(session);
  expect(back?.view.id).not.toBe(views[0]?.view.id);
});
