/** Chromium as the benchmarks run it. */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright';

/** Debian's where it is installed, else Playwright's own. */
const DEBIAN_CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
];

export async function launch() {
  return chromium.launch({
    ...(existsSync(DEBIAN_CHROMIUM) && { executablePath: DEBIAN_CHROMIUM }),
    args: FLAGS,
  });
}

/** A window of 1440 × 900 that is signed in by a one-time link; `prepare` runs in each page before its own scripts. */
export async function signedIn(browser, link, prepare) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  if (prepare) await context.addInitScript(prepare);
  const page = await context.newPage();
  await page.goto(link);
  await page.getByTestId('sign-in').click();
  await page.waitForURL(/\/overview/);
  await page.close();
  return context;
}
