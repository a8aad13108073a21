import { expect, type Page, test } from '@playwright/test';
import { signInLink } from '../datadog.ts';
import { api, ask, SERVER, SHOP, sessionId, signIn } from '../shop.ts';

const QUESTION = 'Which tent fits four and weighs under 5 kg? Is it in stock?';
const TYPED_EMAIL = 'ana.typed@example.com';
const TYPED_PASSWORD = 'correct-horse-battery';

type Items<Item> = { items: Item[] };
type Span = { kind: string; parent_id: string | null; session_id: string | null; model: string };
type Trace = {
  trace_id: string;
  tokens: { total: number };
  cost_usd: number | null;
  sessions: { session_id: string; exists: boolean; replay_at: number | null }[];
  spans: Span[];
};

/** The traces of a session, once there is one whose agent has ended. */
async function tracesOf(page: Page, session: string): Promise<Trace[]> {
  const ids = await expect
    .poll(async () => {
      const list = await api<Items<{ trace_id: string; is_complete: boolean }>>(
        page.request,
        `/sessions/${session}/traces`,
      );
      return list.items.filter((trace) => trace.is_complete).map((trace) => trace.trace_id);
    })
    .not.toHaveLength(0)
    .then(async () => {
      const list = await api<Items<{ trace_id: string }>>(page.request, `/sessions/${session}/traces`);
      return list.items.map((trace) => trace.trace_id);
    });
  return Promise.all(ids.map((id) => api<Trace>(page.request, `/traces/${id}`)));
}

test.describe.configure({ mode: 'serial' });

test.describe('The hinge', () => {
  let diptych: Page;

  test.beforeAll(async ({ browser }, { retry }) => {
    diptych = await (await browser.newContext()).newPage();
    // The link that the demo prints works once.
    await signIn(diptych, retry > 0 ? signInLink() : (process.env.DIPTYCH_E2E_LINK ?? ''));
  });

  test.afterAll(async () => {
    await diptych.context().close();
  });

  test('joins what a person did with the traces of the agent that answered, both ways', async ({ page }) => {
    await page.goto(SHOP);
    await page.getByTestId('nav-tents').click();
    await page.getByTestId('sign-in-open').click();
    await page.getByTestId('sign-in-email').fill(TYPED_EMAIL);
    await page.getByTestId('sign-in-password').fill(TYPED_PASSWORD);
    await page.keyboard.press('Escape');
    await ask(page, QUESTION);
    await page.getByTestId('nav-packs').click();
    await page.getByTestId('product-card').first().click();
    const session = await sessionId(page);

    await test.step('the API shows the session with its events', async () => {
      await expect
        .poll(async () => {
          const events = await api<Items<{ type: string; name: string }>>(
            diptych.request,
            `/sessions/${session}/events?limit=1000`,
          );
          return events.items.map((event) => event.type);
        })
        .toEqual(expect.arrayContaining(['view', 'action', 'resource']));
      await expect
        .poll(async () => (await api<{ views: number }>(diptych.request, `/sessions/${session}`)).views)
        .toBeGreaterThanOrEqual(3);
    });

    const traces = await tracesOf(diptych, session);

    await test.step('its trace holds the agent, the model, a tool and the retrieval, with tokens and cost', () => {
      const [trace] = traces;
      expect(traces).toHaveLength(1);
      const kinds = new Set(trace?.spans.map((span) => span.kind));
      expect([...kinds]).toEqual(expect.arrayContaining(['agent', 'llm', 'tool', 'retrieval']));
      expect(trace?.sessions.map((known) => known.session_id)).toEqual([session]);
      expect(trace?.sessions[0]?.exists).toBe(true);
      expect(trace?.tokens.total).toBeGreaterThan(0);
      expect(trace?.cost_usd).toBeGreaterThan(0);
    });

    await test.step('LLM Traces leads from the session to the trace', async () => {
      await diptych.goto(`${SERVER}/sessions/${session}`);
      await diptych.getByTestId('llm-traces-button').click();
      await diptych.getByTestId('trace-row').first().click();
      await diptych.waitForURL(/\/traces\/[0-9a-f]{32}/);
      await expect(diptych.getByTestId('span-detail')).toContainText('It is in stock');
      await diptych.getByTestId('span-row').first().click();
      await expect(diptych.getByTestId('span-detail')).toContainText('Which tent fits four');
    });

    await test.step('RUM Session leads from the trace to the replay, at the second the user asked', async () => {
      await diptych.getByTestId('rum-session-link').first().click();
      await diptych.waitForURL(new RegExp(`/sessions/${session}.*t=\\d+`));
      const recorded = diptych.frameLocator('[data-testid=replay-frame]').frameLocator('iframe');
      await expect(recorded.getByTestId('chat-input')).toBeAttached();
      await diptych.getByTestId('replay-play').click();
      await expect(recorded.getByTestId('chat-question')).toContainText('Which tent fits four');
      const html = await recorded.locator('html').innerHTML();
      expect(html).not.toContain(TYPED_EMAIL);
      expect(html).not.toContain(TYPED_PASSWORD);
    });

    await test.step('nothing that was typed is in what was stored', async () => {
      const replay = await api<{ views: { view_id: string; segments: { index: number }[] }[] }>(
        diptych.request,
        `/sessions/${session}/replay`,
      );
      expect(replay.views.length).toBeGreaterThan(0);
      for (const view of replay.views) {
        const last = Math.max(...view.segments.map((segment) => segment.index));
        const answer = await diptych.request.get(
          `${SERVER}/api/v1/sessions/${session}/replay/events?view_id=${view.view_id}&from_index=0&to_index=${last}`,
        );
        const text = await answer.text();
        expect(text).not.toContain(TYPED_EMAIL);
        expect(text).not.toContain(TYPED_PASSWORD);
      }
    });
  });

  for (const [mode, how] of [
    ['get', 'the query of a GET'],
    ['baggage', 'W3C baggage alone'],
  ] as const) {
    test(`holds when the session id goes by ${how}`, async ({ page }) => {
      await page.goto(`${SHOP}/?mode=${mode}`);
      await ask(page, 'How long does delivery take?');
      const session = await sessionId(page);
      const [trace] = await tracesOf(diptych, session);
      expect(trace?.sessions.map((known) => known.session_id)).toEqual([session]);
      await expect
        .poll(
          async () =>
            (await api<Trace>(diptych.request, `/traces/${trace?.trace_id}`)).sessions[0]?.replay_at ?? null,
        )
        .not.toBeNull();
    });
  }
});
