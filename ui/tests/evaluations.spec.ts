import { newId, newVisit, sendEvaluation, sendSpans, sendVisit } from './feed.ts';
import { expect, type Page, test } from './server.ts';

/** A model call with the answer that it became on a page, and what the person did with it. */
async function answered(model: string, reactions: string[]) {
  const at = Date.now() - 20 * 60_000;
  const traceId = newId(16);
  const spanId = newId(8);
  const answerId = newId(8);
  const visit = newVisit(at - 1_000);
  await sendVisit(visit, {
    events: [
      {
        type: 'answer',
        date: at,
        answer: { id: answerId, url: '/api/chat', first_byte_ms: 200, first_paint_ms: 300, done_ms: 2_000 },
        dip: { trace_id: traceId, span_id: newId(8) },
      },
      ...reactions.map((kind) => ({
        type: 'reaction',
        date: at + 3_000,
        reaction: { id: newId(8), kind, answer_id: answerId, after_ms: 1_000, confidence: 0.9 },
      })),
    ],
  });
  await sendSpans(traceId, [
    {
      name: 'agent',
      kind: 'agent',
      start: at + 50,
      durationMs: 1_500,
      attributes: { 'output.value': 'Yes.' },
    },
    {
      id: spanId,
      name: 'chat',
      kind: 'llm',
      start: at + 100,
      durationMs: 1_000,
      attributes: { 'gen_ai.request.model': model, 'output.value': 'Yes.' },
    },
  ]);
  return { traceId, spanId, answerId, visit };
}

function judge(answerId: string, assessment: string) {
  return sendEvaluation({
    label: 'kind',
    metric_type: 'categorical',
    value: assessment,
    assessment,
    source: 'judge',
    join_on: { turn: answerId },
  });
}

function row(page: Page, testId: string, name: string, value: string) {
  return page.locator(`[data-testid=${testId}][data-${name}="${value}"]`);
}

test('labels, groups, agreement and behaviour lead to the answers behind them', async ({ open }) => {
  const good = await answered('model-good', ['copy', 'thumbs_up']);
  const bad = await answered('model-bad', ['retry', 'thumbs_down']);
  await judge(good.answerId, 'pass');
  await judge(bad.answerId, 'pass');
  const page = await open('/evaluations');
  const label = row(page, 'label-row', 'label', 'kind');
  await expect(label).toContainText('100 %');
  await page.setViewportSize({ width: 360, height: 740 });
  await expect(label.getByText('100 %'), 'on a telephone').toBeInViewport({ ratio: 1 });
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(row(page, 'label-row', 'label', 'behaviour.retry')).toContainText('behaviour');
  await expect(row(page, 'calibration-row', 'kind', 'retry')).toContainText('100 %');
  await expect(row(page, 'agreement', 'pair', 'human judge')).toContainText('50 %');

  await page.getByRole('button', { name: 'kind', exact: true }).click();
  await expect(page).toHaveURL(/label=kind/);
  await expect(row(page, 'group-row', 'value', 'model-bad')).toContainText('100 %');
  await page.getByRole('button', { name: 'All labels' }).click();
  await row(page, 'agreement', 'pair', 'human judge').getByRole('link').click();
  await expect(page.getByTestId('answer-row')).toHaveCount(1);
  await expect(page.getByTestId('answer-row')).toHaveAttribute('data-id', bad.answerId);
});

test('a colleague judges a span and writes at it and at a moment of its session', async ({ open }) => {
  const { traceId, spanId, visit } = await answered('model-judged', ['retry']);
  const page = await open(`/traces/${traceId}?span=${spanId}`);
  await page.getByRole('tab', { name: /Evaluations/ }).click();
  // Behaviour stands on the model call that wrote the answer, in its own words.
  await expect(page.getByTestId('span-detail')).toContainText('asked again');
  await expect(page.getByTestId('span-detail')).toContainText('90 % sure');
  const form = page.getByTestId('judge-form');
  await form.getByLabel('Label').fill('helpful');
  await form.getByText('Fail', { exact: true }).click();
  await form.getByLabel('Reasoning').fill('It answers another question.');
  await form.getByLabel('Your name').fill('Ana');
  await form.getByRole('button', { name: 'Judge' }).click();
  await expect(page.getByTestId('span-detail')).toContainText('helpful: fail');
  await expect(page.getByTestId('span-detail')).toContainText('It answers another question.');
  await expect(form.getByRole('button', { name: 'Judge' })).toBeFocused();

  await page.getByRole('tab', { name: 'Comments' }).click();
  await page.getByLabel('Comment', { exact: true }).fill('Look at the <b>prompt</b>');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByTestId('comment')).toContainText('Look at the <b>prompt</b>');
  await page.getByRole('button', { name: 'Delete the comment of Ana' }).click();
  await expect(page.getByTestId('comment')).toHaveCount(0);

  await page.goto(
    page.url().replace(/\/traces.*/, `/sessions/${visit.sessionId}?tab=comments&t=${visit.start}`),
  );
  await page.getByLabel('Comment', { exact: true }).fill('Here they gave up');
  await page.getByRole('button', { name: 'Comment' }).click();
  await page.getByTestId('comment').getByRole('button', { name: /^at / }).click();
  await expect(page).toHaveURL(new RegExp(`tab=timeline.*t=${visit.start}|t=${visit.start}.*tab=timeline`));
});

for (const [list, testId] of [
  ['/sessions', 'session-row'],
  ['/traces', 'trace-row'],
] as const) {
  test(`each row of ${list} tells the worst that was found of it; they ask together`, async ({ open }) => {
    const bad = await answered('model-bad', []);
    const good = await answered('model-good', []);
    await judge(bad.answerId, 'fail');
    await judge(good.answerId, 'pass');
    await sendEvaluation({
      label: 'correct',
      metric_type: 'boolean',
      value: false,
      assessment: 'fail',
      source: 'human',
      join_on: { span: { trace_id: bad.traceId, span_id: bad.spanId } },
    });
    const page = await open(list);
    const verdictOn = ({ traceId, visit }: typeof bad) =>
      row(page, testId, 'id', list === '/traces' ? traceId : visit.sessionId).getByTestId('verdict');
    await expect(verdictOn(bad)).toHaveText('correct +1');
    await expect(verdictOn(bad)).toHaveAttribute(
      'title',
      'correct (human): 1 failed\nkind (judge): 1 failed',
    );
    await expect(verdictOn(good)).toHaveText('kind');
    const asked = await page.evaluate(
      () => performance.getEntriesByType('resource').filter(({ name }) => name.includes('/verdicts?')).length,
    );
    expect(asked).toBe(1);
  });
}

test('a row whose evaluations could not be asked for says so, and is no row without any', async ({
  open,
}) => {
  const { traceId } = await answered('model', []);
  const page = await open('/traces');
  await page.route('**/api/v1/verdicts?*', (route) =>
    route.fulfill({ status: 400, json: { title: 'Bad request', detail: 'not now', status: 400 } }),
  );
  await page.reload();
  await expect(
    row(page, 'trace-row', 'id', traceId).getByTitle('Could not be asked for: not now'),
  ).toHaveText('?');
});
