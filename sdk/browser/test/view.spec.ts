import { expect, type Json, leave, type Peer, test, until } from './fixture';

/** The last version of each view, in the order of their start. */
function latest(views: Json[]): Json[] {
  const byId = new Map<string, Json>();
  for (const view of views) {
    const known = byId.get(view.view.id);
    if (!known || known._dd.document_version < view._dd.document_version) byId.set(view.view.id, view);
  }
  return [...byId.values()].sort((a, b) => a.date - b.date);
}

/** The last versions, once four views have come. */
const fourOf = (server: Peer): Promise<Json[]> =>
  until(
    () => latest(server.events('view')),
    'the views',
    (found) => found.length >= 4,
  );

test('a load and each change of the path are views; the query string and anchors are not', async ({
  page,
  open,
  diptych,
  site,
}) => {
  await open({ body: '<h2 id="part">Part</h2>' });
  await page.evaluate(`
    history.replaceState({}, '', '/?page=2');
    location.hash = 'part';
    history.pushState({}, '', '/cart');
  `);
  // Dates are milliseconds: two views of one have no order.
  await page.waitForTimeout(10);
  await page.evaluate(`location.hash = '/checkout'`);
  await page.waitForTimeout(10);
  await page.evaluate('history.back()');
  await page.waitForTimeout(300);
  await leave(page);
  const views = await fourOf(diptych);
  expect(views.map((view) => [view.view.loading_type, view.view.url.slice(site.origin.length)])).toEqual([
    ['initial_load', '/?page=2#part'],
    ['route_change', '/cart'],
    ['route_change', '/cart#/checkout'],
    ['route_change', '/cart'],
  ]);
  expect(views[1]?.view.referrer).toBe(`${site.origin}/?page=2#part`);
});

test('what the page does in the tick of init is after its first view', async ({
  page,
  open,
  diptych,
  site,
}) => {
  await open({
    after: `
      diptych.startView('Cart');
      history.replaceState({}, '', '/?page=2');
      location.hash = '/home';
      history.pushState({}, '', '/checkout');`,
  });
  await page.waitForTimeout(300);
  await leave(page);
  const views = await fourOf(diptych);
  const told = views.map(({ view }) => [view.loading_type, view.url.slice(site.origin.length), view.name]);
  expect(told).toHaveLength(4);
  expect(told).toEqual(
    expect.arrayContaining([
      ['initial_load', '/', undefined],
      ['route_change', '/?page=2', 'Cart'],
      ['route_change', '/?page=2#/home', undefined],
      ['route_change', '/checkout', undefined],
    ]),
  );
});

test('the address of the first view is that of init', async ({ page, open, diptych, site }) => {
  await open({ after: "location.hash = '/home';" });
  await page.waitForTimeout(300);
  await leave(page);
  await expect
    .poll(() =>
      latest(diptych.events('view'))
        .map(({ view }) => view.url.slice(site.origin.length))
        .sort(),
    )
    .toEqual(['/', '/#/home']);
});

test('what is drawn in the tick of init belongs to the loading', async ({ page, site, diptych }) => {
  site.html(
    '/',
    `<!doctype html><script src="${diptych.origin}/sdk/diptych.js"></script><body><script>
      const options = { applicationId: 'shop', clientToken: 'k', url: '${diptych.origin}', sessionReplaySampleRate: 0 };
      addEventListener('load', () => setTimeout(() => {
        diptych.init(options);
        document.body.append('Drawn');
      }, 300));
    </script>`,
  );
  await page.goto(site.origin);
  const [view] = await until(
    () => diptych.events('view').filter((each) => each.view.loading_time),
    'a view with its loading time',
    (views) => views.length > 0,
  );
  expect(view?.view.loading_time).toBeGreaterThan(300e6);
});

test('a page whose session is not recorded is not watched', async ({ page, open }) => {
  await open({
    init: { sessionSampleRate: 0 },
    before: `
      window.watching = 0;
      const { observe, disconnect } = MutationObserver.prototype;
      MutationObserver.prototype.observe = function (...args) { window.watching += 1; observe.apply(this, args); };
      MutationObserver.prototype.disconnect = function () { window.watching -= 1; disconnect.call(this); };`,
    after: 'window.explained = [diptych.explain(), window.watching];',
  });
  expect(await page.evaluate('explained')).toEqual([expect.stringContaining('sessionSampleRate'), 0]);
});

test('a view grows in versions: counts, time spent, and its end', async ({ page, open, diptych }) => {
  await open({
    body: '<button>Go</button>',
    after: "diptych.addError(new Error('one')); diptych.addTiming('hero shown!');",
  });
  await page.click('button');
  await page.waitForTimeout(2500);
  await page.evaluate(`history.pushState({}, '', '/next')`);
  await page.waitForTimeout(300);
  await leave(page);
  const versions = await until(
    () => diptych.events('view').filter((view) => view.view.url.endsWith('/')),
    'the last version',
    (found) => found.some((view) => view.view.is_active === false),
  );
  const numbers = versions.map((view) => view._dd.document_version);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  expect(new Set(versions.map((view) => view.date)).size).toBe(1);
  const last = versions.at(-1) as Json;
  expect(last.view).toMatchObject({
    is_active: false,
    action: { count: 1 },
    error: { count: 1 },
    frustration: { count: 1 },
  });
  expect(last.view.resource.count).toBe(
    diptych.events('resource').filter((event) => event.view.id === last.view.id).length,
  );
  expect(last.view.time_spent).toBeGreaterThan(2.5e9);
  expect(last.view.custom_timings).toEqual({ hero_shown_: expect.any(Number) });
});

test('a version of a view is made when a batch leaves, with all that has changed until then', async ({
  page,
  site,
  diptych,
}) => {
  site.html(
    '/',
    `<script src="${diptych.origin}/sdk/diptych.js"></script><script>
    window.made = [];
    diptych.init({ applicationId: 'shop', clientToken: 'k', url: '${diptych.origin}',
      beforeSend(event) { if (event.type === 'view') made.push(event._dd.document_version); } });</script>`,
  );
  await page.goto(site.origin);
  for (let change = 0; change < 30; change += 1) {
    await page.evaluate(`diptych.addTiming('t' + ${change})`);
    await page.waitForTimeout(100);
  }
  const views = await until(
    () => diptych.events('view'),
    'the last timing',
    (found) => found.some(({ view }) => view.custom_timings?.t29),
    8000,
  );
  expect(await page.evaluate('made')).toEqual(views.map((view) => view._dd.document_version));
});

test('the first view has the times of the load and all Web Vitals, in nanoseconds', async ({
  page,
  open,
  diptych,
}) => {
  await open({
    body: '<h1>Hello</h1><button onclick="const t = performance.now(); while (performance.now() < t + 60);">Work</button>',
  });
  await page.click('button');
  await page.waitForTimeout(300);
  await leave(page);
  const [view] = await until(
    () => latest(diptych.events('view')),
    'the view',
    (found) => 'interaction_to_next_paint' in (found[0]?.view ?? {}),
  );
  const facts = view?.view as Json;
  for (const name of [
    'first_byte',
    'dom_interactive',
    'dom_content_loaded',
    'dom_complete',
    'load_event',
    'first_contentful_paint',
    'largest_contentful_paint',
    'loading_time',
  ]) {
    expect(facts[name], name).toBeGreaterThan(1e6);
    expect(facts[name], name).toBeLessThan(20e9);
    expect(Number.isInteger(facts[name]), name).toBe(true);
  }
  expect(facts.cumulative_layout_shift).toBe(0);
  expect(facts.interaction_to_next_paint).toBeGreaterThanOrEqual(56e6);
  expect(facts.performance).toMatchObject({
    lcp: { timestamp: facts.largest_contentful_paint, target_selector: 'BODY>H1' },
    fcp: { timestamp: facts.first_contentful_paint },
    inp: { duration: facts.interaction_to_next_paint, target_selector: 'BODY>BUTTON' },
    cls: { score: 0 },
  });
});

test('views by hand: names, contexts, service and version of their own', async ({ page, open, diptych }) => {
  await open({ init: { trackViewsManually: true }, after: 'window.before = diptych.explain();' });
  expect(await page.evaluate('before')).toContain('trackViewsManually');
  await page.evaluate(`
    diptych.startView({ name: 'checkout', service: 'pay-web', version: '9', context: { step: 1 } });
    diptych.addAction('paid');
    diptych.setViewContextProperty('step', 2);
    diptych.addAction('left');
  `);
  expect(await page.evaluate('diptych.getInternalContext().view.name')).toBe('checkout');
  await leave(page);
  const actions = await until(
    () => diptych.events('action'),
    'the actions',
    (found) => found.length === 2,
  );
  expect(actions[0]).toMatchObject({
    view: { name: 'checkout' },
    service: 'pay-web',
    version: '9',
    ddtags: expect.stringContaining('service:pay-web'),
    context: { step: 1 },
  });
  expect(actions[1]?.context).toEqual({ step: 2 });
  const [view] = latest(diptych.events('view'));
  expect(view?.view).toMatchObject({ name: 'checkout', loading_type: 'initial_load', action: { count: 2 } });
});

test('user, account and global context go with every event from then on', async ({ page, open, diptych }) => {
  await open();
  await page.evaluate(`
    diptych.setUser({ id: 7, name: 'Ada', plan: { tier: 'pro' } });
    diptych.setAccount({ id: 'acme' });
    diptych.setGlobalContextProperty('build', 42);
    diptych.addAction('x', { own: true });
  `);
  const [action] = await until(
    () => diptych.events('action'),
    'the action',
    (found) => found.length > 0,
  );
  expect(action?.usr).toEqual({
    anonymous_id: expect.any(String),
    id: '7',
    name: 'Ada',
    plan: { tier: 'pro' },
  });
  expect(action?.account).toEqual({ id: 'acme' });
  expect(action?.context).toEqual({ build: 42, own: true });
});

test('beforeSend changes and drops events, but never who and when, nor a view', async ({
  page,
  site,
  diptych,
}) => {
  site.html(
    '/',
    `<script src="${diptych.origin}/sdk/diptych.js"></script><script>
    diptych.init({ applicationId: 'shop', clientToken: 'k', url: '${diptych.origin}', beforeSend(event) {
      event.session.id = 'forged';
      event.view.url = 'https://example.com/cleaned';
      if (event.type === 'view') return false;
      if (event.action && event.action.target.name === 'secret') return false;
      if (event.action && event.action.target.name === 'broken') throw new Error('mine');
      event.context = { added: 1 };
    } });
    ['kept', 'secret', 'broken'].forEach((name) => diptych.addAction(name));</script>`,
  );
  await page.goto(site.origin);
  const actions = await until(
    () => diptych.events('action'),
    'the actions',
    (found) => found.length === 2,
  );
  expect(actions.map((event) => [event.action.target.name, event.context, event.view.url])).toEqual([
    ['kept', { added: 1 }, 'https://example.com/cleaned'],
    ['broken', undefined, 'https://example.com/cleaned'],
  ]);
  expect(actions[0]?.session.id).not.toBe('forged');
  expect(diptych.events('view').length).toBeGreaterThan(0);
  expect(await page.evaluate('diptych.getDropped()')).toMatchObject({ before_send: 1, internal_error: 1 });
});

test('a page that is left tells so once', async ({ page, open, diptych }) => {
  await open();
  await until(
    () => diptych.events('view'),
    'the view',
    (found) => found.length > 0,
  );
  await leave(page);
  const last = (): Json[] =>
    diptych.events('view').filter(({ _dd }) => _dd.page_states.at(-1).state !== 'active');
  await until(last, 'its last version', (found) => found.length > 0);
  // It goes out of sight just after: another version would be here by now.
  await page.waitForTimeout(500);
  expect(last()).toHaveLength(1);
});
