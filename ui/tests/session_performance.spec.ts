import { newId, newVisit, sendSpans, sendVisit } from './feed.ts';
import { expect, test } from './server.ts';

const NS = 1e6;

function request(date: number, url: string, durationMs: number, more: Record<string, unknown> = {}) {
  const { dip, ...resource } = more;
  return {
    type: 'resource',
    date,
    resource: { id: newId(8), type: 'fetch', method: 'GET', url, duration: durationMs * NS, ...resource },
    ...(dip ? { dip } : {}),
  };
}

const phase = (startMs: number, durationMs: number) => ({ start: startMs * NS, duration: durationMs * NS });

test('each view has its Web Vitals with their published verdicts, and the waterfall of its requests', async ({
  open,
}) => {
  const visit = newVisit(Date.now() - 200_000);
  const second = newVisit(visit.start + 100_000, { ...visit, viewId: newVisit(0).viewId });
  second.start = visit.start + 100_000;
  const trace = newId(16);
  const shop = 'https://shop.example.com';
  await sendVisit(visit, {
    vitals: {
      largest_contentful_paint: 2_600 * NS,
      largest_contentful_paint_target_selector: '#hero',
      // On the threshold is still on the better side.
      interaction_to_next_paint: 200 * NS,
      cumulative_layout_shift: 0.26,
      // As newer senders write it.
      performance: { fcp: { timestamp: 1_900 * NS } },
      first_byte: 90 * NS,
    },
    events: [
      request(visit.start, `${shop}/tents`, 400, {
        type: 'document',
        status_code: 200,
        dns: phase(10, 20),
        connect: phase(30, 90),
        ssl: phase(60, 60),
        first_byte: phase(120, 180),
        download: phase(300, 100),
      }),
      request(visit.start + 500, `${shop}/api/returns`, 100, { status_code: 500 }),
      request(visit.start + 700, 'https://agent.example.com/chat', 50, { status_code: 0 }),
      request(visit.start + 60_700, `${shop}/api/chat`, 400, {
        method: 'POST',
        status_code: 200,
        dip: { trace_id: trace, span_id: newId(8) },
      }),
      { type: 'resource', date: visit.start, resource: { id: newId(8), url: `${shop}/a.js`, type: 'js' } },
    ],
  });
  await sendVisit(second, { path: '/checkout' });
  await sendSpans(trace, [
    { name: 'ask', kind: 'agent', start: visit.start + 60_800, durationMs: 200, attributes: {} },
  ]);

  const page = await open(`/sessions/${visit.sessionId}?tab=performance`);
  const views = page.getByTestId('performance-view');
  await expect(views).toHaveCount(2);
  const vital = (name: string) => views.first().locator('[data-tone]').filter({ hasText: name });
  for (const [name, words, tone] of [
    ['LCP', '2.60 s needs improvement', 'warn'],
    ['INP', '200 ms good', 'ok'],
    ['CLS', '0.26 poor', 'bad'],
    ['FCP', '1.90 s needs improvement', 'warn'],
    ['TTFB', '90 ms good', 'ok'],
  ] as const) {
    await expect(vital(name)).toContainText(words);
    await expect(vital(name)).toHaveAttribute('data-tone', tone);
  }
  await expect(vital('LCP')).toHaveAttribute('title', /Good up to 2\.50 s, poor above 4\.00 s\nOf #hero/);
  await expect(views.first()).toContainText('2 failed');
  await expect(views.nth(1)).toContainText('/checkout');
  await expect(views.nth(1).getByTestId('vitals')).toHaveCount(0);

  const rows = page.getByTestId('request-row');
  await expect(rows).toHaveCount(5);
  const row = (words: string) => rows.filter({ hasText: words });
  await expect(row('/api/returns')).toHaveAttribute('data-failed', 'true');
  await expect(row('agent.example.com/chat')).toContainText('no answer');
  await expect(row('/tents')).toHaveAttribute('data-failed', 'false');
  await expect(row('/a.js')).toHaveAttribute('data-failed', 'false');

  await test.step('a minute without a request takes next to nothing of the line', async () => {
    const bar = async (words: string) => {
      const box = await row(words).locator('i[data-phase]').first().locator('..').boundingBox();
      if (!box) throw new Error(`no bar of ${words}`);
      return box;
    };
    const [first, failed, late] = [await bar('/tents'), await bar('/api/returns'), await bar('/api/chat')];
    expect(failed.x).toBeGreaterThan(first.x + first.width);
    expect(late.x).toBeGreaterThan(failed.x + failed.width);
    // 400 ms, as the document: both are drawn as long although a minute lies between them.
    expect(Math.abs(late.width - first.width)).toBeLessThan(1);
  });

  await test.step('the kinds of requests are filtered', async () => {
    await page.getByRole('button', { name: 'Failed 2' }).click();
    await expect(rows).toHaveCount(2);
    await page.getByRole('button', { name: 'All 5' }).click();
    await expect(rows).toHaveCount(5);
  });

  await test.step('where the time of a request went; TLS is not told twice', async () => {
    await row('/tents').getByRole('button').click();
    const timing = page.getByTestId('timing');
    await expect(timing.locator('> div')).toHaveText([
      'Before it was sent10 ms',
      'DNS20 ms',
      'Connect30 ms',
      'TLS60 ms',
      'Waiting for the first byte180 ms',
      'Download100 ms',
    ]);
    await page.keyboard.press('Escape');
    await row('/api/returns').getByRole('button').click();
    await expect(page.getByTestId('event-drawer')).toContainText('Timing-Allow-Origin');
    await page.keyboard.press('Escape');
  });

  await page.getByTestId('request-trace').click();
  await expect(page).toHaveURL(new RegExp(`/traces/${trace}`));
});

test('a thousand requests: few are in the document, the last can be reached', async ({ open }) => {
  const visit = newVisit(Date.now() - 60_000);
  const events = Array.from({ length: 1_000 }, (_, index) =>
    request(visit.start + index * 20, `https://shop.example.com/i/${index}.png`, 15, {
      type: 'image',
      status_code: 200,
    }),
  );
  await sendVisit(visit, { events });
  const page = await open(`/sessions/${visit.sessionId}?tab=performance`);
  const rows = page.getByTestId('request-row');
  await expect(page.getByText('1,000 requests')).toBeVisible();
  expect(await rows.count()).toBeLessThan(100);
  await expect(async () => {
    await rows.first().hover();
    await page.mouse.wheel(0, 30_000);
    await expect(page.getByText('/i/999.png')).toBeVisible({ timeout: 500 });
  }).toPass();
});

test('an error shows its stack, what it was caused by, and how it was sent', async ({ open }) => {
  const visit = newVisit(Date.now() - 20_000);
  await sendVisit(visit, {
    events: [
      {
        type: 'error',
        date: visit.start + 1_000,
        error: {
          id: newId(8),
          message: 'the basket is empty',
          type: 'BasketError',
          source: 'source',
          handling: 'unhandled',
          stack: 'BasketError: the basket is empty\n  at pay @ shop.js:12:7',
          causes: [
            { message: 'HTTP 502', type: 'FetchError', source: 'network', stack: 'at load @ shop.js:3:1' },
          ],
        },
      },
    ],
  });
  const page = await open(`/sessions/${visit.sessionId}`);
  await page.getByRole('button', { name: /Error.*the basket is empty/ }).click();
  const drawer = page.getByTestId('event-drawer');
  await expect(drawer.getByTestId('stack')).toHaveText([/at pay @ shop\.js:12:7/, 'at load @ shop.js:3:1']);
  await expect(drawer).toContainText('Caused by FetchError: HTTP 502');
  await expect(drawer).toContainText('unhandled');
  await expect(drawer).toContainText('format_version: 2');
});
