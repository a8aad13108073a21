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

/**
 * Gives the function that opens a page in a window of its own, with nothing kept from others, and waits until it has
 * loaded. By the bare protocol: Playwright holds its own pages in sight, whatever becomes of their windows. The thread's
 * own time is counted (`Performance.getMetrics`): what else the machine does is not in it.
 */
export async function bareWindows(browser) {
  const session = await browser.newBrowserCDPSession();
  const answered = new Map();
  let calls = 0;
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result, error } = JSON.parse(message);
    answered.get(id)?.(error ? Promise.reject(new Error(error.message)) : result);
    answered.delete(id);
  });
  return async (url) => {
    const { browserContextId } = await session.send('Target.createBrowserContext');
    const blank = { url: 'about:blank', browserContextId, newWindow: true };
    const { targetId } = await session.send('Target.createTarget', blank);
    const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
    const { windowId } = await session.send('Browser.getWindowForTarget', { targetId });
    const send = (method, params = {}) => {
      calls += 1;
      const message = JSON.stringify({ id: calls, method, params });
      const answer = new Promise((done) => answered.set(calls, done));
      return Promise.all([answer, session.send('Target.sendMessageToTarget', { sessionId, message })]).then(
        ([result]) => result,
      );
    };
    const evaluate = async (expression) => {
      const { result, exceptionDetails } = await send('Runtime.evaluate', {
        expression,
        awaitPromise: true,
        returnByValue: true,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    };
    const turn = async (windowState, sight) => {
      await session.send('Browser.setWindowBounds', { windowId, bounds: { windowState } });
      await evaluate(`new Promise((done) => {
        const look = () => document.visibilityState === '${sight}' && done();
        document.addEventListener('visibilitychange', look);
        look();
      })`);
    };
    await send('Performance.enable', { timeDomain: 'threadTicks' });
    await send('Page.navigate', { url });
    await evaluate(
      "new Promise((done) => document.readyState === 'complete' ? done() : addEventListener('load', done))",
    );
    return {
      send,
      evaluate,
      hide: () => turn('minimized', 'hidden'),
      show: () => turn('normal', 'visible'),
      close: () => session.send('Target.disposeBrowserContext', { browserContextId }),
    };
  };
}
