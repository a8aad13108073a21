import { expect, required, test } from './server.ts';
import { stockShop } from './stock.ts';

/** The explorers as a person works with them: long stories over one stocked shop. */

const COUNT = 24;

test.beforeAll(() => stockShop(COUNT));

test('fields and values are completed by arrows; what cannot be understood is marked where it stands', async ({
  open,
}) => {
  const page = await open('/sessions');
  const rows = page.getByTestId('session-row');
  await expect(rows.first()).toBeVisible();

  await test.step('fields and values are completed by arrows', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('env');
    const options = page.getByRole('option');
    await expect(options.first()).toContainText('env');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('search')).toHaveValue('env:');
    const staging = options.filter({ hasText: 'staging' });
    const promised = Number(await staging.locator('span').last().textContent());
    expect(promised).toBeGreaterThan(0);
    await page.keyboard.type('stag');
    await expect(options).toHaveCount(1);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await expect(page.getByTestId('search')).toHaveValue('env:staging ');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/query=env%3Astaging/);
    await expect(page.locator('header')).toContainText(`${promised} · last 24 hours`);
  });

  await test.step('what cannot be understood is marked where it stands', async () => {
    await page.keyboard.press('/');
    await page.getByTestId('search').fill('env:staging duration:>fast');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('search-refusal')).toContainText("'fast'");
    await expect(page.getByTestId('search-mark')).toHaveText('fast');
    await expect(page.getByText('This search cannot be understood')).toBeVisible();
    await page.getByTestId('search').fill('');
    await page.keyboard.press('Enter');
    await expect(rows.first()).toBeVisible();
  });
});

test('the first page needs at most 250 kB of JavaScript, as it is sent', async ({ open }) => {
  const page = await open('/sign-in');
  let bytes = 0;
  const scripts: string[] = [];
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  await network.send('Network.clearBrowserCache');
  const ofScripts = new Set<string>();
  network.on('Network.responseReceived', ({ requestId, type, response }) => {
    if (type !== 'Script') return;
    ofScripts.add(requestId);
    scripts.push(response.url);
  });
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (ofScripts.has(requestId)) bytes += encodedDataLength;
  });
  await page.goto(`${required('DIPTYCH_UI_SERVER')}/`);
  await expect(page.getByTestId('tile').first()).toBeVisible();
  expect(scripts.length).toBeGreaterThan(2);
  expect(bytes).toBeLessThan(250_000);
});
