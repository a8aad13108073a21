import { expect, newLink, required, test } from './server.ts';

test('opening the link changes nothing; the click signs in, once', async ({ page, browser }) => {
  const link = newLink();
  const preview = await (await browser.newContext()).newPage();
  await preview.goto(link);
  await expect(preview.getByTestId('sign-in')).toBeVisible();

  await page.goto(link);
  await page.getByTestId('sign-in').click();
  await page.waitForURL(/\/overview$/);

  await preview.getByTestId('sign-in').click();
  await expect(preview.getByRole('alert')).toContainText('diptych link');
  await preview.context().close();
});

test('a page asked for without a cookie leads to sign-in, and back to it afterwards', async ({ page }) => {
  await page.goto(`${required('DIPTYCH_UI_SERVER')}/traces?from=now-7d`);
  await page.waitForURL(/\/sign-in/);
  await expect(page.getByText('diptych link')).toBeVisible();
  const next = new URL(page.url()).searchParams.get('next');
  expect(next).toBe('/traces?from=now-7d');

  await page.goto(`${newLink()}&next=${encodeURIComponent(next ?? '')}`);
  await page.getByTestId('sign-in').click();
  await page.waitForURL(/\/traces\?from=now-7d$/);
});

test('an address elsewhere is never gone back to', async ({ page }) => {
  await page.goto(`${newLink()}&next=${encodeURIComponent('//evil.example/')}`);
  await page.getByTestId('sign-in').click();
  await page.waitForURL(`${required('DIPTYCH_UI_SERVER')}/overview`);
});

test('signing out ends the cookie', async ({ page }) => {
  await page.goto(newLink());
  await page.getByTestId('sign-in').click();
  await page.waitForURL(/\/overview$/);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(/\/sign-in/);
  const me = await page.request.get(`${required('DIPTYCH_UI_SERVER')}/api/v1/me`);
  expect(me.status()).toBe(401);
});
