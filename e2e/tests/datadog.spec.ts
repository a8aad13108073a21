import { type Browser, expect, type Page, test } from '@playwright/test';
import { createKey, type Running, signInLink, startAgent, startModel, startPages } from '../datadog.ts';
import { api, SERVER } from '../shop.ts';

const QUESTION = 'Which tent fits four?';
const PASSWORD = 'correct-horse-battery';
const MAJORS = ['7', '6', '5'] as const;
const OWN_ID_TYPES = ['action', 'resource', 'error', 'long_task', 'vital'] as const;

type Items<Item> = { items: Item[] };
type Sent = { type: string; view: { id: string } } & Record<
  string,
  { id?: string; frustration?: { type: string[] } } | undefined
>;
type Event = { type: string; event_id: string; view_id: string; frustrations: string[]; attributes: object };
type Replay = {
  views: { view_id: string; end: number; format: string; segments: object[]; gaps: object[] }[];
};
type Trace = {
  trace_id: string;
  tokens: { total: number };
  cost_usd: number | null;
  sessions: { session_id: string; exists: boolean; has_replay: boolean; replay_at: number | null }[];
  spans: { kind: string; name: string; span_id: string; parent_id: string | null; is_counted: boolean }[];
};
type Shown = { tags: string[]; text: string; card: string; isGift: boolean; size: string; scrolled: number };

/** Runs in a page: what is on it, without what privacy hides and what a recorder leaves out. */
function look(body: HTMLElement): Shown {
  const unseen = 'script, [data-dd-privacy=hidden], #masked';
  const shown = Array.from(body.querySelectorAll<HTMLElement>('*')).filter(
    (element) => !element.matches(unseen),
  );
  const field = <Field>(id: string) => body.querySelector(`#${id}`) as Field;
  return {
    tags: shown.map((element) => element.tagName),
    text: shown
      .flatMap((element) => Array.from(element.childNodes))
      .filter((node) => node.nodeType === Node.TEXT_NODE)
      .map((node) => node.textContent?.trim())
      .filter(Boolean)
      .join('\n'),
    card: body.querySelector('#card')?.shadowRoot?.textContent ?? '',
    isGift: field<HTMLInputElement>('gift').checked,
    size: field<HTMLSelectElement>('size').value,
    scrolled: field<HTMLElement>('scrolled').scrollTop,
  };
}

let pages: Running;
let model: Running;
let agent: Running;
let token: string;
let diptych: Page;

async function signIn(browser: Browser): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(signInLink());
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/overview/);
  return page;
}

interface Setup {
  major?: string;
  proxy?: 'string' | 'function';
  options?: object;
  asks?: Running;
  join?: 'body' | 'headers';
}

/** Open the page with the SDK of a major version, and give the session that it has started. */
async function open(page: Page, setup: Setup = {}): Promise<string> {
  const { major = '7', proxy = 'string', options = {}, asks = agent, join = 'body' } = setup;
  const query = new URLSearchParams({ major, proxy, join, server: SERVER, token, agent: asks.url });
  query.set('options', JSON.stringify({ allowUntrustedEvents: true, ...options }));
  await page.goto(`${pages.url}/?${query}`);
  return (await (await page.waitForFunction(sessionOf)).jsonValue()) as string;
}

function sessionOf(): string | undefined {
  type Datadog = { getInternalContext(): { session_id: string } | undefined };
  return (window as unknown as { DD_RUM?: Datadog }).DD_RUM?.getInternalContext()?.session_id;
}

/** What a visitor does: fills the form, gets an answer, scrolls, and clicks what fails. */
async function visit(page: Page): Promise<void> {
  await page.locator('#question').fill(QUESTION);
  await page.locator('#secret').fill(PASSWORD);
  await page.locator('#gift').check();
  await page.locator('#size').selectOption('m');
  await page.locator('#send').click();
  await expect(page.locator('#answers li').last()).toHaveAttribute('data-state', 'done');
  await page.locator('#scrolled').evaluate((element) => element.scrollTo(0, 40));
  await page.locator('#throw').click();
  // In one go: a rage click is three within a second, whatever else the machine is doing.
  await page.locator('#dead').click({ clickCount: 4, delay: 20 });
  await page.evaluate(() => {
    const answers = document.querySelector('#answers');
    answers?.prepend(document.querySelector('#intro') ?? '');
    document.querySelector('#card')?.shadowRoot?.append(document.createElement('hr'), 'while it lasts');
    document.querySelector('#title')?.replaceChildren('Tents, ', document.createElement('i'));
  });
  // The SDK tells of a chain of clicks a second after its last one.
  await page.waitForTimeout(2_500);
}

/** The page is put away: the SDK sends what it holds. */
async function putAway(page: Page): Promise<Sent[]> {
  return page.evaluate(async () => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    return (window as unknown as { sent: Sent[] }).sent;
  });
}

async function eventsOf(session: string): Promise<Event[]> {
  const answer = await diptych.request.get(`${SERVER}/api/v1/sessions/${session}/events?limit=1000`);
  return answer.ok() ? ((await answer.json()) as Items<Event>).items : [];
}

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }) => {
  token = createKey('client');
  [pages, model] = await Promise.all([startPages(), startModel()]);
  agent = await startAgent('ddtrace', SERVER, createKey('server'), model);
  diptych = await signIn(browser);
});

test.afterAll(async () => {
  await diptych?.context().close();
  await Promise.all([pages, model, agent].map((running) => running?.stop()));
});

for (const major of MAJORS) {
  test(`a page with browser-rum ${major} and an agent with ddtrace are two panels with one hinge`, async ({
    page,
  }) => {
    const segments: number[] = [];
    page.on('response', (response) => {
      if (decodeURIComponent(response.url()).includes('/api/v2/replay')) segments.push(response.status());
    });
    const session = await open(page, { major });
    await visit(page);
    const live = await page.locator('body').evaluate(look);
    const sent = await putAway(page);

    await test.step('every event that the SDK made is returned, and no other', async () => {
      for (const type of OWN_ID_TYPES) {
        const made = [
          ...new Set(sent.filter((event) => event.type === type).map((event) => event[type]?.id)),
        ];
        await expect
          .poll(async () =>
            (await eventsOf(session))
              .filter((e) => e.type === type)
              .map((e) => e.event_id)
              .sort(),
          )
          .toEqual(made.sort());
      }
      const viewIds = new Set(sent.filter((event) => event.type === 'view').map((event) => event.view.id));
      const events = await eventsOf(session);
      expect(events.filter((event) => event.type === 'view').map((event) => event.event_id)).toEqual([
        ...viewIds,
      ]);
      const frustrations = new Map(
        sent.map((event) => [event.action?.id, event.action?.frustration?.type ?? []]),
      );
      for (const event of events) {
        expect(event.frustrations, event.event_id).toEqual(frustrations.get(event.event_id) ?? []);
      }
      expect(events.flatMap((event) => event.frustrations)).toEqual(
        expect.arrayContaining(['rage_click', 'error_click']),
      );
      expect(await api(diptych.request, `/sessions/${session}`)).toMatchObject({
        user: { id: 'ana-7', name: 'Ana', email: 'ana@example.com' },
        service: 'tent-shop',
        env: 'test',
        version: '1.2.3',
        has_replay: true,
      });
    });

    await test.step('the replay shows what the page showed, but for what privacy masks', async () => {
      const replay = await api<Replay>(diptych.request, `/sessions/${session}/replay`);
      expect(segments.every((status) => status === 202)).toBe(true);
      expect(replay.views.map((view) => [view.format, view.gaps])).toEqual([['datadog', []]]);
      expect(replay.views.flatMap((view) => view.segments)).toHaveLength(segments.length);
      const [view] = replay.views;
      await diptych.goto(`${SERVER}/sessions/${session}?tab=replay&view=${view?.view_id}&t=${view?.end}`);
      const recorded = diptych.frameLocator('[data-testid=replay-frame]').frameLocator('iframe');
      await expect(recorded.locator('#answers li')).toBeAttached();
      await expect.poll(() => recorded.locator('body').evaluate(look)).toEqual(live);
      await expect(recorded.locator('#question')).toHaveValue('***');
      await expect(recorded.locator('[data-dd-privacy=hidden]')).toHaveText('');
      await expect(recorded.locator('#masked')).toHaveText('x xxxxxx xxxx');
      expect(await recorded.locator('html').innerHTML()).not.toContain(PASSWORD);
    });

    await test.step('LLM Traces leads to the trace of ddtrace, RUM Session back to the replay', async () => {
      await diptych.goto(`${SERVER}/sessions/${session}`);
      await diptych.getByTestId('llm-traces-button').click();
      await diptych.getByTestId('trace-row').first().click();
      await diptych.waitForURL(/\/traces\/[0-9a-f]{32}/);
      const traceId = /\/traces\/([0-9a-f]{32})/.exec(diptych.url())?.[1];
      const trace = await api<Trace>(diptych.request, `/traces/${traceId}`);
      expect(trace.sessions).toMatchObject([{ session_id: session, exists: true, has_replay: true }]);
      expect(trace.spans.map((span) => [span.kind, span.name])).toEqual([
        ['agent', 'agent_loop'],
        ['tool', 'stock'],
        ['llm', 'anthropic.request'],
      ]);
      expect(trace.tokens.total).toBeGreaterThan(0);
      expect(trace.cost_usd).toBeGreaterThan(0);
      await diptych.getByTestId('rum-session-link').first().click();
      await diptych.waitForURL(new RegExp(`/sessions/${session}.*t=\\d+`));
      const recorded = diptych.frameLocator('[data-testid=replay-frame]').frameLocator('iframe');
      await expect(recorded.locator('#title')).toBeAttached();
    });
  });
}

for (const client of ['diptych', 'opentelemetry'] as const) {
  test(`without a body field, the baggage of browser-rum joins an agent on ${client} both ways`, async ({
    page,
  }) => {
    const asks = await startAgent(client, SERVER, createKey('server'), model);
    try {
      const bodies: string[] = [];
      page.on('request', (request) => {
        if (request.url() === `${asks.url}/ask` && request.method() === 'POST')
          bodies.push(request.postData() ?? '');
      });
      const options = { propagateTraceBaggage: true, traceSampleRate: 100 };
      const session = await open(page, { asks, join: 'headers', options });
      await visit(page);
      await putAway(page);
      expect(bodies).toEqual([JSON.stringify({ question: QUESTION })]);

      await diptych.goto(`${SERVER}/sessions/${session}`);
      await diptych.getByTestId('llm-traces-button').click();
      await diptych.getByTestId('trace-row').first().click();
      await diptych.waitForURL(/\/traces\/[0-9a-f]{32}/);
      const traceId = /\/traces\/([0-9a-f]{32})/.exec(diptych.url())?.[1];
      const trace = await api<Trace>(diptych.request, `/traces/${traceId}`);
      expect(trace.sessions).toMatchObject([{ session_id: session, exists: true, has_replay: true }]);
      // The model's client may tell of its call beside the instrumentor: what it used counts once.
      expect([...new Set(trace.spans.map((span) => span.kind))]).toEqual(['agent', 'llm']);
      expect(trace.spans.filter((span) => span.is_counted)).toHaveLength(1);
      expect(trace.tokens.total).toBeGreaterThan(0);
      await diptych.getByTestId('rum-session-link').first().click();
      await diptych.waitForURL(new RegExp(`/sessions/${session}.*t=\\d+`));
      const recorded = diptych.frameLocator('[data-testid=replay-frame]').frameLocator('iframe');
      await expect(recorded.locator('#title')).toBeAttached();
    } finally {
      await asks.stop();
    }
  });
}

test('a compressed batch and its plain rest at exit arrive through a proxy function', async ({ page }) => {
  const queries: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/datadog/api/v2/rum')) queries.push(new URL(request.url()).search);
  });
  const session = await open(page, { proxy: 'function', options: { compressIntakeRequests: true } });
  await visit(page);
  const sent = await putAway(page);
  await page.locator('#next').click();
  await page.waitForTimeout(500);
  await page.goto('about:blank');

  await expect
    .poll(async () => (await eventsOf(session)).filter((event) => event.type === 'view').length)
    .toBe(2);
  const made = sent.filter((event) => event.type === 'action').map((event) => event.action?.id);
  const returned = (await eventsOf(session)).map((event) => event.event_id);
  expect(returned).toEqual(expect.arrayContaining([...new Set(made)]));
  expect(queries.some((query) => query.includes('dd-evp-encoding=deflate'))).toBe(true);
  expect(queries.some((query) => !query.includes('dd-evp-encoding'))).toBe(true);
  expect(queries.some((query) => query.includes('_dd.api=beacon'))).toBe(true);
});

test('a view that arrives as differences is shown as it became', async ({ page }) => {
  await page.addInitScript(() => {
    const beacons: unknown[] = [];
    const send = navigator.sendBeacon.bind(navigator);
    navigator.sendBeacon = (url, data) => {
      beacons.push(data);
      return send(url, data);
    };
    Object.assign(window, { beacons });
  });
  const session = await open(page, { options: { betaEnableViewUpdates: true } });
  await page.locator('#dead').click();
  await page.waitForTimeout(2_500);
  await putAway(page);
  for (let click = 0; click < 3; click++) {
    await page.locator('#next').hover();
    await page.locator('#throw').click();
    await page.waitForTimeout(1_500);
  }
  await page.waitForTimeout(3_500);
  const sent = await putAway(page);

  const beacons = await page.evaluate(() => (window as unknown as { beacons: string[] }).beacons);
  expect(beacons.some((body) => body.includes('"type":"view_update"'))).toBe(true);
  const made = new Set(sent.filter((event) => event.type === 'action').map((event) => event.action?.id));
  await expect
    .poll(async () => (await eventsOf(session)).filter((e) => e.type === 'action').length)
    .toBe(made.size);
  const events = await eventsOf(session);
  expect(events.map((event) => event.type)).not.toContain('view_update');
  const view = events.find((event) => event.type === 'view');
  expect(view?.attributes).toMatchObject({
    view: { action: { count: made.size }, error: { count: 3 }, url: expect.stringContaining('http') },
    usr: { id: 'ana-7' },
  });
});

test('the profiler is told not to start, and nothing of the SDK fails in the console', async ({ page }) => {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  const quota = page.waitForResponse((response) =>
    decodeURIComponent(response.url()).includes('/api/v2/profiling/quota'),
  );
  await open(page, { options: { profilingSampleRate: 100, telemetrySampleRate: 100 } });
  expect((await quota).status()).toBe(200);
  await putAway(page);
  expect(complaints).toEqual([]);
});

test('the agent was quiet: nothing that ddtrace sent was refused', () => {
  expect(agent.log()).not.toMatch(/error|failed|warning/i);
});
