import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

/** Debian's Chromium where it is installed, else Playwright's own. */
const DEBIAN_CHROMIUM = '/usr/bin/chromium';

const TESTS = new URL('tests/', import.meta.url);
const SPEC = '.spec.ts';

/**
 * What only the interface does, in a real browser, against a real server.
 *
 * Each file of tests is a project, since a worker serves one project only: so each file has a server of its own, with
 * an empty folder, and no other file's traffic in its lists.
 */
export default defineConfig({
  testDir: 'tests',
  projects: readdirSync(TESTS)
    .filter((name) => name.endsWith(SPEC))
    .map((name) => ({ name: name.slice(0, -SPEC.length), testMatch: name })),
  outputDir: 'test-results',
  reporter: [['list']],
  fullyParallel: false,
  workers: 2,
  // A shared machine may stall for seconds; what needed its second try is reported as flaky.
  retries: process.env.CI ? 1 : 0,
  timeout: 40_000,
  expect: { timeout: 10_000 },
  use: {
    viewport: { width: 1440, height: 900 },
    colorScheme: 'light',
    trace: 'retain-on-failure',
    launchOptions: {
      ...(existsSync(DEBIAN_CHROMIUM) && { executablePath: DEBIAN_CHROMIUM }),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
