import { expect, type Json, leave, type Peer, test, until } from './fixture';

const PAUSE_MS = 100;
const PIECES = ['data: Hello\n\n', 'data: dear\n\n', 'data: customer\n\n', 'data: [DONE]\n\n'];
const BYTES = PIECES.join('').length;
const LAST_MS = PIECES.length * PAUSE_MS;

/** A chat that answers in pieces. */
function chat(site: Peer): void {
  site.on('/chat', async (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.flushHeaders();
    for (const piece of PIECES) {
      await new Promise((done) => setTimeout(done, PAUSE_MS));
      response.write(piece);
    }
    response.end();
  });
}

/** What pages do with a stream: ask, read it to its end, show what they have read. */
const PAGE = `
  window.ask = () => fetch('/chat', { method: 'POST', body: JSON.stringify({ question: 'Where is it?' }) });
  window.read = async (stream, show = () => undefined) => {
    const reader = stream.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      show(decoder.decode(value));
    }
  };
  window.show = (text) => document.querySelector('main').append(text);`;

const answers = (diptych: Peer): Promise<Json[]> =>
  until(
    () => diptych.events('answer'),
    'the answer',
    (found) => found.length > 0,
  );

test.describe('an answer that the page copies is told once, by the copy that is read furthest', () => {
  const WAYS: [way: string, script: string][] = [
    [
      'cloned, both read',
      'const first = await ask(); const second = first.clone(); await Promise.all([read(first.body, show), read(second.body)]);',
    ],
    [
      'cloned, the copy given up after its first piece',
      `const first = await ask(); const reader = first.clone().body.getReader();
       await reader.read(); await reader.cancel(); await read(first.body, show);`,
    ],
    [
      'cloned, the copy never read',
      'const first = await ask(); first.clone().body.cancel(); await read(first.body, show);',
    ],
    [
      'cloned, the copy as text for a log',
      'const first = await ask(); const text = first.clone().text(); await read(first.body, show); await text;',
    ],
    [
      'divided, both read',
      'const [first, second] = (await ask()).body.tee(); await Promise.all([read(first, show), read(second)]);',
    ],
    [
      'divided, the second read alone',
      'const [, second] = (await ask()).body.tee(); await read(second, show);',
    ],
    [
      'divided, the first given up',
      'const [first, second] = (await ask()).body.tee(); first.cancel(); await read(second, show);',
    ],
    [
      'begun by one reader, ended by another',
      `const { body } = await ask(); const reader = body.getReader(); const { value } = await reader.read();
       reader.releaseLock(); show(new TextDecoder().decode(value)); await read(body, show);`,
    ],
    [
      'read into memory of the page',
      `const reader = (await ask()).body.getReader({ mode: 'byob' });
       for (;;) {
         const { done, value } = await reader.read(new Uint8Array(1024));
         if (done) break;
         show(new TextDecoder().decode(value));
       }`,
    ],
  ];
  for (const [way, script] of WAYS)
    test(way, async ({ page, open, site, diptych }) => {
      chat(site);
      await open({ before: PAGE, body: '<main data-dip-answer></main>' });
      await page.evaluate(`(async () => { ${script} })()`);
      const [event] = await answers(diptych);
      await leave(page);
      expect(event?.answer).toMatchObject({ bytes: BYTES, end_reason: 'done' });
      // A busy machine may bring two in one.
      expect(event?.answer.chunks).toBeLessThanOrEqual(PIECES.length);
      expect(event?.answer.first_byte_ms).toBeLessThan(LAST_MS);
      expect(event?.answer.first_paint_ms).toBeLessThan(LAST_MS);
      expect(event?.answer.done_ms).toBeGreaterThanOrEqual(LAST_MS);
      expect(diptych.events('answer')).toHaveLength(1);
    });
});

test.describe('an answer that the page takes whole is one piece, there when all of it is', () => {
  for (const way of ['text', 'blob', 'arrayBuffer'])
    test(way, async ({ page, open, site, diptych }) => {
      chat(site);
      await open({ before: PAGE, body: '<main data-dip-answer></main>' });
      await page.evaluate(`ask().then((response) => response.${way}()).then(() => show('all of it'))`);
      const [event] = await answers(diptych);
      expect(event?.answer).toMatchObject({ chunks: 1, bytes: BYTES, end_reason: 'done' });
      const { first_byte_ms, first_paint_ms, done_ms }: Json = event?.answer ?? {};
      expect(first_byte_ms).toBeGreaterThanOrEqual(LAST_MS);
      expect(first_paint_ms).toBeGreaterThanOrEqual(first_byte_ms);
      expect(done_ms).toBeGreaterThanOrEqual(LAST_MS);
    });
});

test('words that are typed out after the end are the first that were seen', async ({
  page,
  open,
  site,
  diptych,
}) => {
  chat(site);
  await open({ before: PAGE, body: '<main data-dip-answer></main>' });
  await page.evaluate(`(async () => {
    let text = '';
    await read((await ask()).body, (piece) => { text += piece; });
    await new Promise((done) => setTimeout(done, 300));
    for (const letter of text) { show(letter); await new Promise((done) => setTimeout(done, 5)); }
  })()`);
  const [event] = await answers(diptych);
  expect(event?.answer.first_paint_ms).toBeGreaterThanOrEqual(LAST_MS + 300);
  expect(event?.answer.done_ms).toBeLessThan(LAST_MS + 300);
});

test.describe('the first words in a shadow root are seen', () => {
  const ROOTS: [root: string, script: string][] = [
    [
      'that was there',
      'const target = grow(root); await read((await ask()).body, (text) => target.append(text));',
    ],
    [
      'that is made while the answer comes, for each of its pieces anew',
      `await read((await ask()).body, (text) => {
         const target = document.createElement('a-message');
         root.replaceChildren(target);
         target.attachShadow({ mode: 'closed' }).innerHTML = '<p>' + text + '</p>';
       });`,
    ],
    ['whose text is written anew', 'await read((await ask()).body, (text) => { root.innerHTML = text; });'],
  ];
  for (const [which, script] of ROOTS)
    test(which, async ({ page, open, site, diptych }) => {
      chat(site);
      await open({ before: PAGE });
      await page.evaluate(`(async () => {
        const grow = (parent) => parent.appendChild(document.createElement('a-part')).attachShadow({ mode: 'open' });
        const root = grow(document.body);
        ${script}
      })()`);
      const [event] = await answers(diptych);
      expect(event?.answer.first_paint_ms).toBeLessThan(LAST_MS);
      expect(event?.answer.first_paint_source).toBe('heuristic');
    });
});

test('an answer that a worker reads ends with its last byte', async ({ page, open, site, diptych }) => {
  chat(site);
  await open({ before: PAGE, body: '<main></main>' });
  await page.evaluate(`(async () => {
    const script = 'onmessage = async ({ data }) => { for await (const piece of data); postMessage(0); }';
    const worker = new Worker(URL.createObjectURL(new Blob([script])));
    const { body } = await ask();
    const done = new Promise((resolve) => { worker.onmessage = resolve; });
    worker.postMessage(body, [body]);
    await done;
  })()`);
  const [event] = await answers(diptych);
  expect(event?.answer).toMatchObject({ chunks: 0, end_reason: 'done' });
  expect(event?.answer.done_ms).toBeGreaterThanOrEqual(LAST_MS);
});

test('an XHR that is stopped is one answer, from where others came too', async ({
  page,
  open,
  site,
  diptych,
}) => {
  chat(site);
  await open({ before: PAGE });
  await page.evaluate('ask().then((response) => read(response.body))');
  await answers(diptych);
  await page.evaluate(`new Promise((done) => {
    const xhr = new XMLHttpRequest();
    xhr.open('POST', '/chat');
    xhr.onprogress = () => setTimeout(() => xhr.abort());
    xhr.onloadend = done;
    xhr.send('{"question":"And now?"}');
  })`);
  await leave(page);
  await expect
    .poll(() => diptych.events('answer').map(({ answer }) => answer.end_reason))
    .toEqual(['done', 'stopped']);
});
