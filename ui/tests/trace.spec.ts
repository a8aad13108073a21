import { createServer } from 'node:http';
import { newId, newVisit, sendEvaluation, sendSpans, sendVisit } from './feed.ts';
import { expect, test } from './server.ts';

const MODEL = {
  'gen_ai.request.model': 'claude-sonnet-4-5',
  'gen_ai.provider.name': 'anthropic',
  'gen_ai.usage.input_tokens': 3904,
  'gen_ai.usage.output_tokens': 212,
};

test('messages are rendered: Markdown without its dangers, tool calls beside their results', async ({
  open,
}) => {
  let asked = 0;
  const elsewhere = createServer((_, answer) => {
    asked += 1;
    answer.end();
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  const address = elsewhere.address();
  const picture = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/p.png`;

  const input = [
    {
      role: 'user',
      parts: [
        {
          type: 'text',
          content: `**bold** <img src="${picture}" onerror="window.pwned = 1"> ![map](${picture}) [go](javascript:window.pwned=1)`,
        },
      ],
    },
    {
      role: 'assistant',
      parts: [{ type: 'tool_call', id: 'c1', name: 'get_return_policy', arguments: { sku: 'ridge-4' } }],
    },
    { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: { days: 90 } }] },
  ];
  const output = [
    { role: 'assistant', parts: [{ type: 'text', content: 'Within *90 days*.' }], finish_reason: 'stop' },
  ];
  const trace = newId(16);
  const root = newId(8);
  const start = Date.now() - 10_000;
  await sendSpans(trace, [
    { id: root, name: 'answer-question', kind: 'agent', start, durationMs: 6_310 },
    {
      name: 'answer',
      parent: root,
      kind: 'llm',
      start: start + 1_000,
      durationMs: 3_200,
      attributes: {
        ...MODEL,
        'gen_ai.input.messages': JSON.stringify(input),
        'gen_ai.output.messages': JSON.stringify(output),
      },
    },
  ]);

  const page = await open(`/traces/${trace}`);
  const detail = page.getByTestId('span-detail');
  await expect(detail.locator('strong')).toHaveText('bold');
  await expect(detail).toContainText('picture not loaded: map');
  await expect(detail.locator('img')).toHaveCount(0);
  await expect(detail.locator('a[href^="javascript"]')).toHaveCount(0);
  const call = detail.getByTestId('tool-call');
  await expect(call).toHaveCount(1);
  await expect(call).toContainText('get_return_policy({"sku":"ridge-4"})');
  await expect(call).toContainText('90');
  await expect(detail).toContainText('3,904 in · 212 out');
  await expect(detail.locator('em')).toHaveText('90 days');
  expect(asked).toBe(0);
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
  elsewhere.close();
});

test('of a long prompt the middle is cut: what was asked stands at its end', async ({ open }) => {
  const documents = Array.from({ length: 60 }, (_, index) => `Ridge ${index} sleeps four.`).join(' ');
  const prompt = `<documents>\n${documents}\n</documents>\n\nWhich tent weighs least?\n`;
  const trace = newId(16);
  await sendSpans(trace, [
    {
      name: 'answer',
      kind: 'llm',
      start: Date.now() - 10_000,
      durationMs: 1_000,
      attributes: {
        ...MODEL,
        'gen_ai.input.messages': JSON.stringify([
          { role: 'user', parts: [{ type: 'text', content: prompt }] },
        ]),
      },
    },
  ]);

  const detail = (await open(`/traces/${trace}`)).getByTestId('span-detail');
  await expect(detail).toContainText('Ridge 0 sleeps four.');
  await expect(detail).toContainText('Which tent weighs least?');
  await expect(detail).not.toContainText('Ridge 40 sleeps four.');
  await detail.getByRole('button', { name: /Show all 1,\d+ characters/ }).click();
  await expect(detail).toContainText('Ridge 40 sleeps four.');
  await expect(detail.getByText('Which tent weighs least?')).toHaveCount(1);
});

test('a trace of 5,000 spans: few rows in the document, j and k, find, a link to a span', async ({
  open,
}) => {
  const NEEDLE = 4_321;
  const trace = newId(16);
  const root = newId(8);
  const start = Date.now() - 40_000;
  const spans = Array.from({ length: 4_999 }, (_, index) => ({
    id: newId(8),
    parent: root,
    // No other name or id can hold this one.
    name: index === NEEDLE ? 'needle' : `step ${index}`,
    kind: index % 2 ? 'tool' : 'task',
    start: start + index * 5,
    durationMs: 20,
  }));
  await sendSpans(trace, [
    { id: root, name: 'crawl', kind: 'workflow', start, durationMs: 30_000 },
    ...spans,
  ]);

  const page = await open(`/traces/${trace}?span=${root}`);
  const rows = page.getByTestId('span-row');
  await expect(rows.first()).toContainText('crawl');
  await expect(page.getByText('5,000 spans')).toBeVisible();
  expect(await rows.count()).toBeLessThan(120);

  await page.keyboard.press('j');
  await expect(page).toHaveURL(new RegExp(`span=${spans[0]?.id}`));
  await page.keyboard.press('k');
  await expect(page).toHaveURL(new RegExp(`span=${root}`));

  await page.keyboard.press('/');
  await page.keyboard.type('needle');
  await expect(rows).toHaveCount(2);
  await rows.nth(1).getByRole('button', { name: 'needle' }).click();
  const chosen = spans[NEEDLE];
  await expect(page).toHaveURL(new RegExp(`span=${chosen?.id}`));
  await page.reload();
  await expect(page.locator('[data-testid=span-row][data-chosen=true]')).toContainText('needle');
});

test('RUM Session: not named, not known yet, known without a replay', async ({ open }) => {
  const visit = newVisit(Date.now() - 15_000);
  const span = (attributes: Record<string, string>) => [
    { name: 'ask', kind: 'agent', start: Date.now() - 10_000, durationMs: 500, attributes },
  ];
  const [unnamed, early] = [newId(16), newId(16)];
  await sendSpans(unnamed, span({}));
  await sendSpans(early, span({ 'diptych.session.id': visit.sessionId }));

  let page = await open(`/traces/${unnamed}`);
  await expect(page.getByTestId('rum-session-none')).toHaveText('no RUM Session');
  await page.getByTestId('rum-session-none').click();
  await expect(page.getByRole('heading', { name: 'Why is nothing linked?' })).toBeVisible();
  page = await open(`/traces/${early}`);
  await expect(page.getByTestId('rum-session-none')).toHaveText('RUM Session not known yet');
  await page.getByTestId('rum-session-none').click();
  await expect(page.getByTestId('link-checklist')).toBeVisible();
  await page.goBack();

  await sendVisit(visit, { user: { id: 'ana', email: 'ana@example.com' } });
  const link = page.getByTestId('rum-session-link');
  await expect(link).toContainText('no replay');
  await link.click();
  await expect(page).toHaveURL(new RegExp(`/sessions/${visit.sessionId}\\?tab=timeline`));
  await expect(page.getByTestId('session-panel').locator('h1')).toHaveText('ana@example.com');
});

test('words of inputs and outputs find traces', async ({ open }) => {
  const start = Date.now() - 8_000;
  const [hit, miss] = [newId(16), newId(16)];
  const span = (value: string) => [
    { name: 'ask', kind: 'agent', start, durationMs: 100, attributes: { 'input.value': value } },
  ];
  await sendSpans(hit, span('the zanzibar tent'));
  await sendSpans(miss, span('the other tent'));
  const page = await open('/traces');
  await expect(page.locator(`[data-id="${miss}"]`)).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('zanzibar');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/query=zanzibar/);
  await expect(page.getByTestId('trace-row')).toHaveCount(1);
  await expect(page.getByTestId('trace-row')).toHaveAttribute('data-id', hit);
});

test('evaluations stand with what they judge, a failed one in the header', async ({ open }) => {
  const [trace, span] = [newId(16), newId(8)];
  await sendSpans(trace, [
    {
      id: span,
      name: 'ask',
      kind: 'agent',
      start: Date.now() - 5_000,
      durationMs: 100,
      attributes: { 'input.value': 'hi' },
    },
  ]);
  await sendEvaluation({
    label: 'grounded',
    metric_type: 'categorical',
    value: 'no',
    assessment: 'fail',
    reasoning: 'no document mentions used items',
    source: 'judge',
    join_on: { span: { trace_id: trace, span_id: span } },
  });
  const page = await open(`/traces/${trace}`);
  await expect(page.getByTestId('trace-panel').locator('header')).toContainText('1 failed evaluation');
  await page.getByRole('tab', { name: 'Evaluations 1' }).click();
  await expect(page.getByTestId('span-detail')).toContainText('grounded: no');
  await expect(page.getByTestId('span-detail')).toContainText('no document mentions used items');
});

test('what failed is one click from the head of a trace, and marked in its tree', async ({ open }) => {
  const trace = newId(16);
  const [root, judged, broken] = [newId(8), newId(8), newId(8)];
  const start = Date.now() - 10_000;
  await sendSpans(trace, [
    { id: root, name: 'agent', kind: 'agent', start, durationMs: 2_000 },
    { id: judged, parent: root, name: 'answer', kind: 'llm', start: start + 100, durationMs: 900 },
    {
      id: broken,
      parent: root,
      name: 'look-up',
      kind: 'tool',
      start: start + 1_100,
      durationMs: 300,
      error: 'no such order',
    },
  ]);
  const verdict = { metric_type: 'boolean', value: false, assessment: 'fail', source: 'judge' };
  await sendEvaluation({
    ...verdict,
    label: 'grounded',
    join_on: { span: { trace_id: trace, span_id: judged } },
  });
  await sendEvaluation({
    ...verdict,
    label: 'answered',
    join_on: { span: { trace_id: trace, span_id: root } },
  });

  const page = await open(`/traces/${trace}?span=${broken}`);
  const chosen = page.locator('[data-testid=span-row][data-chosen=true]');
  const faulty = page.locator('[data-testid=span-row]:has([title="An evaluation of it failed"])');
  await expect(faulty).toHaveCount(2);
  await page.getByRole('button', { name: '2 failed evaluations' }).click();
  await expect(chosen).toHaveAttribute('data-id', root);
  await expect(page.getByTestId('span-detail')).toContainText('answered');
  await page.getByRole('button', { name: '2 failed evaluations' }).click();
  await expect(chosen).toHaveAttribute('data-id', judged);
  await expect(page.getByTestId('span-detail')).toContainText('grounded');
  await page.getByRole('button', { name: '1 failed span' }).click();
  await expect(chosen).toHaveAttribute('data-id', broken);
});
