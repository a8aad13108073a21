import { sendBothSides } from './both_sides.ts';
import { newVisit, sendVisit } from './feed.ts';
import { mutation, snapshot } from './recording.ts';
import { record } from './replayed.ts';
import { expect, type Page, test } from './server.ts';

/** The URL alone restores what a person would want to show to another. */

/** What the URL says of these names; null where it says nothing. */
function said(page: Page, ...names: string[]) {
  const search = new URL(page.url()).searchParams;
  return Object.fromEntries(names.map((name) => [name, search.get(name)]));
}

test('of a session: the kind of requests, and the event that is open', async ({ open }) => {
  test.setTimeout(90_000);
  const both = await sendBothSides();
  for (const path of [`/sessions/${both.visit.sessionId}?`, `/sessions?selected=${both.visit.sessionId}&`]) {
    const page = await open(`${path}tab=performance`);
    await page.getByRole('button', { name: /^Fetch 1/ }).click();
    await page.getByTestId('request-row').getByRole('button').first().click();
    await expect(page.getByTestId('event-drawer')).toContainText('/api/chat');
    await page.reload();
    await expect(page.getByTestId('event-drawer')).toContainText('/api/chat');
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('event-drawer')).toBeHidden();
    await expect(page.getByRole('button', { name: /^Fetch 1/ })).toHaveAttribute('aria-pressed', 'true');
    await expect.poll(() => said(page, 'requests', 'event')).toEqual({ requests: 'fetch', event: null });
    await page.getByRole('button', { name: /^All 1/ }).click();
    await expect.poll(() => said(page, 'requests')).toEqual({ requests: null });
  }
});

test('of a trace: its shape, the words to find, the tab, and what a prompt is set against', async ({
  open,
}) => {
  test.setTimeout(120_000);
  const both = await sendBothSides();
  const [plan, answer] = ['plan', 'answer'].map((word) =>
    both.spans.find(({ name }) => name.endsWith(`· ${word}`)),
  );
  const ways = [
    `/traces/${both.traceId}?`,
    `/traces?selected=${both.traceId}&`,
    `/sessions/${both.visit.sessionId}/diptych?trace=${both.traceId}&`,
  ];
  for (const way of ways) {
    await test.step(way.split('?')[0] ?? way, async () => {
      const page = await open(`${way}span=${plan?.id}`);
      await page.getByRole('tab', { name: 'Prompt diff' }).click();
      await page
        .getByTestId('prompt-diff')
        .getByRole('combobox')
        .selectOption(answer?.id ?? '');
      await page.getByTestId('find').fill('claude');
      await expect(page.getByTestId('find').locator('xpath=../..')).toContainText('2 found');
      await page.getByText('Flame', { exact: true }).click();
      await expect
        .poll(() => said(page, 'detail', 'against', 'shape', 'find'))
        .toEqual({ detail: 'diff', against: answer?.id, shape: 'flame', find: 'claude' });
      await page.reload();
      await expect(page.getByTestId('flame')).toBeVisible();
      await expect(page.getByTestId('find')).toHaveValue('claude');
      await expect(page.getByTestId('prompt-diff').getByRole('combobox')).toHaveValue(answer?.id ?? '');

      // Another span opens on its own first tab.
      await page.getByText('Tree', { exact: true }).click();
      await page
        .locator(`[data-testid=span-row][data-id="${answer?.id}"]`)
        .getByRole('button')
        .last()
        .click();
      await expect(page.getByTestId('span-detail')).toHaveAttribute('data-id', answer?.id ?? '');
      await expect(page.getByRole('tab', { selected: true })).toHaveText('Messages');
      await expect
        .poll(() => said(page, 'detail', 'against', 'find'))
        .toEqual({ detail: null, against: null, find: 'claude' });
    });
  }
});

test('of a span in the list of spans: the tab, beside its own place', async ({ open }) => {
  const both = await sendBothSides();
  const page = await open(`/spans?selected=${both.traceId}.${both.spans[0]?.id}`);
  await page.getByRole('tab', { name: 'Raw' }).click();
  await expect.poll(() => said(page, 'detail')).toEqual({ detail: 'raw' });
  await page.reload();
  await expect(page.getByRole('tab', { name: 'Raw' })).toHaveAttribute('aria-selected', 'true');
  await page
    .locator(`[data-testid=span-row][data-id="${both.spans[1]?.id}"]`)
    .getByRole('button')
    .last()
    .click();
  await expect
    .poll(() => said(page, 'selected', 'detail'))
    .toEqual({
      selected: `${both.traceId}.${both.spans[1]?.id}`,
      detail: null,
    });
});

test('of a session in two tabs at once: the tab that is watched', async ({ open }) => {
  const first = newVisit(Date.now() - 60_000);
  const second = newVisit(first.start, { sessionId: first.sessionId });
  for (const visit of [first, second]) {
    await sendVisit(visit);
    await record(visit, [[...snapshot(visit.start, [], []), mutation(visit.start + 20_000, {})]]);
  }
  const page = await open(`/sessions/${first.sessionId}/diptych`);
  for (const name of ['Tab 1', 'Tab 2']) {
    await page.getByText(name).click();
    await expect(page.getByRole('radio', { name })).toBeChecked();
    await page.reload();
    await expect(page.getByRole('radio', { name })).toBeChecked();
  }
});
