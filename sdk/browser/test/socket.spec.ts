import { expect, type Json, type Peer, test, until } from './fixture';
import type { Socket } from './socket';

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

const answers = (diptych: Peer, count = 1): Promise<Json[]> =>
  until(
    () => diptych.events('answer'),
    'the answer',
    (found) => found.length >= count,
  );

/** A chat server: sends pieces with pauses before them. */
function chat(site: Peer, pieces: [pauseMs: number, text: string][]): void {
  site.onSocketText = async (text: string, socket: Socket) => {
    if (!text.includes('prompt') && !text.includes('plain')) return;
    for (const [ms, piece] of pieces) {
      await pause(ms);
      socket.send(piece);
    }
  };
}

/** The page's chat: shows what comes. */
const CHAT = `
  window.socket = new WebSocket(location.origin.replace('http', 'ws') + '/chat?room=1');
  socket.onmessage = ({ data }) => { const text = JSON.parse(data).text; if (text) document.querySelector('#out').append(text); };
  window.opened = new Promise((done) => { socket.onopen = done; });`;
const BODY = '<div id="out" data-dip-answer></div><button id="stop">Stop</button>';

test('an address that is signed stays as it was written', async ({ page, open, site }) => {
  const query = "name=a%20b&flag&signature=%2Fx~(1)*!'&of=a=b+c";
  const asked: string[] = [];
  site.on('/feed', ({ url = '' }, response) => {
    asked.push(url);
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: on\n\n');
  });
  await open();
  await page.evaluate(
    `new Promise((done) => { new EventSource(${JSON.stringify(`/feed?${query}`)}).onopen = done; })`,
  );
  const address = `${site.origin.replace('http', 'ws')}/chat?${query}`;
  const url = await page.evaluate(`new WebSocket(${JSON.stringify(address)}).url`);
  // Browsers themselves write the quotation mark otherwise.
  for (const each of [asked[0], url]) expect(each).toContain(`?${query.replace("'", '%27')}&dip-session=`);
});

test('an answer that comes by a WebSocket is measured by itself: first word, stall, end, session in the address', async ({
  page,
  open,
  site,
  diptych,
}) => {
  chat(site, [
    [200, '{"type":"delta","text":"It is "}'],
    [50, '{"type":"delta","text":"on its "}'],
    [1300, '{"type":"delta","text":"way"}'],
    [50, '{"type":"response.done"}'],
  ]);
  await open({ body: BODY, after: CHAT });
  await page.evaluate(
    `opened.then(() => socket.send(JSON.stringify({ type: 'ask', prompt: 'Where is it?' })))`,
  );
  const [event] = await answers(diptych);
  const answer = event?.answer as Json;
  expect(answer).toMatchObject({
    url: `${site.origin.replace('http', 'ws')}/chat?room=1`,
    chunks: 4,
    end_reason: 'done',
    first_paint_source: 'attribute',
  });
  expect(answer.first_byte_ms).toBeGreaterThanOrEqual(195);
  expect(answer.first_byte_ms).toBeLessThan(500);
  expect(answer.first_paint_ms - answer.first_byte_ms).toBeLessThan(150);
  expect(answer.stalls).toHaveLength(1);
  expect(answer.stalls[0].duration_ms).toBeGreaterThanOrEqual(1250);
  // The end is the last message, not the silence after it.
  expect(answer.done_ms).toBeLessThan(2100);
  const handshake = site.received.find((each) => each.path === '/chat');
  expect(handshake?.query.get('dip-session')).toBe(await page.evaluate('diptych.getSessionId()'));
  expect(handshake?.query.get('dip-traceparent')).toBe(`00-${event?.dip.trace_id}-${event?.dip.span_id}-01`);
  expect(handshake?.query.get('room')).toBe('1');
});

test('each question of a socket has its answer; one asked again is a retry', async ({
  page,
  open,
  site,
  diptych,
}) => {
  chat(site, [
    [30, '{"text":"a"}'],
    [30, '{"text":"b"}'],
    [30, '{"done":true}'],
  ]);
  await open({ body: BODY, after: CHAT });
  const ask = `opened.then(() => socket.send(JSON.stringify({ prompt: 'Where is my parcel?' })))`;
  await page.evaluate(ask);
  await answers(diptych);
  await page.evaluate(ask);
  const found = await answers(diptych, 2);
  const [reaction] = await until(
    () => diptych.events('reaction'),
    'the reaction',
    (all) => all.length > 0,
  );
  expect(reaction?.reaction).toMatchObject({
    kind: 'retry',
    answer_id: found[0]?.answer.id,
    confidence: 0.9,
  });
  // Not when the second answer ended, which is when it is known. The wall clock tells whole milliseconds: of one page
  // moment it may tell two that are next to each other.
  expect(Math.abs((reaction?.date ?? 0) - (found[1]?.date ?? 0))).toBeLessThanOrEqual(1);
});

test('people who chat with each other are no answers; a socket that answerUrls names needs no end mark', async ({
  page,
  open,
  site,
  diptych,
}) => {
  site.onSocketText = async (_, socket) => {
    for (let i = 0; i < 5; i += 1) {
      await pause(20);
      socket.send('{"text":"hi"}');
    }
  };
  await open({ body: BODY, after: CHAT });
  await page.evaluate(`opened.then(() => socket.send(JSON.stringify({ message: 'Hello everybody' })))`);
  await page.waitForTimeout(400);
  await page.evaluate('socket.close()');
  await open({
    body: BODY,
    after: CHAT,
    init: { answerUrls: [`${site.origin.replace('http', 'ws')}/chat`] },
  });
  await page.evaluate(`opened.then(() => socket.send('a plain question'))`);
  await page.waitForTimeout(400);
  await page.evaluate(`socket.send(JSON.stringify({ type: 'ping' })); socket.send('the next question')`);
  await page.waitForTimeout(100);
  await page.evaluate('socket.close()');
  const found = await answers(diptych, 2);
  expect(found.map(({ answer }) => [answer.chunks, answer.end_reason])).toEqual([
    [5, 'done'],
    [expect.any(Number), 'done'],
  ]);
  expect(found[0]?.answer.done_ms).toBeLessThan(400);
});

test('a stop on a socket and a lost connection are told apart', async ({ page, open, site, diptych }) => {
  site.onSocketText = async (text, socket) => {
    for (let i = 0; i < 4; i += 1) {
      socket.send('{"text":"x"}');
      await pause(20);
    }
    if (text.includes('lose')) socket.break();
  };
  const named = { answerUrls: [`${site.origin.replace('http', 'ws')}/chat`] };
  await open({
    body: BODY,
    init: named,
    after: `${CHAT} document.addEventListener('click', () => socket.send('{"type":"cancel"}'))`,
  });
  await page.evaluate(`opened.then(() => socket.send('{"prompt":"x"}'))`);
  await page.waitForTimeout(300);
  await page.click('#stop');
  const [stopped] = await answers(diptych);
  expect(stopped?.answer.end_reason).toBe('stopped');
  await page.evaluate(`socket.send('{"prompt":"lose"}')`);
  const [, lost] = await answers(diptych, 2);
  expect(lost?.answer.end_reason).toBe('network');
});

test('a page sees its socket as without us', async ({ page, open, site }) => {
  chat(site, [[10, '{"text":"a"}']]);
  await open({ body: BODY, after: CHAT });
  const facts = await page.evaluate(`opened.then(() => {
    let refused;
    try { new WebSocket('ws://['); } catch (error) { refused = error.name; }
    return [socket instanceof WebSocket, socket.readyState === WebSocket.OPEN, WebSocket.name, refused];
  })`);
  expect(facts).toEqual([true, true, 'WebSocket', 'SyntaxError']);
});

test('a question that is taken up again and changed is an edit', async ({ page, open, site, diptych }) => {
  site.on('/chat', (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end('data: hello\n\n');
  });
  await open({
    body: '<form><input id="ask"><button>Send</button></form><p data-dip-answer></p>',
    after: `addEventListener('submit', async (event) => {
      event.preventDefault();
      const question = document.querySelector('#ask').value;
      const response = await fetch('/chat', { method: 'POST', body: JSON.stringify({ question }) });
      document.querySelector('[data-dip-answer]').append(await response.text());
    })`,
  });
  await page.fill('#ask', 'Which tent is light?');
  await page.keyboard.press('Enter');
  const [first] = await answers(diptych);
  await page.locator('#ask').press('End');
  await page.keyboard.type(' And warm');
  await page.keyboard.press('Enter');
  const [reaction] = await until(
    () => diptych.events('reaction'),
    'the reaction',
    (all) => all.length > 0,
  );
  expect(reaction?.reaction).toMatchObject({
    kind: 'edit',
    answer_id: first?.answer.id,
    confidence: 0.9,
    source: 'behaviour',
  });
});
