import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type Locator, newKey, required, test } from './server.ts';

/** The questions that bring people here, on a recorded day of the demo's shop, with the clicks that each takes. */

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));
const PROJECT = 'a-day-of-the-shop';
const MOST_CLICKS = 6;

test.beforeAll(() => {
  test.setTimeout(120_000);
  const state = join(mkdtempSync(join(tmpdir(), 'diptych-sample-')), 'state.json');
  const keys = ['--client-key', newKey('client', PROJECT), '--server-key', newKey('server', PROJECT)];
  execFileSync(
    PYTHON,
    ['-m', 'sample.load', '--url', required('DIPTYCH_UI_SERVER'), ...keys, '--state', state],
    { cwd: EXAMPLES },
  );
});

test('why did this user rage-click? From the Overview to the answer in six clicks', async ({ open }) => {
  let clicks = 0;
  const click = async (target: Locator) => {
    clicks += 1;
    await target.click();
  };
  const page = await open(`/overview?project=${PROJECT}`);
  await click(page.locator('[data-testid=tile][data-name=frustration_rate]'));
  await click(page.getByRole('region', { name: 'Frustration' }).getByRole('button', { name: /rage click/ }));
  await expect(page).toHaveURL(/rage_click/);
  // Somebody whose session cost something: others clicked in vain on what no model had a part in.
  await click(page.getByTestId('session-row').filter({ hasText: 'rage' }).filter({ hasText: '$' }).first());
  await click(page.getByTestId('diptych-link'));
  await click(page.getByRole('button', { name: /^Events \d/ }));
  await click(page.getByTestId('tray-row').filter({ hasText: 'Rage click' }).first());
  expect(clicks).toBeLessThanOrEqual(MOST_CLICKS);

  // What they did: the very moment stands on the stage, with the question and the half answer.
  const recorded = page.frameLocator('[data-testid=replay-frame]').frameLocator('iframe');
  const card = page.locator('[data-testid=turn-card][aria-selected=true]');
  const question = (await card.textContent())?.match(/“(.+?)”/)?.[1] ?? 'no question';
  await expect(recorded.getByText(question, { exact: true })).toBeVisible();
  // Why: the answer had stood still for seconds, while this model call was writing it.
  await expect(card).toContainText(/stalled [1-9]\S* s/);
  const chosen = page.locator('[data-testid=span-row][data-chosen=true]');
  await expect(chosen).toContainText('llm');
  await expect(chosen.getByTestId('lane')).toHaveAttribute('data-running', 'true');
  const spanId = (await chosen.getAttribute('data-id')) ?? '';
  await expect(page.getByTestId('span-detail')).toHaveAttribute('data-id', spanId);
  await expect(page.getByTestId('span-detail')).toContainText('assistant');
});

test('a figure of the Overview leads to what is behind it, and only to that', async ({ open }) => {
  const page = await open(`/overview?project=${PROJECT}`);
  const tile = (name: string) => page.locator(`[data-testid=tile][data-name=${name}]`);
  const figure = (await tile('felt_first_word_p95').locator('b').textContent()) ?? '';
  await tile('felt_first_word_p95').click();
  await expect(page).toHaveURL(/\/answers\?.*first_word/);
  await expect(page.getByTestId('answer-row').first()).toBeVisible();
  const waits = page.getByTestId('answer-row').getByText(/^[\d.]+ s$/);
  expect(Number.parseFloat((await waits.first().textContent()) ?? '')).toBeGreaterThanOrEqual(
    Number.parseFloat(figure),
  );
  await page.goBack();
  await tile('evaluation_pass_rate').click();
  await expect(page).toHaveURL(/\/evaluations/);
  await expect(page.getByTestId('label-row').first()).toBeVisible();
});

test('which answers went wrong? The Overview shows the latest, each with the way to both of its sides', async ({
  open,
}) => {
  const page = await open(`/overview?project=${PROJECT}`);
  const rows = page.getByTestId('failed-answer');
  await expect(rows).toHaveCount(10);
  for (const row of await rows.all()) await expect(row).toContainText(/thumbs down|rage click|: fail/);
  // The moment is told whole, that of a day before, too.
  const cut = (all: Element[]) => all.filter((one) => one.scrollWidth > one.clientWidth).length;
  expect(await rows.locator('time').evaluateAll(cut)).toBe(0);
  const question = (await rows.nth(2).locator('span').first().textContent()) ?? 'no question';
  await rows.nth(2).click();
  const panel = page.getByTestId('answer-panel');
  await expect(panel.locator('h1')).toContainText(question);
  await expect(panel.getByRole('link', { name: 'LLM trace' })).toBeVisible();
  await expect(page.locator('[data-testid=answer-row][aria-current=true]')).toBeInViewport({ ratio: 1 });
});

test('answers that went wrong and cannot be asked for are said to be so, below figures that stand', async ({
  open,
}) => {
  const page = await open(`/overview?project=${PROJECT}`);
  await page.route(/\/api\/v1\/turns\?.*verdict/, (route) => route.abort());
  await page.reload();
  await expect(page.getByRole('alert')).toBeVisible({ timeout: 20_000 });
  await expect(page.getByTestId('tile').first()).toBeVisible();
  await page.unroute(/\/api\/v1\/turns\?.*verdict/);
  await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByTestId('failed-answer')).toHaveCount(10);
});
