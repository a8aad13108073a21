import { newId, sendSpans } from './feed.ts';
import { expect, newKey, test } from './server.ts';

test('the project of the URL goes along, and nothing of another project is shown', async ({ open }) => {
  const span = (name: string) => [{ name, kind: 'agent', start: Date.now() - 5_000, durationMs: 100 }];
  const [here, there] = [newId(16), newId(16)];
  await sendSpans(here, span('of-the-default-project'));
  await sendSpans(there, span('of-the-other-project'), newKey('server', 'other'));

  const page = await open('/traces');
  await expect(page.locator(`[data-id="${here}"]`)).toBeVisible();
  await page.getByRole('button', { name: 'Project default' }).click();
  await page.getByRole('menuitem', { name: 'other' }).click();
  await expect(page).toHaveURL(/\/sessions\?project=other/);
  await page.getByRole('link', { name: 'LLM traces' }).click();
  await expect(page).toHaveURL(/\/traces\?project=other/);
  await expect(page.getByTestId('trace-row')).toHaveCount(1);
  await expect(page.getByTestId('trace-row')).toContainText('of-the-other-project');
  await page.getByTestId('trace-row').dblclick();
  await expect(page).toHaveURL(new RegExp(`/traces/${there}\\?project=other`));
  await expect(page.getByTestId('span-row')).toContainText('of-the-other-project');
});
