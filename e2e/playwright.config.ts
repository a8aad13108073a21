import { defineConfig } from '@playwright/test';

/** Debian's Chromium; the switches keep it from calling home and let it run as root in a container. */
const CHROMIUM = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
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
  use: { launchOptions: CHROMIUM, viewport: { width: 1440, height: 900 }, trace: 'retain-on-failure' },
});
