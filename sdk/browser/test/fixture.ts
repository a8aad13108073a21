import { test as base, expect, type Page } from '@playwright/test';
import { type Json, Peer } from './peer';

export type { Page };
export { expect, type Json, Peer };

interface Fixtures {
  /** The page's own server. */
  site: Peer;
  /** The Diptych server, on an origin of its own. */
  diptych: Peer;
  /** Opens a page with the SDK in it; gives the errors the page has seen. */
  open(options?: OpenOptions): Promise<string[]>;
}

export interface OpenOptions {
  /** Changes to the options of init. */
  init?: Record<string, unknown>;
  body?: string;
  /** Runs before the SDK is loaded. */
  before?: string;
  /** Runs in the same script as init, right after it. */
  after?: string;
  path?: string;
  headers?: Record<string, string>;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
  site: async ({}, use) => {
    const peer = await Peer.start();
    await use(peer);
    await peer.stop();
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above
  diptych: async ({}, use) => {
    const peer = await Peer.start();
    await use(peer);
    await peer.stop();
  },
  open: async ({ page, site, diptych }, use) => {
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await use(async (options = {}) => {
      const path = options.path ?? '/';
      site.html(path, document_(options, diptych), options.headers);
      await page.goto(site.origin + path);
      return errors;
    });
  },
});

function document_({ init, body = '', before = '', after = '' }: OpenOptions, diptych: Peer): string {
  const options = {
    applicationId: 'shop',
    clientToken: 'client-key',
    url: diptych.origin,
    service: 'shop-web',
    env: 'test',
    version: '1.2.3',
    ...init,
  };
  return `<!doctype html><html lang="en"><head><title>Shop</title><script>${before}</script>
<script src="${diptych.origin}/sdk/diptych.js"></script>
<script>diptych.init(${JSON.stringify(options)});${after}</script></head><body>${body}</body></html>`;
}

/** Waits until `get` gives a value that is good. */
export async function until<T>(
  get: () => T,
  what: string,
  isGood: (value: T) => boolean,
  timeoutMs = 15_000,
): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    const value = get();
    if (isGood(value)) return value;
    if (Date.now() > endMs) throw new Error(`${what}: not seen within ${timeoutMs} ms`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Leaves the page, so that everything that waits is sent. */
export async function leave(page: Page): Promise<void> {
  await page.goto('about:blank');
}

/** Between two clicks of somebody who has had enough, in milliseconds. */
const QUICK_MS = 50;

/**
 * Quick clicks in one row of an element, `stepPx` apart. The browser is told when each was made: how long the machine
 * takes for them is no matter.
 */
export async function quickClicks(page: Page, selector: string, count: number, stepPx = 0): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const box = await page.locator(selector).boundingBox();
  if (!box) throw new Error(`${selector} is not in sight`);
  const startMs = Date.now() - count * QUICK_MS;
  const sent = Array.from({ length: count }, (_, click) =>
    (['mousePressed', 'mouseReleased'] as const).map((type) =>
      session.send('Input.dispatchMouseEvent', {
        type,
        x: box.x + 10 + click * stepPx,
        y: box.y + 8,
        button: 'left',
        clickCount: 1,
        timestamp: (startMs + click * QUICK_MS) / 1000,
      }),
    ),
  );
  await Promise.all(sent.flat());
}
