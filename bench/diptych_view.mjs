/**
 * Opens the Diptych of a session and seeks in it, in real Chromium; prints one JSON line. Run by
 * bench/diptych_view.py.
 *
 * usage: node bench/diptych_view.mjs SERVER SIGN_IN_LINK SESSION_ID ROUNDS
 */
import { launch, signedIn } from './chromium.mjs';

const [server, link, sessionId, rounds] = process.argv.slice(2);
const SEEKS = 60;

/** Notes when the replay frame said what, in the page's own time. */
function noteMessages() {
  window.said = [];
  window.addEventListener('message', ({ data }) => {
    if (data?.protocol === 'diptych-replay-1') window.said.push({ type: data.type, at: performance.now() });
  });
}

async function openOnce(page) {
  await page.goto(`${server}/sessions/${sessionId}`);
  await page.getByTestId('diptych-link').waitFor();
  await page.waitForLoadState('networkidle');
  return page.evaluate(async () => {
    window.said.length = 0;
    performance.clearResourceTimings();
    const rows = () => document.querySelectorAll('[data-testid=span-row]').length > 0;
    const said = (type) => window.said.find((one) => one.type === type)?.at;
    const startMs = performance.now();
    document.querySelector('[data-testid=diptych-link]').click();
    let rowsMs;
    while (!rowsMs || !said('shown')) {
      await new Promise(requestAnimationFrame);
      if (!rowsMs && rows()) rowsMs = performance.now();
      if (performance.now() - startMs > 20_000) throw new Error('the Diptych did not open in 20 s');
    }
    await new Promise(requestAnimationFrame);
    const entries = performance.getEntriesByType('resource');
    const calls = entries.filter((one) => one.name.includes('/api/v1/') && one.startTime >= startMs);
    const frame = entries.find((one) => one.name.includes('/replay-frame'));
    const events = calls.findLast(
      (one) => one.name.includes('/replay/events') && one.responseEnd <= said('shown'),
    );
    return {
      opened_ms: Math.max(rowsMs, said('shown')) - startMs,
      slowest_call_ms: Math.max(...calls.map((one) => one.duration)),
      replayer_ms: said('ready') - frame.startTime + (said('shown') - events.responseEnd),
    };
  });
}

/** A click at a random place of the bar until the frame says that the moment stands on its stage. */
async function seekOnce(page) {
  return page.evaluate(async () => {
    const bar = document.querySelector('[data-testid=replay-seek]');
    const box = bar.getBoundingClientRect();
    const place = {
      clientX: box.left + Math.random() * box.width,
      clientY: box.top + 20,
      pointerId: 1,
      bubbles: true,
    };
    window.said.length = 0;
    bar.setPointerCapture = () => {};
    const startMs = performance.now();
    bar.dispatchEvent(new PointerEvent('pointerdown', { ...place, buttons: 1 }));
    while (!window.said.some((one) => one.type === 'shown')) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (performance.now() - startMs > 20_000) throw new Error('a seek took over 20 s');
    }
    return window.said.find((one) => one.type === 'shown').at - startMs;
  });
}

const browser = await launch();
const context = await signedIn(browser, link, noteMessages);
const page = await context.newPage();
await openOnce(page);
const openings = [];
for (let round = 0; round < Number(rounds); round += 1) openings.push(await openOnce(page));
const seeks_ms = [];
for (let seek = 0; seek < SEEKS; seek += 1) seeks_ms.push(await seekOnce(page));
await browser.close();
console.log(JSON.stringify({ openings, seeks_ms }));
