import { newId, newVisit, sendEvaluation, sendSpans, sendVisit } from './feed.ts';
import { expect, test } from './server.ts';

const QUESTION = 'Can I return it after using it once?';

/** A question of a person, with its trace and what they did then; the ids of both halves. */
async function ask(at: number, more: { traceId?: string; sendsTrace?: boolean } = {}) {
  const { traceId = newId(16), sendsTrace = true } = more;
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
  await sendSpans(traceId, [
    {
      name: 'answer-question',
      kind: 'agent',
      start: at + 100,
      durationMs: 6_300,
      attributes: {
        'diptych.session.id': visit.sessionId,
        'input.value': QUESTION,
        'output.value': 'You can return any item within 90 days.',
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
  await expect(page).toHaveURL(new RegExp(`/sessions/${visit.sessionId}.*t=${at}`));
});

test('halves that were matched by time only say so; [ and ] go through the list', async ({ open }) => {
  const at = Date.now() - 30_000;
  const older = await ask(at - 15_000);
  const { answerId } = await ask(at, { sendsTrace: false });
  const page = await open(`/answers?selected=${answerId}`);
  const panel = page.getByTestId('answer-panel');
  await expect(panel).toContainText('matched by time only');
  await page.keyboard.press(']');
  await expect(page).toHaveURL(new RegExp(`selected=${older.answerId}`));
  await expect(panel).not.toContainText('matched by time only');
  await page.keyboard.press('[');
  await expect(page).toHaveURL(new RegExp(`selected=${answerId}`));
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
});
