/**
 * Opens every screen and scrolls a large trace, in real Chromium; prints one JSON line. Run by bench/pages.py.
 *
 * usage: node bench/pages.mjs SERVER SIGN_IN_LINK ROUNDS LARGE_TRACE_ID SCREENS
 * SCREENS: JSON, [[name, path, selector of what the person came for], …]
 */
import { launch, signedIn } from './chromium.mjs';

const [server, link, rounds, largeTrace, screens] = process.argv.slice(2);
const PATIENCE_MS = 60_000;
/** A page is taken for quiet when its main thread had no long task for so long. */
const QUIET_MS = 500;
/** As a wheel scrolls, and as its bar is dragged: px a frame, and frames. */
/** What the main thread does for a frame, by the names of Chrome's trace. */
const FRAME_WORK = ['EventDispatch', 'FireAnimationFrame', 'PrePaint', 'Layerize', 'Paint'];
const PACES = { wheel: [120, 300], drag: [900, 300] };

/** Notes the page's long tasks (50 ms and more, as the standard has them), and when `selector` first stood there. */
function observe(selector) {
  window.longTasks = [];
  window.shownMs = 0;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) window.longTasks.push({ startTime, duration });
  }).observe({ type: 'longtask', buffered: true });
  const look = () => {
    if (document.querySelector(selector)) window.shownMs = performance.now();
    else requestAnimationFrame(look);
  };
  look();
}

/** From the navigation until what the person came for stands there and the main thread is free again. */
async function openOnce(context, path, selector) {
  const page = await context.newPage();
  await page.addInitScript(observe, selector);
  await page.goto(`${server}${path}`);
  await page.locator(selector).first().waitFor({ timeout: PATIENCE_MS });
  const measured = await page.evaluate(async (quietMs) => {
    const busyUntil = () => {
      const ends = window.longTasks.map(({ startTime, duration }) => startTime + duration);
      return Math.max(window.shownMs, ...ends);
    };
    while (!window.shownMs || performance.now() - busyUntil() < quietMs)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const longest = Math.max(0, ...window.longTasks.map(({ duration }) => duration));
    return { shown_ms: window.shownMs, interactive_ms: busyUntil(), longest_task_ms: longest };
  }, QUIET_MS);
  await page.close();
  return measured;
}

/** Scrolls the spans at one pace, back up where they end; long tasks and frames while it does. */
async function scrollLargeTrace(context, [stepPx, steps]) {
  const page = await context.newPage();
  const row = '[data-testid=span-row]';
  await page.addInitScript(observe, row);
  await page.goto(`${server}/traces/${largeTrace}`);
  await page.locator(row).first().waitFor({ timeout: PATIENCE_MS });
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(QUIET_MS);
  await context.browser().startTracing(page, { categories: ['devtools.timeline'] });
  const measured = await page.evaluate(
    async ([selector, stepPx, steps, quietMs]) => {
      let scroller = document.querySelector(selector);
      while (scroller && !(scroller.scrollHeight > scroller.clientHeight * 2))
        scroller = scroller.parentElement;
      if (!scroller) throw new Error('nothing to scroll');
      const height = scroller.scrollHeight - scroller.clientHeight;
      const frames = [];
      const began = performance.now();
      let last = began;
      for (let step = 1; step <= steps; step += 1) {
        const at = (step * stepPx) % (2 * height);
        scroller.scrollTop = at <= height ? at : 2 * height - at;
        await new Promise(requestAnimationFrame);
        frames.push(performance.now() - last);
        last = performance.now();
      }
      // The browser tells of a long task after it has ended.
      await new Promise((resolve) => setTimeout(resolve, quietMs));
      const tasks = window.longTasks.filter(({ startTime }) => startTime >= began);
      return {
        scrolled_px: steps * stepPx,
        frames_ms: frames,
        long_tasks_ms: tasks.map(({ duration }) => duration),
      };
    },
    [row, stepPx, steps, QUIET_MS],
  );
  const { traceEvents } = JSON.parse((await context.browser().stopTracing()).toString());
  await page.close();
  const work = traceEvents.filter(({ ph, name }) => ph === 'X' && FRAME_WORK.includes(name));
  // `tdur`: µs on the thread, without what others took of the machine meanwhile.
  const cpu_ms = work.reduce((sum, { tdur = 0 }) => sum + tdur / 1000, 0);
  return { ...measured, cpu_ms };
}

const browser = await launch();
const context = await signedIn(browser, link);
const opened = {};
for (const [name, path, selector] of JSON.parse(screens)) {
  // The first one fills the browser's cache, as a person's second visit finds it.
  await openOnce(context, path, selector);
  opened[name] = [];
  for (let round = 0; round < Number(rounds); round += 1)
    opened[name].push(await openOnce(context, path, selector));
}
const scrolls = {};
for (const [pace, of] of Object.entries(PACES)) scrolls[pace] = await scrollLargeTrace(context, of);
await browser.close();
console.log(JSON.stringify({ opened, scrolls }));
