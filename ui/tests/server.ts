import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test as base, expect, type FrameLocator, type Locator, type Page } from '@playwright/test';
import { type Running, serve } from './start_server.ts';

export { expect, type FrameLocator, type Locator, type Page };

const DIPTYCH =
  process.env.DIPTYCH_COMMAND ?? fileURLToPath(new URL('../../.venv/bin/diptych', import.meta.url));

/** A value that the server of these tests left in the environment. */
export function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: the server of these tests has not been started`);
  return value;
}

/** A fresh one-time link of the running server. */
export function newLink(): string {
  const link = execFileSync(DIPTYCH, ['link', '--data', required('DIPTYCH_UI_DATA')], { encoding: 'utf8' });
  return `${required('DIPTYCH_UI_SERVER')}${new URL(link.trim()).pathname}${new URL(link.trim()).search}`;
}

/** A new key of a project, which is made where there is none of that name. */
export function newKey(kind: 'client' | 'server', project: string): string {
  const data = required('DIPTYCH_UI_DATA');
  const command = ['keys', 'create', kind, '--project', project, '--data', data];
  return execFileSync(DIPTYCH, command, { encoding: 'utf8' }).trim();
}

type Cookies = Awaited<ReturnType<ReturnType<Page['context']>['cookies']>>;

interface Fixtures {
  /** A signed-in page; `open` takes a path of the interface. */
  open: (path: string) => Promise<Page>;
  /** What went wrong in the page's scripts. */
  failures: string[];
}

interface FileFixtures {
  /** The server of all tests of a file, its folder empty at first; they read where it is from the environment. */
  running: Running;
  /** The cookie of one sign-in, for all tests of a file. */
  cookies: Cookies;
}

const START_TIMEOUT_MS = 90_000;

export const test = base.extend<Fixtures, FileFixtures>({
  running: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the braces
    async ({}, use) => {
      const running = await serve();
      const key = (kind: string) => running.command('keys', 'create', kind, '--project', 'default');
      Object.assign(process.env, {
        DIPTYCH_UI_SERVER: running.origin,
        DIPTYCH_UI_DATA: running.data,
        DIPTYCH_UI_CLIENT_KEY: key('client'),
        DIPTYCH_UI_SERVER_KEY: key('server'),
      });
      await use(running);
      await running.stop();
    },
    { scope: 'worker', auto: true, timeout: START_TIMEOUT_MS },
  ],
  cookies: [
    async ({ browser, running: _ }, use) => {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(newLink());
      await page.getByTestId('sign-in').click();
      await page.waitForURL(/\/overview/);
      const cookies = await context.cookies();
      await context.close();
      await use(cookies);
    },
    { scope: 'worker' },
  ],
  failures: async ({ page }, use) => {
    const failures: string[] = [];
    page.on('pageerror', (error) => failures.push(String(error)));
    await use(failures);
    expect(failures, 'errors in the page').toEqual([]);
  },
  open: async ({ page, context, cookies, failures: _ }, use) => {
    await context.addCookies(cookies);
    await use(async (path) => {
      await page.goto(`${required('DIPTYCH_UI_SERVER')}${path}`);
      return page;
    });
  },
});
