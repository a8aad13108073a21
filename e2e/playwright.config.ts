import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

/** Debian's, without the windows of a browser where that is installed. */
const INSTALLED = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path));

/** The switches keep it from calling home and let it run as root in a container. */
const CHROMIUM = {
  ...(INSTALLED && { executablePath: INSTALLED }),
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

export default defineConfig({
  testDir: 'tests',
  globalSetup: './start-demo.ts',
  fullyParallel: false,
  // Two files at a time, each in order: most of their time is waiting for what travels through the demo.
  workers: 2,
  // A shared machine may stall for seconds; what needed its second try is reported as flaky.
  retries: process.env.CI ? 1 : 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    launchOptions: CHROMIUM,
    viewport: { width: 1440, height: 900 },
    // A third of the CPU time of a test: `--trace on` where a failure here asks for it.
    trace: 'on-first-retry',
  },
});
