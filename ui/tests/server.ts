import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  type BrowserContext,
  test as base,
  expect,
  type FrameLocator,
  type Locator,
  type Page,
} from '@playwright/test';
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

type Open = (path: string) => Promise<Page>;

interface Fixtures {
  /** A signed-in page that remembers nothing; `open` takes a path of the interface. */
  open: Open;
  /** The same in a browser of its own: for tests that end the sign-in, or have options of their own. */
  openApart: Open;
}

interface WorkerFixtures {
  /** The server of all tests of a worker, its folder empty at first; they read where it is from the environment. */
  running: Running;
  /** The cookie of one sign-in, for all tests of a worker. */
  cookies: Cookies;
  /** The browser of a signed-in person, for all tests of a worker: what was loaded once is not loaded again. */
  profile: BrowserContext;
}

const START_TIMEOUT_MS = 90_000;

export const test = base.extend<Fixtures, WorkerFixtures>({
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
  profile: [
    async ({ browser, cookies }, use, { project }) => {
      const context = await browser.newContext({ viewport: project.use.viewport ?? null });
      await context.addCookies(cookies);
      await use(context);
      await context.close();
    },
    { scope: 'worker' },
  ],
  open: async ({ profile }, use) => {
    const page = await profile.newPage();
    await forget(page);
    await opened(page, use);
    await page.close();
  },
  openApart: async ({ page, context, cookies }, use) => {
    await context.addCookies(cookies);
    await opened(page, use);
  },
});

/** Lets a test open paths in the page, in which no script may fail. */
async function opened(page: Page, use: (open: Open) => Promise<void>): Promise<void> {
  const failures: string[] = [];
  page.on('pageerror', (error) => failures.push(String(error)));
  await use(async (path) => {
    await page.goto(`${required('DIPTYCH_UI_SERVER')}${path}`);
    return page;
  });
  expect(failures, 'errors in the page').toEqual([]);
}

/** What the interface keeps in the browser is gone: a test never sees what one before it had chosen. */
async function forget(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', {
    origin: required('DIPTYCH_UI_SERVER'),
    storageTypes: 'local_storage',
  });
  await session.detach();
}
