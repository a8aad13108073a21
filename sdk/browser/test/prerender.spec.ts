import { type ChildProcess, spawn } from 'node:child_process';
import { chromium } from '@playwright/test';
import config from '../playwright.config';
import { expect, type Peer, test, until } from './fixture';

/** A browser that nobody looks into: what renders in advance does not while somebody does. */
function browse(url: string, folder: string): ChildProcess {
  const { executablePath = chromium.executablePath(), args = [] } = config.use?.launchOptions ?? {};
  return spawn(executablePath, ['--headless', ...args, `--user-data-dir=${folder}`, url], {
    stdio: 'ignore',
  });
}

/** The page itself tells what it knows. */
function reports(site: Peer, name: string): Promise<unknown[]> {
  return until(
    () => site.received.filter(({ path }) => path === `/${name}`).map(({ body }) => JSON.parse(body)),
    name,
    (found) => found.length > 0,
  );
}

test('a page that is rendered in advance is no visit until somebody comes', async ({
  site,
  diptych,
}, info) => {
  site.html(
    '/',
    `<!doctype html><script type="speculationrules">{"prerender":[{"urls":["/next"],"eagerness":"immediate"}]}</script>
    <script>const look = async () => {
      if ((await fetch('/go')).ok) location.href = '/next';
      else setTimeout(look, 50);
    };
    look();</script>`,
  );
  let mayGo = false;
  site.on('/go', (_, response) => {
    response.writeHead(mayGo ? 200 : 404).end();
  });
  site.html(
    '/next',
    `<!doctype html><script src="${diptych.origin}/sdk/diptych.js"></script><script>
    const tell = (name) => fetch(name, { method: 'POST', body: JSON.stringify({
      isInAdvance: document.prerendering, session: diptych.getSessionId() ?? null, why: diptych.explain() ?? null,
      shownMs: performance.getEntriesByType('navigation')[0].activationStart,
    }) });
    diptych.init({ applicationId: 'shop', clientToken: 'k', url: '${diptych.origin}' });
    diptych.addAction('early');
    addEventListener('load', () => setTimeout(() => tell('/rendered'), 500));
    document.addEventListener('prerenderingchange', () => setTimeout(() => tell('/shown').then(() => { location.href = 'about:blank'; }), 500));
    </script><h1>Next</h1>`,
  );
  const browser = browse(site.origin, info.outputPath('profile'));
  try {
    const [rendered] = await reports(site, 'rendered');
    expect(rendered).toMatchObject({
      isInAdvance: true,
      session: null,
      why: expect.stringContaining('in advance'),
    });
    expect(diptych.received.filter(({ path }) => path.startsWith('/v1/'))).toEqual([]);
    mayGo = true;
    const [shown] = (await reports(site, 'shown')) as [{ session: string; shownMs: number }];
    const views = await until(
      () => diptych.events('view'),
      'the view, as it was when the page was left',
      (found) =>
        found.at(-1)?.view.first_contentful_paint !== undefined && diptych.events('action').length > 0,
    );
    expect(new Set(views.map(({ view }) => view.id)).size).toBe(1);
    expect(views[0]?.session.id).toBe(shown.session);
    // It begins when somebody came, who waited for nothing before.
    expect(shown.shownMs).toBeGreaterThan(500);
    expect(views.at(-1)?.view.time_spent).toBeLessThan(shown.shownMs * 1e6 + 3e9);
    expect(views.at(-1)?._dd.page_states[0]).toEqual({
      state: expect.stringMatching(/active|passive/),
      start: 0,
    });
    expect(views.at(-1)?.view.first_byte).toBe(0);
  } finally {
    browser.kill();
  }
});
