import { newId, newVisit, sendEvaluation, sendSegment, sendSpans, sendVisit } from './feed.ts';
import { element, mutation, snapshot, words } from './recording.ts';
import { expect, test } from './server.ts';

const QUESTION = 'Can I return it after using it once?';

/** A question of a person, with its trace and what they did then; the ids of both halves. */
async function ask(at: number, more: { traceId?: string; sendsTrace?: boolean; isRecorded?: boolean } = {}) {
  const { traceId = newId(16), sendsTrace = true, isRecorded = false } = more;
  const visit = newVisit(at - 5_000);
  const answerId = newId(8);
  const dip = sendsTrace ? { trace_id: traceId, span_id: newId(8) } : {};
  await sendVisit(visit, {
    user: { id: '7', email: 'ana@example.com' },
    events: [
      {
        type: 'answer',
        date: at,
        answer: {
          id: answerId,
          url: '/api/chat',
          method: 'POST',
          first_byte_ms: 1_100,
          first_paint_ms: 4_200,
          done_ms: 6_500,
          stalls: [{ start_ms: 4_400, duration_ms: 1_200 }],
          end_reason: 'done',
        },
        dip,
      },
      {
        type: 'reaction',
        date: at + 8_400,
        reaction: { id: newId(8), kind: 'rage_click', answer_id: answerId, after_ms: 1_900, confidence: 0.7 },
      },
    ],
  });
  if (isRecorded) {
    const shown = snapshot(visit.start, [], [element('p', {}, words('Concierge'))]);
    await sendSegment(visit, 0, [...shown, mutation(at + 8_000, {})]);
  }
  await sendSpans(traceId, [
    {
      name: 'answer-question',
      kind: 'agent',
      start: at + 100,
      durationMs: 6_300,
      attributes: {
        'diptych.session.id': visit.sessionId,
        'input.value': QUESTION,
        'output.value': 'You can return any item within **90 days**.',
      },
    },
  ]);
  return { visit, answerId, traceId };
}

test('an answer is one row with both sides; its panel leads to the person and to the agent', async ({
  open,
}) => {
  const at = Date.now() - 60_000;
  const { visit, answerId, traceId } = await ask(at);
  await sendEvaluation({
    label: 'grounded',
    metric_type: 'boolean',
    value: false,
    assessment: 'fail',
    source: 'judge',
    reasoning: 'no document says so',
    join_on: { turn: answerId },
  });
  const page = await open('/answers');
  const row = page.locator(`[data-testid=answer-row][data-id="${answerId}"]`);
  await expect(row).toContainText(QUESTION);
  await expect(row).toContainText('4.20 s');
  await expect(row).toContainText('rage click');

  await row.click();
  const panel = page.getByTestId('answer-panel');
  await expect(panel).toContainText('You can return any item within 90 days.');
  await expect(panel).toContainText('70 % sure');
  await expect(panel).toContainText('no document says so');
  await expect(panel).not.toContainText('matched by time');

  await page.getByTestId('answer-trace-link').click();
  await expect(page).toHaveURL(new RegExp(`/traces/${traceId}`));
  await page.goBack();
  await page.getByTestId('answer-session-link').click();
  await expect(page).toHaveURL(new RegExp(`/sessions/${visit.sessionId}/diptych`));
  // A page draws the question a moment after it has sent it.
  const afterMs = Number(new URL(page.url()).searchParams.get('at')) - at;
  expect(afterMs).toBeGreaterThanOrEqual(0);
  expect(afterMs).toBeLessThanOrEqual(100);
});

test('on a telephone a row tells what was asked, what was found wrong, and what the person did', async ({
  open,
}) => {
  const { answerId, traceId } = await ask(Date.now() - 50_000);
  await sendEvaluation({
    label: 'grounded',
    metric_type: 'boolean',
    value: false,
    assessment: 'fail',
    source: 'judge',
    join_on: { turn: answerId },
  });
  let page = await open('/answers');
  await page.setViewportSize({ width: 360, height: 740 });
  const row = page.locator(`[data-testid=answer-row][data-id="${answerId}"]`);
  for (const words of ['1 failed', 'rage click', 'Can I return it'])
    await expect(row.getByText(words).first()).toBeInViewport({ ratio: 1 });
  page = await open('/traces');
  const trace = page.locator(`[data-testid=trace-row][data-id="${traceId}"]`);
  await expect(trace.getByText('Can I return it')).toBeInViewport({ ratio: 1 });
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(trace.getByText('Can I return it')).toHaveCount(1);
});

test('halves that were matched by time only say so; j and k go through the list', async ({ open }) => {
  const at = Date.now() - 30_000;
  const older = await ask(at - 15_000);
  const { answerId } = await ask(at, { sendsTrace: false });
  const page = await open(`/answers?selected=${answerId}`);
  const panel = page.getByTestId('answer-panel');
  await expect(panel).toContainText('matched by time only');
  await expect(page.locator(`[data-testid=answer-row][data-id="${older.answerId}"]`)).toBeVisible();
  await page.keyboard.press('j');
  await expect(page).toHaveURL(new RegExp(`selected=${older.answerId}`));
  await expect(panel).not.toContainText('matched by time only');
  await page.keyboard.press('k');
  await expect(page).toHaveURL(new RegExp(`selected=${answerId}`));
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
});

test('escape leads from the trace of an answer back to the answers', async ({ open }) => {
  const { traceId } = await ask(Date.now() - 30_000);
  const page = await open('/answers?from=now-1h');
  await expect(page.getByTestId('answer-row').first()).toBeVisible();
  await page.keyboard.press('j');
  await expect(page.getByTestId('answer-panel')).toBeVisible();
  const list = page.url();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/traces/${traceId}`));
  await expect(page.getByTestId('span-row').first()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(list);
});

test('what a search finds becomes a playlist of replays, each at the second of its question', async ({
  open,
}) => {
  const asked = Date.now() - 45 * 60_000;
  const first = await ask(asked, { isRecorded: true });
  const second = await ask(asked - 60_000, { isRecorded: true });
  const unseen = await ask(asked - 120_000);
  for (const { answerId } of [first, second, unseen]) {
    await sendEvaluation({
      label: 'cohort',
      metric_type: 'boolean',
      value: false,
      assessment: 'fail',
      source: 'judge',
      join_on: { turn: answerId },
    });
  }
  const page = await open('/answers');
  await page.getByRole('combobox', { name: /search/i }).fill('evaluation.cohort:fail left_after:<60s');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('answer-row')).toHaveCount(3);
  await expect(page.getByTestId('facets')).toContainText('rage click');
  await expect(page.getByTestId('histogram')).toBeVisible();

  await page.getByTestId('play-answers').click();
  await expect(page.getByTestId('playlist-place')).toHaveText('1 of 2');
  await expect(page.getByTestId('playlist-card')).toHaveCount(2);
  // The recording began 5 s before the question.
  await expect(page.getByTestId('replay-position')).toContainText('0:05');
  await page.keyboard.press('n');
  await expect(page.getByTestId('playlist-place')).toHaveText('2 of 2');
  await expect(page).toHaveURL(new RegExp(`play=${second.answerId}`));
  await expect(page.getByTestId('replay-position')).toContainText('0:05');
  await page.reload();
  await expect(page.getByTestId('playlist-place')).toHaveText('2 of 2');
  await page.keyboard.press('p');
  await expect(page.getByTestId('playlist-place')).toHaveText('1 of 2');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('answer-row')).toHaveCount(3);
});
