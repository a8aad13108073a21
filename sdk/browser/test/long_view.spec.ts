import { expect, type Json, leave, type Page, type Peer, test, until } from './fixture';
import { replayed, SHAPE } from './replayed';

const MINUTE_MS = 60_000;
const [META, FULL_SNAPSHOT, INCREMENTAL_SNAPSHOT] = [4, 2, 3];
/** A source of incremental snapshots. */
const SCROLL = 3;
/** More than a megabyte of changes, in one text. */
const CHANGE_MUCH = `document.querySelector('#log').textContent = 'word '.repeat(250_000)`;
const CHANGE_LITTLE = `document.querySelector('#log').textContent = 'a word'`;

/** A clock put forward ends requests that are under way, and what they carried is sent again: the server keeps it once. */
function segments(diptych: Peer): { header: Json; records: Json[] }[] {
  const kept = new Map<string, { header: Json; records: Json[] }>();
  for (const segment of diptych.segments()) {
    const key = `${segment.header.view.id} ${segment.header.index_in_view}`;
    const first = kept.get(key) ?? segment;
    expect(segment.records, `segment ${key}, sent again`).toEqual(first.records);
    kept.set(key, first);
  }
  return [...kept.values()];
}

const records = (diptych: Peer): Json[] => segments(diptych).flatMap((segment) => segment.records);
const snapshots = (diptych: Peer): number =>
  records(diptych).filter((record) => record.type === FULL_SNAPSHOT).length;

/** Lets what was recorded so far leave, and what an idle page is given to do be done. */
async function settle(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => requestIdleCallback(() => setTimeout(done, 50)))');
  await page.clock.fastForward(6000);
  await page.waitForTimeout(100);
}

/** Waits until the recording has begun. */
async function begun(page: Page, diptych: Peer): Promise<void> {
  await until(
    () => diptych.received.some((each) => each.path.endsWith('diptych-recorder.js')),
    'the recorder',
    Boolean,
  );
  await settle(page);
  await until(
    () => snapshots(diptych),
    'the first snapshot',
    (count) => count === 1,
  );
}

test('a long view begins anew with a full snapshot when much has changed, and long enough after the latest', async ({
  page,
  open,
  diptych,
}) => {
  await page.clock.install();
  await open({ body: '<p id="log"></p>' });
  await begun(page, diptych);
  await test.step('not soon after it, however much has changed', async () => {
    await page.evaluate(CHANGE_MUCH);
    await page.clock.fastForward(MINUTE_MS);
    await page.evaluate(CHANGE_LITTLE);
    await settle(page);
    expect(snapshots(diptych)).toBe(1);
  });
  await test.step('not while nothing changes', async () => {
    await page.clock.fastForward(5 * MINUTE_MS);
    await settle(page);
    expect(snapshots(diptych)).toBe(1);
  });
  await test.step('as soon as something happens again', async () => {
    await page.mouse.click(40, 40);
    await settle(page);
    await until(
      () => snapshots(diptych),
      'the snapshot',
      (count) => count === 2,
    );
  });
  await test.step('and then not for long, nor after little', async () => {
    await page.clock.fastForward(6 * MINUTE_MS);
    await page.evaluate(CHANGE_LITTLE);
    await settle(page);
    expect(snapshots(diptych)).toBe(2);
  });
  const headers = segments(diptych)
    .map(({ header }) => header)
    .sort((a, b) => a.index_in_view - b.index_in_view);
  expect(new Set(headers.map(({ view }) => view.id)).size).toBe(1);
  expect(headers.map(({ index_in_view }) => index_in_view)).toEqual(headers.map((_, index) => index));
  const whole = segments(diptych).filter(({ header }) => header.has_full_snapshot);
  expect(whole).toHaveLength(2);
  for (const segment of whole) {
    const at = segment.records.findIndex(({ type }) => type === FULL_SNAPSHOT);
    expect(segment.records[at - 1]?.type).toBe(META);
  }
});

const RICH = `<style>#scrolled { height: 60px; overflow: auto } canvas { display: block }</style>
  <main data-dip-privacy="allow"><p id="log"></p><div id="scrolled"><p style="height: 900px">tall</p></div>
  <input id="name"><input id="box" type="checkbox"><textarea id="area"></textarea>
  <canvas width="8" height="8"></canvas><ul><li>first</li><li>second</li></ul></main>
  <x-card></x-card><iframe src="/frame"></iframe><p style="height: 3000px"></p>`;

const DRESS = `
  const sheet = (text) => { const made = new CSSStyleSheet(); made.replaceSync(text); return made; };
  const card = document.querySelector('x-card').attachShadow({ mode: 'open' });
  card.innerHTML = '<p>in the shadow</p>';
  card.adoptedStyleSheets = [sheet('p { color: rgb(1, 2, 3); }')];
  document.adoptedStyleSheets = [sheet('li { color: rgb(4, 5, 6); }')];
  const drawn = document.querySelector('canvas').getContext('2d');
  drawn.fillStyle = 'rgb(0, 128, 0)';
  drawn.fillRect(0, 0, 8, 8);`;

const LIVE = (turn: string) => `(() => {
  document.querySelector('#log').textContent = 'log ${turn}';
  document.querySelector('#scrolled').scrollTop = ${turn.length} * 20;
  scrollTo(0, ${turn.length} * 30);
  const item = document.createElement('li');
  item.textContent = 'item ${turn}';
  const list = document.querySelector('ul');
  list.prepend(item);
  list.lastElementChild.remove();
  list.append(list.firstElementChild);
  document.querySelector('x-card').shadowRoot.append('shadow ${turn}');
  document.querySelector('iframe').contentDocument.body.append('frame ${turn}');
})()`;

/** What there is to compare: the page, or the rebuilt one. */
const LOOK = `(body) => {
  const find = (selector) => body.querySelector(selector);
  const colour = (element) => element && getComputedStyle(element).color;
  return {
    lines: (${SHAPE})(body),
    scrolled: [find('#scrolled').scrollTop, body.ownerDocument.scrollingElement.scrollTop],
    values: [find('#name').value, find('#box').checked, find('#area').value],
    colours: [colour(find('li')), colour(find('x-card').shadowRoot.querySelector('p'))],
    pixel: [...find('canvas').getContext('2d').getImageData(4, 4, 1, 1).data].map((part) => Math.round(part / 16)),
  };
}`;

test('a replay from a snapshot within the view shows what the page showed, as does one from the view’s start', async ({
  page,
  context,
  open,
  site,
  diptych,
}) => {
  site.html('/frame', '<!doctype html><p>in the frame</p>');
  await page.clock.install();
  await open({ body: RICH, init: { sessionReplayCanvasRecording: { enable: true, quality: 'high' } } });
  await page.evaluate(DRESS);
  await begun(page, diptych);
  await page.fill('#name', 'Ana');
  await page.check('#box');
  await page.fill('#area', 'a text');
  await page.evaluate(LIVE('before'));
  await page.evaluate(CHANGE_MUCH);
  await settle(page);
  await page.clock.fastForward(5 * MINUTE_MS);
  await page.evaluate(LIVE('again'));
  await settle(page);
  await until(
    () => snapshots(diptych),
    'the snapshot',
    (count) => count === 2,
  );
  await page.evaluate(LIVE('after that'));
  await page.fill('#name', 'Ana Ruiz');
  await page.locator('#name').blur();
  await settle(page);
  const shown = await page.evaluate(`(${LOOK})(document.body)`);
  await leave(page);
  const all = await until(
    () => records(diptych),
    'the end',
    (found) => JSON.stringify(found).includes('log after that'),
  );
  const late = all.slice(all.map(({ type }) => type).lastIndexOf(META));
  expect(late[1]?.type).toBe(FULL_SNAPSHOT);
  expect(await replayed(context, site, all, LOOK), 'from the start').toEqual(shown);
  expect(await replayed(context, site, late, LOOK), 'from the snapshot').toEqual(shown);
});

test('what happens in a frame is recorded once, however many snapshots there were', async ({
  page,
  open,
  site,
  diptych,
}) => {
  site.html('/frame', '<!doctype html><p>first page</p>');
  site.html('/other', '<!doctype html><p>second page</p>');
  await open({ body: '<iframe src="/frame"></iframe>' });
  const frame = page.frameLocator('iframe');
  const within = (code: string) =>
    page.evaluate(`((within) => { ${code} })(document.querySelector('iframe').contentDocument)`);
  await page.waitForFunction('performance.now() > 1000');
  for (const path of ['/one', '/two', '/three']) {
    await page.evaluate(`history.pushState({}, '', '${path}')`);
    await page.waitForTimeout(500);
  }
  await within(`within.body.append('word on the first')`);
  await page.waitForTimeout(100);
  await page.evaluate(`document.querySelector('iframe').src = '/other'`);
  await expect(frame.locator('p')).toHaveText('second page');
  await page.waitForTimeout(300);
  await within(`within.body.append('word on the second')`);
  await page.waitForTimeout(100);
  // As previews do: the same document, whose listeners are gone.
  await within(
    `within.open(); within.write('<!doctype html><p style="height: 3000px">written</p>'); within.close();`,
  );
  await page.waitForTimeout(300);
  await within(`within.body.append('word on the written'); within.defaultView.scrollTo(0, 200);`);
  await page.waitForTimeout(300);
  await leave(page);
  const all = await until(
    () => records(diptych),
    'the end',
    (found) => JSON.stringify(found).includes('word on the written'),
  );
  const changes = all.filter((record) => record.type === INCREMENTAL_SNAPSHOT);
  const times = (text: string): number =>
    changes.filter((record) => JSON.stringify(record).includes(text)).length;
  const words = ['word on the first', 'second page', 'word on the second', 'word on the written'];
  expect(words.map((text) => [text, times(text)])).toEqual(words.map((text) => [text, 1]));
  expect(changes.filter(({ data }) => data.source === SCROLL && data.y === 200)).toHaveLength(1);
});

test('a frame whose document is still empty when it is recorded is recorded on, once', async ({
  page,
  open,
  diptych,
}) => {
  await page.clock.install();
  await open();
  await begun(page, diptych);
  await page.evaluate(`document.body.appendChild(document.createElement('iframe')).contentDocument.open()`);
  // So long is a frame waited for that does not load.
  await page.clock.fastForward(6000);
  const within = (code: string) =>
    page.evaluate(`((within) => { ${code} })(document.querySelector('iframe').contentDocument)`);
  await within(`within.write('<!doctype html><p style="height: 3000px">written</p>'); within.close();`);
  await page.waitForTimeout(200);
  await within(`within.body.append('word in the frame'); within.defaultView.scrollTo(0, 200);`);
  await page.waitForTimeout(300);
  await leave(page);
  const all = await until(
    () => records(diptych),
    'the end',
    (found) => JSON.stringify(found).includes('word in the frame'),
  );
  expect(all.filter((record) => JSON.stringify(record).includes('word in the frame'))).toHaveLength(1);
  expect(all.filter(({ data }) => data.source === SCROLL && data.y === 200)).toHaveLength(1);
});

test('a snapshot keeps nothing of the one before it', async ({ page, context, open }) => {
  const SNAPSHOTS = 10;
  await open({
    body: `<script>for (let i = 0; i < 1000; i += 1)
      document.body.appendChild(document.createElement('x-card')).attachShadow({ mode: 'open' }).append('card');
      </script>`,
  });
  const inspector = await context.newCDPSession(page);
  const heapBytes = async (): Promise<number> => {
    await page.waitForTimeout(500);
    await inspector.send('HeapProfiler.collectGarbage');
    return (await inspector.send('Runtime.getHeapUsage')).usedSize;
  };
  await page.waitForFunction('performance.now() > 1500');
  const beforeBytes = await heapBytes();
  for (let view = 0; view < SNAPSHOTS; view += 1) {
    await page.evaluate(`history.pushState({}, '', '/${view}')`);
    await page.waitForTimeout(300);
  }
  // Each held more than a megabyte; what one leaves are its segment and its view's events, until they are sent.
  expect((await heapBytes()) - beforeBytes).toBeLessThan(5_000_000);
});
