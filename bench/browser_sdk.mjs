/**
 * What a browser SDK costs its page, in real Chromium: a page of 5,000 elements, then a chat that streams into it.
 * Pages with no SDK, with ours and with Datadog's take turns; prints one JSON line. Run by bench/browser_sdk.py.
 *
 * usage: node bench/browser_sdk.mjs [rounds]
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { launch } from './chromium.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ELEMENTS = 5000;
const TOKENS = 200;
const TOKEN_EVERY_MS = 15;
/** Long enough for both recorders to have started and taken their first snapshot. */
const AFTER_LOAD_MS = 2500;
const AFTER_CHAT_MS = 1200;

const OPTIONS = `{ applicationId: 'bench', clientToken: 'bench-key', service: 'bench', env: 'bench', version: '1',
  sessionSampleRate: 100, trackUserInteractions: true, trackResources: true,
  trackLongTasks: true, defaultPrivacyLevel: 'mask-user-input' }`;

/** `init` is timed around the call alone. */
const diptych = (replayed) => `import { diptych } from '@diptych/browser';
    const options = { ...${OPTIONS}, sessionReplaySampleRate: ${replayed} };
    const startMs = performance.now();
    diptych.init({ ...options, url: location.origin });
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

function page(name) {
  const rows = Array.from(
    { length: Math.floor(ELEMENTS / 5) },
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
    const response = await fetch('/chat', { method: 'POST', body: JSON.stringify({ question: 'Which tent?' }) });
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
    await new Promise((done) => setTimeout(done, TOKEN_EVERY_MS));
  }
  response.end();
}

/** The page's own server, and the network peer of both SDKs: takes everything, keeps nothing but a count of bytes. */
function serve(folder, sent) {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (pathname === '/chat') return void chat(response);
    if (request.method === 'POST') {
      request.on('data', (data) => {
        sent.bytes += data.length;
      });
      return void request.on('end', () => response.writeHead(202).end('{}'));
    }
    const file = join(folder, pathname.replace('/build/', ''));
    if (pathname.startsWith('/build/') && existsSync(file))
      return void response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(readFileSync(file));
    const name = pathname.slice(1);
    if (!(name in SDKS)) return void response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(page(name));
  });
}

/** One visit, in a context of its own: milliseconds of the main thread until loaded, and while the chat streams. */
async function visit(browser, origin, name, sent) {
  const context = await browser.newContext();
  const tab = await context.newPage();
  const session = await context.newCDPSession(tab);
  // The thread's own time: what else the machine does is not in it.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const taskMs = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find((each) => each.name === 'TaskDuration').value * 1000;
  };
  sent.bytes = 0;
  const before = await taskMs();
  await tab.goto(`${origin}/${name}`, { waitUntil: 'load' });
  await tab.waitForTimeout(AFTER_LOAD_MS);
  const loaded = await taskMs();
  await tab.evaluate('ask()');
  await tab.waitForTimeout(AFTER_CHAT_MS);
  const answered = await taskMs();
  const initMs = (await tab.evaluate('window.initMs')) ?? 0;
  await context.close();
  return {
    name,
    init_ms: initMs,
    load_ms: loaded - before,
    chat_ms: answered - loaded,
    sent_bytes: sent.bytes,
  };
}

const rounds = Number(process.argv[2] ?? 5);
const folder = mkdtempSync(join(tmpdir(), 'diptych-bench-'));
const sent = { bytes: 0 };
const server = serve(folder, sent);
try {
  await bundle(folder);
  await new Promise((done) => server.listen(Number(process.env.DIPTYCH_BENCH_PORT ?? 0), '127.0.0.1', done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const browser = await launch();
  const visits = [];
  await visit(browser, origin, 'none', sent); // the browser's own first time
  for (let round = 0; round < rounds; round += 1) {
    for (const name of Object.keys(SDKS)) visits.push(await visit(browser, origin, name, sent));
  }
  console.log(JSON.stringify({ browser: browser.version(), visits }));
  await browser.close();
} finally {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
}
