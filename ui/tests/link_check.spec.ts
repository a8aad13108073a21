import { newId, newVisit, sendSpans, sendVisit } from './feed.ts';
import { expect, newKey, type Page, test } from './server.ts';

/** Why nothing is linked: each story in a project of its own, since a project's other traffic is evidence, too. */

function check(page: Page, id: string) {
  return page.getByTestId(`check-${id}`);
}

async function expectStates(page: Page, states: Record<string, 'ok' | 'fault' | 'unknown'>) {
  for (const [id, state] of Object.entries(states))
    await expect(check(page, id), id).toHaveAttribute('data-state', state);
  await expect(page.getByTestId('link-checklist').getByRole('listitem')).toHaveCount(
    Object.keys(states).length,
  );
}

const fetched = (date: number, url: string, status: number) => ({
  type: 'resource',
  date,
  resource: { id: newId(8), type: 'fetch', method: 'POST', url, status_code: status, duration: 4e8 },
});

test('a page that sends no ids, refused by CORS, beside an agent that names no session', async ({ open }) => {
  const project = 'no-ids';
  const visit = newVisit(Date.now() - 60_000);
  const orphan = newId(16);
  await sendVisit(visit, {
    key: newKey('client', project),
    events: [
      fetched(visit.start + 1_000, 'https://agent.example.com/chat', 0),
      fetched(visit.start + 9_000, 'https://agent.example.com/chat', 200),
    ],
  });
  const spans = [{ name: 'ask', kind: 'agent', start: visit.start + 5_000, durationMs: 500 }];
  await sendSpans(orphan, spans, newKey('server', project));

  const page = await open(`/sessions/${visit.sessionId}?tab=traces&project=${project}`);
  await expectStates(page, {
    asked: 'unknown',
    requests: 'ok',
    ids: 'fault',
    cors: 'fault',
    agent: 'ok',
    seen: 'unknown',
    llm: 'unknown',
    named: 'fault',
  });
  await expect(page.getByText('Most likely: No request carries a trace id')).toBeVisible();
  await expect(check(page, 'ids')).toContainText("allowedTracingUrls: ['https://agent.example.com']");
  await expect(check(page, 'cors')).toContainText('1 request had no answer');

  await test.step('each line leads to its part of the guide', async () => {
    const links = page.getByTestId('link-checklist').getByRole('link', { name: /^More about/ });
    const targets = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    expect(targets.length).toBeGreaterThan(4);
    await check(page, 'cors').getByRole('link', { name: /^More/ }).click();
    await expect(page).toHaveURL(/\/docs\/troubleshooting\?project=no-ids#cors/);
    await expect(page.getByRole('heading', { name: 'CORS' })).toBeInViewport();
    for (const target of targets) await expect(page.locator(`[id="${target.split('#')[1]}"]`)).toHaveCount(1);
    await page.goBack();
  });

  await check(page, 'named')
    .getByRole('link', { name: orphan.slice(0, 8) })
    .click();
  await expect(page).toHaveURL(new RegExp(`/traces/${orphan}`));
});

test('the agent does not know the ids of the page, then sends ordinary spans, then what is asked for', async ({
  open,
}) => {
  const project = 'one-sided';
  const visit = newVisit(Date.now() - 60_000);
  const trace = newId(16);
  await sendVisit(visit, {
    key: newKey('client', project),
    events: [
      {
        type: 'answer',
        date: visit.start + 1_000,
        answer: { id: newId(8), url: '/api/chat', method: 'POST', done_ms: 900, end_reason: 'done' },
        dip: { trace_id: trace, span_id: newId(8) },
      },
    ],
  });
  const page = await open(`/sessions/${visit.sessionId}?tab=traces&project=${project}`);
  await expect(page.getByText('Most likely: No agent has ever sent to this project')).toBeVisible();
  await expect(check(page, 'agent')).toContainText('LLMObs.enable');
  await expectStates(page, {
    asked: 'ok',
    requests: 'ok',
    ids: 'ok',
    cors: 'ok',
    agent: 'fault',
    seen: 'fault',
    llm: 'unknown',
    named: 'unknown',
  });
  await expect(check(page, 'seen')).toContainText(trace);

  const key = newKey('server', project);
  const at = visit.start + 1_100;
  await sendSpans(trace, [{ name: 'POST /api/chat', kind: 'span', start: at, durationMs: 700 }], key);
  await expect(check(page, 'llm')).toHaveAttribute('data-state', 'fault');
  await expect(check(page, 'seen')).toHaveAttribute('data-state', 'ok');

  await sendSpans(trace, [{ name: 'ask', kind: 'agent', start: at, durationMs: 700 }], key);
  await page.reload();
  await expect(page.getByTestId('trace-row')).toHaveAttribute('data-id', trace);
  await expect(page.getByTestId('link-checklist')).toHaveCount(0);
});

test('an id without a session: no page has sent, then others of its time have, of which a fifth is recorded', async ({
  open,
}) => {
  const project = 'sampled';
  const id = `left-out-${newId(8)}`;
  const at = Date.now() - 60_000;
  const attributes = { 'diptych.session.id': id };
  await sendSpans(
    newId(16),
    [{ name: 'ask', kind: 'agent', start: at, durationMs: 500, attributes }],
    newKey('server', project),
  );
  const page = await open(`/sessions/${id}?project=${project}`);
  await expect(page.getByText('Most likely: No page has ever sent to this project')).toBeVisible();
  await expect(check(page, 'pages')).toContainText('diptych.init');
  await expectStates(page, { 'named-by': 'ok', pages: 'fault', around: 'unknown', sampling: 'unknown' });
  await expect(page.getByTestId('trace-row')).toContainText('ask');

  await sendVisit(newVisit(at), { key: newKey('client', project), sampleRate: 20 });
  await expect(page.getByText('Most likely: Pages record 20 % of sessions')).toBeVisible();
  await expectStates(page, { 'named-by': 'ok', pages: 'ok', around: 'ok', sampling: 'fault' });

  await page.goto(page.url().replace(id, 'mistyped'));
  await expect(check(page, 'named-by')).toHaveAttribute('data-state', 'unknown');
});
