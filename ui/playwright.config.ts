import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

/** Debian's Chromium, without the windows of a browser where that is installed; else Playwright's own. */
const CHROMIUM = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path));

/** Files whose tests look at all there is in a list: no other file's traffic may stand in it. */
const ALONE = ['accessible', 'answers', 'evaluations', 'explorers', 'sessions'];

/**
 * What only the interface does, in a real browser, against a real server.
 *
 * A worker serves one project only, and has one server and one browser: each file of `ALONE` is a project, so that its
 * server is its own and empty at first. The others look at what they sent themselves, and share those of their worker.
 */
export default defineConfig({
  testDir: 'tests',
  projects: [
    ...ALONE.map((name) => ({ name, testMatch: `${name}.spec.ts` })),
    { name: 'together', testIgnore: ALONE.map((name) => `${name}.spec.ts`) },
  ],
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
    // A third of the CPU time of a test: `--trace on` where a failure here asks for it.
    trace: 'on-first-retry',
    launchOptions: {
      ...(CHROMIUM && { executablePath: CHROMIUM }),
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
