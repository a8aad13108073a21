/**
 * What a browser SDK costs its page, in real Chromium: a page of 5,000 elements that loads, and a chat that streams.
 * Pages with no SDK, with ours and with Datadog's load in turns, another one first in each round, and chat at the same
 * time; prints one JSON line. Run by bench/browser_sdk.py.
 *
 * usage: node bench/browser_sdk.mjs [loads [chats [starts]]]
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { bareWindows, launch } from './chromium.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What the pages hold. A chat streams into few: in each frame Chromium goes through all, and how many frames there are is chance. */
const LIST_ELEMENTS = 5000;
const CHAT_ELEMENTS = 250;
const TOKENS = 100;
/** Two frames or more, so that each token has one of its own: how many there are is no chance then. */
const TOKEN_EVERY_MS = 40;
/** Long enough for both recorders to have started and taken their first snapshot. */
const AFTER_LOAD_MS = 2500;
const AFTER_CHAT_MS = 1200;
/** Long enough for what is done when a page goes out of sight, and comes back. */
const AFTER_TURN_MS = 600;
/** Long enough for the script that runs when the page has loaded. */
const AFTER_START_MS = 50;

const OPTIONS = `{ applicationId: 'bench', clientToken: 'bench-key', service: 'bench', env: 'bench', version: '1',
  sessionSampleRate: 100, trackUserInteractions: true, trackResources: true,
  trackLongTasks: true, defaultPrivacyLevel: 'mask-user-input' }`;

/** `init` is timed around the call alone. */
const diptych = (replayed, more = {}) => `import { diptych } from '@diptych/browser';
    const options = { ...${OPTIONS}, sessionReplaySampleRate: ${replayed} };
    const startMs = performance.now();
    diptych.init({ ...options, ...${JSON.stringify(more)}, url: location.origin });
    window.initMs = performance.now() - startMs;`;

const datadog = (replayed) => `import { datadogRum } from 'datadog-rum-7';
    const options = { ...${OPTIONS}, sessionReplaySampleRate: ${replayed} };
    const startMs = performance.now();
    datadogRum.init({ ...options, proxy: location.origin + '/datadog' });
    window.initMs = performance.now() - startMs;`;

/** What each page loads and how it starts. */
const SDKS = {
  none: '',
  diptych: diptych(100),
  datadog: datadog(100),
  diptych_no_replay: diptych(0),
  datadog_no_replay: datadog(0),
  /** As Datadog's does, it sees a request for an answer, and nothing of how it streams. */
  diptych_not_followed: diptych(0, { trackAnswers: false }),
};

/** Bundles each entry as an application would, its lazy parts as chunks. */
async function bundle(folder) {
  for (const [name, code] of Object.entries(SDKS)) {
    const build = await rolldown({
      cwd: ROOT,
      input: 'virtual:entry',
      platform: 'browser',
      plugins: [
        {
          name: 'entry',
          resolveId: (id) => (id === 'virtual:entry' ? join(ROOT, 'bench/entry.js') : null),
          load: (id) => (id === join(ROOT, 'bench/entry.js') ? code : null),
        },
      ],
    });
    await build.write({ dir: join(folder, name), format: 'esm', minify: true, entryFileNames: 'entry.js' });
    await build.close();
  }
}

function page(name, elements) {
  const rows = Array.from(
    { length: Math.floor(elements / 5) },
    (_, i) =>
      `<li class="c${i % 20}"><h3>Item ${i}</h3><p>A tent for <b>${i % 7}</b> people</p><a href="#i${i}">More</a></li>`,
  ).join('');
  const rules = Array.from(
    { length: 20 },
    (_, i) => `.c${i} { padding: ${i % 5}px; color: hsl(${i * 18} 50% 30%) }`,
  ).join('\n');
  return `<!doctype html><html lang="en"><head><title>${name}</title><style>${rules}</style>
<script type="module" src="/build/${name}/entry.js"></script></head><body><main id="answer"></main><ul>${rows}</ul>
<script>
  window.ask = async () => {
    const response = await fetch('/answer', { method: 'POST', body: JSON.stringify({ question: 'Which tent?' }) });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read())
      document.querySelector('#answer').append(part.value.replaceAll('data: ', ''));
  };
</script></body></html>`;
}

async function chat(response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  for (let i = 0; i < TOKENS; i += 1) {
    response.write(`data: word${i} \n\n`);
    await pause(TOKEN_EVERY_MS);
  }
  response.end();
}

/** How many requests for an answer the SDK of each page has told of. */
const toldAnswers = new Map();

/** Looks into what an SDK has sent: lines of JSON, both of them; a replay is none. */
function hear(body, isGzipped) {
  if (!isGzipped && body[0] !== 0x7b) return;
  for (const line of String(isGzipped ? gunzipSync(body) : body).split('\n')) {
    if (!line.includes('"type":"resource"')) continue;
    const { resource, view } = JSON.parse(line);
    const { pathname } = new URL(view.url);
    if (resource.url.endsWith('/answer')) toldAnswers.set(pathname, (toldAnswers.get(pathname) ?? 0) + 1);
  }
}

/** The page's own server, and the network peer of both SDKs: takes everything, and counts the answers told. */
function serve(folder) {
  return createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    if (pathname === '/answer') return void chat(response);
    if (request.method === 'POST') {
      const parts = [];
      request.on('data', (part) => parts.push(part));
      return void request.on('end', () => {
        response.writeHead(202).end('{}');
        hear(Buffer.concat(parts), searchParams.get('encoding') === 'gzip');
      });
    }
    const file = join(folder, pathname.replace('/build/', ''));
    if (pathname.startsWith('/build/') && existsSync(file))
      return void response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(readFileSync(file));
    const [, kind, name] = pathname.split('/');
    if (!(name in SDKS)) return void response.writeHead(404).end();
    const elements = kind === 'chat' ? CHAT_ELEMENTS : LIST_ELEMENTS;
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(page(name, elements));
  });
}

/** A page in a window of its own, and the function that tells the CPU milliseconds that its main thread has spent on it. */
async function visit(open, url) {
  const page = await open(url);
  const taskMs = async () => {
    const { metrics } = await page.send('Performance.getMetrics');
    return metrics.find((each) => each.name === 'TaskDuration').value * 1000;
  };
  return { ...page, taskMs };
}

/** One load of the list. */
async function load(open, origin, name) {
  const page = await visit(open, `${origin}/list/${name}`);
  await pause(AFTER_LOAD_MS);
  const task_ms = await page.taskMs();
  await page.close();
  return { name, task_ms };
}

/**
 * One chat on each page, all at the same time: what slows the machine down slows all of them down, and their differences
 * stand. Their tokens come one after another, so that no two pages draw at once. Before it and after it the pages go out
 * of sight, when every SDK sends what it holds: what is measured is what the chat costs until all that was seen of it has
 * left, sent early or at the end.
 */
async function chats(open, origin, names) {
  const pages = [];
  for (const name of names) pages.push({ name, ...(await visit(open, `${origin}/chat/${name}`)) });
  const all = (act) => Promise.all(pages.map(act));
  const hide = async () => {
    await all((page) => page.hide());
    await pause(AFTER_TURN_MS);
  };
  await pause(AFTER_LOAD_MS);
  await hide();
  await all((page) => page.show());
  await pause(AFTER_TURN_MS);
  const before = await all((page) => page.taskMs());
  await all(async ({ evaluate }, at) => {
    await pause((at * TOKEN_EVERY_MS) / pages.length);
    await evaluate('ask()');
  });
  await pause(AFTER_CHAT_MS);
  await hide();
  const after = await all((page) => page.taskMs());
  await all((page) => page.close());
  return pages.map(({ name }, at) => ({ name, task_ms: after[at] - before[at] }));
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * One start, in a context of its own: `init()` by the clock, and the CPU of the script that holds the SDK and calls it.
 * The clock has in it what the browser keeps the page waiting for, and what else the machine does.
 */
async function start(browser, origin, name) {
  const context = await browser.newContext();
  const tab = await context.newPage();
  await browser.startTracing(tab, { categories: ['v8'] });
  await tab.goto(`${origin}/list/${name}`, { waitUntil: 'load' });
  await tab.waitForTimeout(AFTER_START_MS);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const initMs = await tab.evaluate('window.initMs');
  await context.close();
  const { pid } = traceEvents.find((each) => each.args.fileName?.endsWith(`/${name}/entry.js`));
  // The first is the page's script; the recorder's chunk follows. Microseconds of the thread.
  const ran = traceEvents
    .filter((each) => each.pid === pid && each.name === 'v8.evaluateModule')
    .sort((a, b) => a.ts - b.ts);
  const scriptMs = (ran[0]?.tdur ?? 0) / 1000;
  return { name, init_ms: initMs, script_ms: scriptMs };
}

/** The names as they are, and in each round another one first. */
const turned = (names, round) => names.map((_, at) => names[(round + at) % names.length]);

/** Each page once to warm the browser up, then `rounds` times in turns. */
async function inTurns(rounds, names, measure) {
  for (const name of names) await measure(name);
  const measured = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const name of turned(names, round)) measured.push({ round, ...(await measure(name)) });
  }
  return measured;
}

const [loadRounds = 5, chatRounds = 15, startRounds = 20] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'diptych-bench-'));
const server = serve(folder);
try {
  await bundle(folder);
  await new Promise((done) => server.listen(Number(process.env.DIPTYCH_BENCH_PORT ?? 0), '127.0.0.1', done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const browser = await launch();
  const starts = await inTurns(startRounds, ['diptych', 'datadog'], (name) => start(browser, origin, name));
  const names = Object.keys(SDKS);
  const open = await bareWindows(browser);
  const loads = await inTurns(loadRounds, names, (name) => load(open, origin, name));
  const chatted = [];
  for (let round = 0; round < chatRounds; round += 1) {
    for (const each of await chats(open, origin, turned(names, round))) chatted.push({ round, ...each });
  }
  for (const name of names.filter((each) => SDKS[each])) {
    const told = toldAnswers.get(`/chat/${name}`) ?? 0;
    if (told !== chatRounds) throw new Error(`${name}: ${told} of ${chatRounds} chats were told of`);
  }
  console.log(JSON.stringify({ browser: browser.version(), loads, chats: chatted, starts }));
  await browser.close();
} finally {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
