import type { ServerResponse } from 'node:http';
import { expect, type Json, leave, type Peer, quickClicks, test, until } from './fixture';

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** A chat endpoint that sends pieces with known pauses before them. */
function chat(
  peer: Peer,
  pieces: [pauseMs: number, text: string][],
  contentType = 'text/event-stream',
  path = '/chat',
): void {
  peer.on(path, async (_, response: ServerResponse) => {
    response.writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'no-cache' });
    response.flushHeaders();
    for (const [ms, text] of pieces) {
      await pause(ms);
      response.write(text);
    }
    response.end();
  });
}

/** The page's own reading: fills the answer's element piece by piece, notes text and time of each. */
const READ = `
  // What the browser says of its own painting, and how long its frames were until then.
  window.painted = new Promise((done) => {
    new PerformanceObserver((list) => done(list.getEntries()[0].renderTime)).observe({ type: 'element', buffered: true });
  });
  window.longestFrameMs = 0;
  const watchFrames = (beforeMs) => requestAnimationFrame((atMs) => {
    if (beforeMs) longestFrameMs = Math.max(longestFrameMs, atMs - beforeMs);
    watchFrames(atMs);
  });
  window.ask = async (question, { read = 'reader', path = '/chat', method = 'POST', mark = true } = {}) => {
    const element = document.createElement('div');
    if (mark) element.setAttribute('data-dip-answer', '');
    element.setAttribute('elementtiming', 'answer');
    document.body.append(element);
    watchFrames();
    window.askedMs = performance.now();
    const response = await fetch(path, method === 'GET' ? {} : { method, body: JSON.stringify({ messages: [{ role: 'user', content: question }] }) });
    const pieces = [];
    const seen = (text) => { pieces.push({ text, atMs: performance.now() }); element.append(text); };
    if (read === 'reader') {
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        seen(decoder.decode(value, { stream: true }));
      }
    } else if (read === 'piped') {
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        seen(value);
      }
    } else if (read === 'iterated') {
      const decoder = new TextDecoder();
      for await (const value of response.body) seen(decoder.decode(value));
    } else {
      seen(await response.text());
    }
    return pieces;
  };`;

const answers = (diptych: Peer, count = 1): Promise<Json[]> =>
  until(
    () => diptych.events('answer'),
    'the answer',
    (found) => found.length >= count,
  );

for (const read of ['reader', 'piped', 'iterated'] as const) {
  test(`a streamed answer is measured as it is felt (read by ${read})`, async ({
    page,
    open,
    site,
    diptych,
  }) => {
    chat(site, [
      [200, 'data: Hello'],
      [400, ' dear'],
      [1400, ' customer\n\n'],
    ]);
    await open({ before: READ });
    await page.evaluate(`ask('Where is my order?', { read: '${read}' })`);
    const endedMs = Date.now();
    const [event] = await answers(diptych);
    const arrived = diptych.received.filter((each) => each.body.includes('"type":"answer"')).at(-1);
    expect((arrived?.atMs ?? 0) - endedMs).toBeLessThan(1000);
    const answer = event?.answer as Json;
    expect(answer).toMatchObject({
      url: `${site.origin}/chat`,
      method: 'POST',
      chunks: 3,
      bytes: 27,
      end_reason: 'done',
      hidden_ms: 0,
    });
    expect(answer).not.toHaveProperty('question');
    expect(answer.first_byte_ms).toBeGreaterThanOrEqual(190);
    expect(answer.first_byte_ms).toBeLessThan(600);
    expect(answer.first_paint_ms).toBeGreaterThanOrEqual(answer.first_byte_ms);
    const painted = (await page.evaluate('painted.then((atMs) => [atMs - askedMs, longestFrameMs])')) as [
      number,
      number,
    ];
    const [paintedMs, frameMs] = painted;
    expect(Math.abs(answer.first_paint_ms - paintedMs)).toBeLessThanOrEqual(frameMs + 2);
    expect(answer.first_paint_source).toBe('attribute');
    expect(answer.done_ms).toBeGreaterThanOrEqual(1990);
    expect(answer.stalls).toEqual([{ start_ms: expect.any(Number), duration_ms: expect.any(Number) }]);
    expect(answer.stalls[0].duration_ms).toBeGreaterThanOrEqual(1300);
    const asked = site.received.find((each) => each.path === '/chat');
    expect(event?.dip).toMatchObject({
      event_id: answer.id,
      trace_id: String(asked?.headers.traceparent).split('-')[1],
    });
  });
}

test('the page sees the same bytes at the same time with us and without us', async ({
  page,
  context,
  open,
  site,
}) => {
  const PIECES = 40;
  site.on('/timed', async (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    for (let i = 0; i < PIECES; i += 1) {
      response.write(`data: ${i} ${Date.now()}\n\n`);
      await pause(40);
    }
    response.end();
  });
  // Each piece says when it was sent; the page notes how long after that it had it in its hands.
  const read = `fetch('/timed', { method: 'POST' }).then(async ({ body }) => {
    const decoder = new TextDecoder();
    const seen = [];
    for (const reader = body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) return seen;
      const now = Date.now();
      for (const line of decoder.decode(value).trim().split('\\n\\n')) {
        const [, index, sentMs] = line.split(' ');
        seen.push({ index: Number(index), delayMs: now - Number(sentMs) });
      }
    }
  })`;
  site.html('/plain', '<p>without us</p>');
  await open();
  const plain = await context.newPage();
  await plain.goto(`${site.origin}/plain`);
  type Piece = { index: number; delayMs: number };
  const [withUs, without] = (await Promise.all([page, plain].map((each) => each.evaluate(read)))) as [
    Piece[],
    Piece[],
  ];
  const all = Array.from({ length: PIECES }, (_, index) => index);
  expect(withUs.map((piece) => piece.index)).toEqual(all);
  expect(without.map((piece) => piece.index)).toEqual(all);
  const median = (pieces: Piece[]) =>
    pieces.map((piece) => piece.delayMs).sort((a, b) => a - b)[PIECES / 2] ?? 0;
  expect(median(withUs) - median(without)).toBeLessThanOrEqual(5);
});

test('a stream that the page reads slowly is taken slowly: nothing is read ahead or kept by us', async ({
  page,
  context,
  open,
  site,
}) => {
  const BLOCK = 64 * 1024;
  const takenBy: Record<string, number> = {};
  site.on('/endless', async (request, response) => {
    const who = new URL(request.url ?? '', site.origin).searchParams.get('who') ?? '';
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    let isOpen = true;
    response.on('close', () => {
      isOpen = false;
    });
    for (let blocks = 1; isOpen && blocks <= 2000; blocks += 1) {
      takenBy[who] = blocks * BLOCK;
      if (!response.write('x'.repeat(BLOCK))) await new Promise((done) => response.once('drain', done));
    }
  });
  site.html('/plain', '<p>without us</p>');
  await open();
  const plain = await context.newPage();
  await plain.goto(`${site.origin}/plain`);
  const readOnce = (who: string) => `fetch('/endless?who=${who}').then(async (response) => {
    window.reader = response.body.getReader();
    await reader.read();
  })`;
  await page.evaluate(readOnce('us'));
  await plain.evaluate(readOnce('plain'));
  await pause(1500);
  const [us, without] = [takenBy.us ?? 0, takenBy.plain ?? 0];
  expect(without).toBeLessThan(2000 * BLOCK);
  expect(us).toBeLessThan(without * 1.5);
});

test('a stop by the user ends the request at the server too, and is told from a lost connection', async ({
  page,
  open,
  site,
  diptych,
}) => {
  let closedMs = 0;
  site.on('/chat', async (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.on('close', () => {
      closedMs = Date.now();
    });
    for (let i = 0; i < 100 && !closedMs; i += 1) {
      response.write(`data: ${i}\n\n`);
      await pause(50);
    }
  });
  site.on('/lost', async (request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: 1\n\n');
    await pause(200);
    request.socket.destroy();
  });
  await open({ before: READ, body: `<button onclick="stopper.cancel()">Stop</button>` });
  await page.evaluate(`fetch('/chat', { method: 'POST' }).then((response) => {
    window.stopper = response.body.getReader();
    (async () => { while (!(await stopper.read()).done); })();
  })`);
  await pause(300);
  await page.click('button');
  const [stopped] = await answers(diptych);
  expect(stopped?.answer.end_reason).toBe('stopped');
  await until(
    () => closedMs,
    'the end at the server',
    (ms) => ms > 0,
  );
  await page.evaluate(`ask('x', { path: '/lost' }).catch(() => 0)`);
  const [, lost] = await answers(diptych, 2);
  expect(lost?.answer.end_reason).toBe('network');
  const reactions = await until(
    () => diptych.events('reaction'),
    'the reaction',
    (found) => found.length > 0,
  );
  expect(reactions.map((event) => [event.reaction.kind, event.reaction.answer_id])).toEqual([
    ['stop', stopped?.answer.id],
  ]);
});

test('a page that stops reading by itself has its whole answer, however shortly after the question', async ({
  page,
  open,
  site,
  diptych,
}) => {
  site.on('/chat', (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: hello\n\ndata: [DONE]\n\n'); // and stays open
  });
  await open({
    body: `<button>Ask</button>`,
    after: `addEventListener('click', async () => {
      const reader = (await fetch('/chat', { method: 'POST' })).body.getReader();
      await reader.read();
      reader.cancel();
      const source = new EventSource('/chat');
      source.onmessage = ({ data }) => { if (data === '[DONE]') source.close(); };
      for (let i = 0; i < 3; i += 1) source.addEventListener('x' + i, () => 0);
    });`,
    init: { answerUrls: [`${site.origin}/chat`] },
  });
  await page.click('button');
  const found = await answers(diptych, 2);
  expect(found.map((event) => event.answer.end_reason)).toEqual(['done', 'done']);
  expect(diptych.events('reaction')).toEqual([]);
});

test('a page that never reads to the end has an answer that ended with its last piece', async ({
  page,
  open,
  site,
  diptych,
}) => {
  chat(site, [
    [50, 'data: hello\n\n'],
    [200, 'data: [DONE]\n\n'],
  ]);
  await open();
  await page.evaluate(`fetch('/chat', { method: 'POST' }).then(async (response) => {
    const reader = response.body.getReader();
    while (!new TextDecoder().decode((await reader.read()).value).includes('[DONE]'));
  })`);
  const [event] = await answers(diptych);
  expect(event?.answer).toMatchObject({ end_reason: 'done', chunks: 2 });
  expect(event?.answer.done_ms).toBeLessThan(700);
});

test('an aborted request is a stopped answer, a failing endpoint a failed one', async ({
  page,
  open,
  site,
  diptych,
}) => {
  chat(site, [
    [50, 'data: a\n\n'],
    [5000, 'data: b\n\n'],
  ]);
  await open();
  await page.evaluate(`(async () => {
    const abort = new AbortController();
    const response = await fetch('/chat', { method: 'POST', signal: abort.signal });
    const reader = response.body.getReader();
    await reader.read();
    setTimeout(() => abort.abort(), 50);
    await reader.read().catch(() => 0);
  })()`);
  await answers(diptych);
  site.on('/chat', (_, response) => void response.writeHead(500).end());
  await page.evaluate(`fetch('/chat', { method: 'POST' })`);
  const found = await answers(diptych, 2);
  expect(found.map((event) => event.answer.end_reason)).toEqual(['stopped', 'error']);
  expect(found[1]?.answer.status_code).toBe(500);
});

test('an answer that the page pipes away has an end all the same', async ({ page, open, site, diptych }) => {
  chat(site, [
    [50, 'data: a\n\n'],
    [100, 'data: b\n\n'],
  ]);
  await open();
  await page.evaluate(
    `fetch('/chat', { method: 'POST' }).then((response) => response.body.pipeTo(new WritableStream()))`,
  );
  const [event] = await answers(diptych);
  expect(event?.answer).toMatchObject({ end_reason: 'done', chunks: 0 });
  expect(event?.answer.done_ms).toBeGreaterThanOrEqual(140);
});

test('lines of JSON and posted plain text that comes in pieces are answers; a JSON response is none', async ({
  page,
  open,
  site,
  diptych,
}) => {
  const pieces: [number, string][] = [
    [30, 'a'],
    [80, 'b'],
    [80, 'c'],
    [80, 'd'],
  ];
  chat(site, pieces, 'application/x-ndjson', '/lines');
  chat(site, pieces, 'text/plain; charset=utf-8', '/text');
  chat(site, pieces, 'application/json', '/json');
  await open({ before: READ });
  await page.evaluate(`Promise.all(['/lines', '/text', '/json'].map((path) => ask('x', { path })))`);
  const found = await answers(diptych, 2);
  expect(found.map((event) => new URL(event.answer.url).pathname).sort()).toEqual(['/lines', '/text']);
});

test('XHR and EventSource answers are measured; the EventSource carries the session in its address', async ({
  page,
  open,
  site,
  diptych,
}) => {
  chat(site, [
    [50, 'data: a\n\n'],
    [100, 'data: b\n\n'],
    [100, 'data: c\n\n'],
  ]);
  await open();
  const session = await page.evaluate('diptych.getSessionId()');
  await page.evaluate(`new Promise((done) => {
    const xhr = new XMLHttpRequest();
    xhr.open('POST', '/chat');
    xhr.onload = done;
    xhr.send('{"prompt":"hi"}');
  })`);
  await page.evaluate(`new Promise((done) => {
    const source = new EventSource('/chat?q=hi');
    window.isEventSource = source instanceof EventSource;
    source.onerror = () => { source.close(); done(); };
  })`);
  const found = await answers(diptych, 2);
  expect(
    found.map((event) => [event.answer.method, event.answer.end_reason, event.answer.chunks >= 1]),
  ).toEqual([
    ['POST', 'done', true],
    ['GET', 'done', true],
  ]);
  const asked = site.received.filter((each) => each.path === '/chat').at(-1);
  expect(asked?.query.get('dip-session')).toBe(session);
  expect(asked?.query.get('dip-traceparent')).toBe(
    `00-${found[1]?.dip.trace_id}-${found[1]?.dip.span_id}-01`,
  );
  expect(await page.evaluate('isEventSource')).toBe(true);
});

test('leaving the page while the answer comes is told as such', async ({ page, open, site, diptych }) => {
  chat(site, [
    [50, 'data: a\n\n'],
    [5000, 'data: b\n\n'],
  ]);
  await open({ before: READ });
  await page.evaluate(`void ask('x')`);
  await pause(500);
  await leave(page);
  const [event] = await answers(diptych);
  expect(event?.answer).toMatchObject({ end_reason: 'hidden', chunks: 1 });
  const [reaction] = await until(
    () => diptych.events('reaction'),
    'the reaction',
    (found) => found.length > 0,
  );
  expect(reaction?.reaction).toMatchObject({ kind: 'leave', answer_id: event?.answer.id });
});

for (const [state, restMs] of [
  ['that has ended', 0],
  ['that still comes', 10_000],
] as const) {
  test(`a rage click just before the page is left is a reaction to the answer ${state}, as leaving is`, async ({
    page,
    open,
    site,
    diptych,
  }) => {
    chat(site, [
      [30, 'data: I cannot help '],
      [restMs, 'with that'],
    ]);
    await open({ before: READ, body: '<button id="dead">Show it</button>' });
    await page.evaluate(`void ask('x')`);
    await expect(page.locator('[data-dip-answer]')).toContainText(restMs > 0 ? 'help' : 'with that');
    await pause(300);
    await quickClicks(page, '#dead', 4);
    await leave(page);
    const reactions = await until(
      () => diptych.events('reaction'),
      'the reactions',
      (found) => found.length >= 2,
    );
    expect(diptych.events('action')[0]?.action.frustration.type).toContain('rage_click');
    const answer = diptych.events('answer')[0]?.answer.id;
    expect(reactions.map(({ reaction }) => [reaction.kind, reaction.answer_id]).sort()).toEqual([
      ['leave', answer],
      ['rage_click', answer],
    ]);
  });
}

test('a hidden tab is told from a slow answer', async ({ page, open, site, diptych }) => {
  chat(site, [
    [100, 'data: one'],
    [1300, ' two'],
    [100, ' three\n\n'],
  ]);
  await open({ before: READ });
  await page.evaluate(`ask('Slow?')`);
  await page.evaluate(`
    // What the browser does when another tab comes to the front.
    const hide = (isHidden) => {
      const atMs = performance.now();
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (isHidden ? 'hidden' : 'visible') });
      document.dispatchEvent(new Event('visibilitychange'));
      return atMs;
    };
    let hiddenAtMs = 0;
    setTimeout(() => { hiddenAtMs = hide(true); }, 300);
    setTimeout(() => { window.hiddenMs = hide(false) - hiddenAtMs; }, 900);
    ask('Hidden?');
  `);
  const [slow, hidden] = await answers(diptych, 2);
  expect(slow?.answer).toMatchObject({ hidden_ms: 0, end_reason: 'done', stalls: [expect.anything()] });
  const hiddenMs = Number(await page.evaluate('hiddenMs'));
  expect(Math.abs(hidden?.answer.hidden_ms - hiddenMs)).toBeLessThanOrEqual(20);
  expect(hidden?.answer.end_reason).toBe('done');
});

test('questions are kept only when captureAnswerText says so', async ({ page, open, site, diptych }) => {
  chat(site, [[30, 'data: a\n\n']]);
  await open({ before: READ, init: { captureAnswerText: true } });
  await page.evaluate(`ask('Where is my order?')`);
  expect((await answers(diptych))[0]?.answer.question).toBe('Where is my order?');
});

test('what is done with an answer is told once, tied to it and its trace', async ({
  page,
  open,
  site,
  diptych,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  chat(site, [[30, 'data: It is on its way']]);
  await open({
    before: READ,
    body: `<article><button aria-label="Thumbs up">+</button></article>
      <button id="copy" onclick="navigator.clipboard.writeText('x')">Copy</button>`,
  });
  await page.evaluate(`ask('Where is my parcel now please?')`);
  const [first] = await answers(diptych);
  await page.click('#copy');
  await page.click('#copy');
  await page.click('[aria-label="Thumbs up"]');
  await page.evaluate(`ask('Where is my parcel right now please?')`);
  const second = (await answers(diptych, 2))[1];
  await page.evaluate(`ask('Where is my parcel right now please?')`);
  const third = (await answers(diptych, 3))[2];
  expect(await page.evaluate(`diptych.addFeedback('thumbs_down', { comment: 'late' })`)).toBe(true);
  const found = await until(
    () => diptych.events('reaction'),
    'the reactions',
    (all) => all.length >= 4,
  );
  const facts = found.map(({ reaction, dip }) => ({
    kind: reaction.kind,
    answer: reaction.answer_id,
    source: reaction.source,
    trace: dip.trace_id,
  }));
  const fact = (kind: string, event: Json | undefined, source = 'behaviour') => ({
    kind,
    answer: event?.answer.id,
    source,
    trace: event?.dip.trace_id,
  });
  expect(facts).toEqual([
    fact('thumbs_up', first),
    fact('rephrase', first),
    fact('retry', second),
    fact('thumbs_down', third, 'explicit'),
  ]);
});

test('a button is known by the words on its face', async ({ page, open, site, diptych }) => {
  chat(site, [[30, 'data: It is on its way']]);
  await open({ before: READ, body: '<button><div>Good</div><div>re<b>spon</b>se</div></button>' });
  await page.evaluate(`ask('x')`);
  await answers(diptych);
  await page.click('button');
  const [event] = await until(
    () => diptych.events('reaction'),
    'the reaction',
    (found) => found.length > 0,
  );
  expect(event?.reaction.kind).toBe('thumbs_up');
});

test('selecting words of an answer and copying them is a copy', async ({ page, open, site, diptych }) => {
  chat(site, [[30, 'data: It is on its way']]);
  await open({ before: READ });
  await page.evaluate(`ask('x')`);
  const [answer] = await answers(diptych);
  await page.evaluate(`getSelection().selectAllChildren(document.querySelector('[data-dip-answer]'))`);
  await page.keyboard.press('Control+c');
  const [event] = await until(
    () => diptych.events('reaction'),
    'the reaction',
    (found) => found.length > 0,
  );
  expect(event?.reaction).toMatchObject({ kind: 'copy', answer_id: answer?.answer.id, confidence: 0.95 });
});

test('an answer whose element is exchanged for another once it is done can be copied', async ({
  page,
  open,
  site,
  diptych,
}) => {
  chat(site, [[30, 'data: It is on its way']]);
  await open({ before: READ });
  await page.evaluate(`ask('x', { mark: false }).then(() => {
    const done = document.createElement('article');
    done.textContent = 'It is on its way';
    document.querySelector('[elementtiming]').replaceWith(done);
  })`);
  const [answer] = await answers(diptych);
  await page.evaluate("getSelection().selectAllChildren(document.querySelector('article'))");
  await page.keyboard.press('Control+c');
  const [event] = await until(
    () => diptych.events('reaction'),
    'the reaction',
    (found) => found.length > 0,
  );
  expect(event?.reaction).toMatchObject({ kind: 'copy', answer_id: answer?.answer.id, confidence: 0.5 });
});

test('answers by other ways are told by the page', async ({ page, open, diptych }) => {
  await open({ body: '<div id="out"></div>' });
  await page.evaluate(`(async () => {
    const id = diptych.startAnswer({ element: document.getElementById('out'), question: 'x', url: 'wss://chat.example/' });
    await new Promise((done) => setTimeout(done, 100));
    diptych.addAnswerChunk(id, 5);
    document.getElementById('out').append('Hello');
    await new Promise((done) => setTimeout(done, 100));
    diptych.stopAnswer(id);
  })()`);
  const [event] = await answers(diptych);
  expect(event?.answer).toMatchObject({
    url: 'wss://chat.example/',
    chunks: 1,
    bytes: 5,
    end_reason: 'done',
    first_paint_source: 'heuristic',
  });
});
