/**
 * Ten minutes of a busy page in real Chromium, recorded: mutations, clicks, requests, streamed answers, views. Prints
 * what the page holds each minute, after a collection, and fails when it grows. Part of `make soak`.
 *
 * usage: node sdk/browser/soak.mjs [minutes]
 */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { chromium } from 'playwright';

const MINUTES = Number(process.argv[2] ?? 10);
const MINUTE_MS = 60_000;
/** The first minutes fill what is bounded: queues, the history of views, the browser's own caches. */
const WARM_MINUTES = 2;
/** What is flat: the later half's lowest may be this much above the earlier half's. */
const MAY_GROW = { heap: 600_000, nodes: 500, listeners: 20 };
const MB = 1_000_000;

const MUTATE_EVERY_MS = 50;
const ACT_EVERY_MS = 1_000;
const VIEW_EVERY_MS = 45_000;
const ROWS = 300;
const TOKENS = 20;
const TOKEN_EVERY_MS = 20;

const DIST = new URL('./dist/', import.meta.url);
const CHROMIUM = '/usr/bin/chromium';

/** Runs in the page; it keeps nothing itself: its rows are replaced, never added. */
const LIFE = `
  const list = document.querySelector('ul');
  let turn = 0;
  setInterval(() => {
    turn += 1;
    const row = document.createElement('li');
    row.className = 'row c' + (turn % 7);
    row.innerHTML = '<h3>Item ' + turn + '</h3><p>A tent for <b>' + (turn % 5) + '</b></p><input value="' + turn + '">';
    list.children[turn % ${ROWS}].replaceWith(row);
    list.children[(turn * 7) % ${ROWS}].setAttribute('data-turn', turn);
    list.children[(turn * 13) % ${ROWS}].style.opacity = (turn % 10) / 10;
    document.querySelector('#answer').firstChild.data = 'Turn ' + turn;
  }, ${MUTATE_EVERY_MS});
  setInterval(async () => {
    document.querySelector('button').click();
    await (await fetch('/data?' + turn)).text();
    const reader = (await fetch('/chat', { method: 'POST', body: '{"question":"Which tent?"}' })).body.getReader();
    const answer = document.querySelector('#words');
    answer.textContent = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) answer.append('word ');
    console.debug('answered');
  }, ${ACT_EVERY_MS});
  setInterval(() => history.pushState({}, '', '/shop/' + (turn % 3)), ${VIEW_EVERY_MS});`;

function page(origin) {
  return `<!doctype html><html lang="en"><head><title>Shop</title><script src="/sdk/diptych.js"></script>
<script>diptych.init({ applicationId: 'soak', clientToken: 'key', url: '${origin}', sessionReplaySampleRate: 100,
  trackViewsManually: false });</script></head><body><div id="answer"> </div><div id="words" data-dip-answer></div>
<button>Ask</button><ul>${'<li>row</li>'.repeat(ROWS)}</ul><script>${LIFE}</script></body></html>`;
}

const sent = { segments: 0, events: 0, bytes: 0 };

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/v1/replay' || pathname === '/v1/rum') {
    sent[pathname === '/v1/rum' ? 'events' : 'segments'] += 1;
    for await (const part of request) sent.bytes += part.length;
    return void response.writeHead(202, { 'Content-Type': 'application/json' }).end('{}');
  }
  if (pathname.startsWith('/sdk/'))
    return void response
      .writeHead(200, { 'Content-Type': 'text/javascript' })
      .end(readFileSync(new URL(pathname.slice(5), DIST)));
  if (pathname === '/chat') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    for (let i = 0; i < TOKENS; i += 1) {
      response.write(`data: word${i}\n\n`);
      await new Promise((done) => setTimeout(done, TOKEN_EVERY_MS));
    }
    return void response.end();
  }
  if (pathname === '/data') return void response.end('{}');
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
  response.end(page(`http://127.0.0.1:${server.address().port}`));
});

/** What the page holds once everything that nobody refers to is gone: bytes of its heap, DOM nodes, listeners. */
async function held(session) {
  // Twice: what finalizers let go in the first is gone only after the second.
  for (let i = 0; i < 2; i += 1) await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters');
  return { heap: usedSize, nodes, listeners: jsEventListeners };
}

async function soak() {
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const browser = await chromium.launch({
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    ...(existsSync(CHROMIUM) && { executablePath: CHROMIUM }),
  });
  try {
    const tab = await browser.newPage();
    const faults = [];
    tab.on('pageerror', (error) => faults.push(String(error)));
    const session = await tab.context().newCDPSession(tab);
    await tab.goto(`http://127.0.0.1:${server.address().port}/shop/0`);
    const minutes = [];
    for (let minute = 1; minute <= MINUTES; minute += 1) {
      const before = { ...sent };
      await tab.waitForTimeout(MINUTE_MS);
      const now = await held(session);
      minutes.push(now);
      const segments = sent.segments - before.segments;
      console.log(
        `minute ${minute}: heap ${(now.heap / MB).toFixed(2)} MB, ${now.nodes} nodes, ${now.listeners} listeners; ` +
          `sent ${segments} segments, ${sent.events - before.events} batches, ` +
          `${((sent.bytes - before.bytes) / MB).toFixed(2)} MB`,
      );
      if (segments === 0) faults.push(`nothing was recorded in minute ${minute}`);
    }
    return [...faults, ...growth(minutes)];
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

function growth(minutes) {
  const warm = minutes.slice(WARM_MINUTES);
  const half = Math.floor(warm.length / 2);
  if (half === 0) return ['too short: nothing was compared'];
  return Object.entries(MAY_GROW).flatMap(([what, limit]) => {
    const lowest = (part) => Math.min(...part.map((minute) => minute[what]));
    const grown = lowest(warm.slice(half)) - lowest(warm.slice(0, half));
    console.log(`${what}: the later half's lowest is ${grown} above the earlier half's, at most ${limit}`);
    return grown > limit ? [`${what} grew by ${grown}`] : [];
  });
}

const faults = await soak();
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
