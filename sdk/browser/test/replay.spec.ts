import { expect, type Json, leave, type Peer, test, until } from './fixture';
import { replayed, SHAPE } from './replayed';

const SECRETS = [
  'ada-typed',
  'hunter2-default',
  'hunter3-typed',
  'hidden-value',
  'area-typed',
  'area-default',
  'card-number',
  'edited-text',
  'csrf-token-1',
];

const FORM = `<meta name="csrf-token" content="csrf-token-1"><form>
  <input id="name" placeholder="Your name">
  <input id="password" type="password" value="hunter2-default">
  <input type="hidden" value="hidden-value">
  <input id="card" autocomplete="cc-number" data-dip-privacy="allow">
  <textarea id="area">area-default</textarea>
  <div id="editor" contenteditable="true"></div>
  <select id="choice"><option>first</option><option>second</option></select>
  <input id="box" type="checkbox">
  <input type="submit" value="Send it">
  <input id="shown" data-dip-privacy="allow">
</form><p>Ordinary text</p><p data-dip-privacy="mask">Masked text</p><p class="dd-privacy-hidden">Hidden text</p>`;

/** Everything an rrweb record may hold, walked for nodes of a tag. */
function nodes(value: unknown, tag: string): Json[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap((each) => nodes(each, tag));
  return (value as Json).tagName === tag ? [value as Json, ...inside] : inside;
}

const recorded = (diptych: Peer, count = 1) =>
  until(
    () => diptych.segments(),
    'the recording',
    (segments) => segments.length >= count,
  );

test('nothing that is typed or secret is in any request; what is allowed is', async ({
  page,
  open,
  diptych,
}) => {
  await open({ body: FORM });
  await page.waitForFunction('performance.now() > 800');
  await page.fill('#name', 'ada-typed');
  await page.fill('#password', 'hunter3-typed');
  // A "show password" toggle does not show it to us.
  await page.evaluate(`document.querySelector('#password').type = 'text'`);
  await page.type('#password', 'hunter3-typed');
  await page.fill('#area', 'area-typed');
  await page.fill('#card', 'card-number');
  await page.fill('#editor', 'edited-text');
  await page.fill('#shown', 'allowed-value');
  await page.check('#box');
  await page.selectOption('#choice', 'second');
  await page.evaluate(`document.querySelector('#name').value = 'ada-typed again'`);
  await page.evaluate(`history.pushState({}, '', '/second-view')`);
  await page.waitForTimeout(400);
  await leave(page);
  await recorded(diptych, 2);
  const all = diptych.received.map((each) => each.body).join('\n');
  for (const secret of SECRETS) expect(all.includes(secret), secret).toBe(false);
  for (const hidden of ['Masked text', 'Hidden text']) expect(all.includes(hidden), hidden).toBe(false);
  for (const seen of ['Ordinary text', 'xxxxxx xxxx', 'Send it', 'allowed-value', 'Your name'])
    expect(all.includes(seen), seen).toBe(true);
  const boxes = nodes(diptych.segments(), 'input').filter((node) => node.attributes.id === 'box');
  expect(boxes.every((box) => !('checked' in box.attributes))).toBe(true);
  const options = nodes(diptych.segments(), 'option');
  expect(options.every((option) => !('selected' in option.attributes))).toBe(true);
});

test('each view is a recording of its own: segments from 0, beginning with a full snapshot', async ({
  page,
  open,
  diptych,
}) => {
  await open({ body: '<h1>Shop</h1>' });
  await page.waitForFunction('performance.now() > 800');
  await page.evaluate(`document.body.append('one')`);
  await page.evaluate(`history.pushState({}, '', '/cart')`);
  await page.waitForTimeout(500);
  await page.evaluate(`document.body.append('two')`);
  await page.waitForTimeout(100);
  await leave(page);
  const segments = await recorded(diptych, 2);
  const [first, second] = segments.map((segment) => segment.header);
  const session = diptych.events('view')[0]?.session.id;
  const views = [...new Set(diptych.events('view').map((view) => view.view.id))];
  expect([first, second]).toEqual([
    {
      format: 'rrweb',
      application: { id: 'shop' },
      session: { id: session },
      view: { id: views[0] },
      tab: { id: expect.any(String) },
      index_in_view: 0,
      start: expect.any(Number),
      end: expect.any(Number),
      records_count: segments[0]?.records.length,
      has_full_snapshot: true,
      creation_reason: 'init',
    },
    expect.objectContaining({
      view: { id: views[1] },
      index_in_view: 0,
      has_full_snapshot: true,
      creation_reason: 'view_change',
    }),
  ]);
  for (const { header, records } of segments.slice(0, 2)) {
    expect(records.slice(0, 2).map((record) => record.type)).toEqual([4, 2]);
    expect(
      records.every((record) => record.timestamp >= header.start && record.timestamp <= header.end),
    ).toBe(true);
  }
  expect(JSON.stringify(segments[1]?.records)).toContain('one');
  expect(JSON.stringify(segments.slice(1))).toContain('two');
});

test('a segment is closed after 5 seconds, or at about 60 kB compressed; the page exit sends the rest', async ({
  page,
  open,
  diptych,
}) => {
  await open({ body: '<main></main>' });
  await page.waitForFunction('performance.now() > 800');
  await recorded(diptych);
  // In one text: the recorder's own work is never so much that it rests, however busy the machine.
  await page.evaluate(`document.querySelector('main').textContent = 'word '.repeat(100_000)`);
  const isBig = ({ records }: { records: Json[] }) =>
    records.some((record) => JSON.stringify(record).length > 480_000);
  await until(
    () => diptych.segments(),
    'the big segment',
    (all) => all.some(isBig),
  );
  await page.evaluate(`document.body.append('the last words')`);
  await page.waitForTimeout(50);
  await leave(page);
  const arrived = await until(
    () => diptych.segments(),
    'the end',
    (found) => JSON.stringify(found).includes('the last words'),
  );
  // One that was on its way when the page was left may come again.
  const byIndex = new Map(arrived.map((segment) => [segment.header.index_in_view as number, segment]));
  const all = Array.from(byIndex.keys(), (_, index) => byIndex.get(index)).filter(
    (each) => each !== undefined,
  );
  expect(all).toHaveLength(byIndex.size);
  // Each says what closed the one before it.
  const reasons = all.map((segment) => segment.header.creation_reason);
  expect(reasons.slice(0, 2)).toEqual(['init', 'segment_duration_limit']);
  expect(reasons[all.findIndex(isBig) + 1]).toBe('segment_bytes_limit');
  expect(JSON.stringify(all.slice(all.findIndex(isBig) + 1))).toContain('the last words');
});

test('a replay starts when asked for where it is manual, stops when told, and events say that it exists', async ({
  page,
  open,
  diptych,
}) => {
  await open({ init: { startSessionReplayRecordingManually: true } });
  await page.waitForTimeout(1000);
  expect(diptych.received.some((each) => each.path.endsWith('diptych-recorder.js'))).toBe(false);
  await page.evaluate('diptych.startSessionReplayRecording()');
  await until(
    () => diptych.received.some((each) => each.path.endsWith('diptych-recorder.js')),
    'the recorder',
    Boolean,
  );
  await page.waitForTimeout(300);
  await page.evaluate(
    `diptych.stopSessionReplayRecording(); document.body.append('after the end'); diptych.addAction('x')`,
  );
  const segments = await recorded(diptych);
  expect(JSON.stringify(segments)).not.toContain('after the end');
  const [action] = await until(
    () => diptych.events('action'),
    'the action',
    (found) => found.length > 0,
  );
  expect(action?.session.has_replay).toBe(true);
  expect(await page.evaluate('diptych.getSessionReplayLink()')).toContain(
    `${diptych.origin}/sessions/${action?.session.id}`,
  );
});

test('sessionReplaySampleRate 0 records nothing, unless it is forced', async ({ page, open, diptych }) => {
  await open({ init: { sessionReplaySampleRate: 0 } });
  await page.evaluate('diptych.startSessionReplayRecording()');
  await page.waitForTimeout(1000);
  expect(diptych.received.some((each) => each.path.endsWith('diptych-recorder.js'))).toBe(false);
  await page.evaluate('diptych.startSessionReplayRecording({ force: true })');
  await recorded(diptych);
});

test('the recorder works under a strict CSP with a nonce and Trusted Types', async ({
  page,
  site,
  diptych,
}) => {
  site.html(
    '/',
    `<!doctype html><title>Strict</title><script nonce="n1" src="${diptych.origin}/sdk/diptych.js"></script>
     <script nonce="n1">diptych.init({ applicationId: 'shop', clientToken: 'k', url: '${diptych.origin}' })</script><p>strict</p>`,
    {
      'Content-Security-Policy': `default-src 'none'; script-src 'nonce-n1' 'strict-dynamic'; connect-src ${diptych.origin}; require-trusted-types-for 'script'; trusted-types diptych`,
    },
  );
  const problems: string[] = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(site.origin);
  const [segment] = await recorded(diptych);
  expect(segment?.header.has_full_snapshot).toBe(true);
  expect(problems.filter((text) => !text.includes('favicon'))).toEqual([]);
});

test('a replay shows what the page showed: changes, shadow roots, adopted style sheets and frames of its origin', async ({
  page,
  context,
  open,
  site,
  diptych,
}) => {
  site.html(
    '/frame',
    '<p>in the frame</p><input id="secret" value="frame-default"><input type="password" data-dip-privacy="allow">',
  );
  await open({
    body: '<main><h1>Shop</h1><ul></ul><section></section></main><x-card></x-card><iframe src="/frame"></iframe>',
  });
  await page.evaluate(`
    const card = document.querySelector('x-card').attachShadow({ mode: 'open' });
    card.innerHTML = '<p>in the shadow</p><input id="inner">';
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('p { color: rgb(1, 2, 3); }');
    card.adoptedStyleSheets = [sheet];
  `);
  await page.waitForFunction('performance.now() > 1000');
  await page.evaluate(`(async () => {
    const list = document.querySelector('ul');
    for (let i = 0; i < 40; i += 1) {
      const item = document.createElement('li');
      item.textContent = 'item ' + i;
      list.insertBefore(item, i % 3 ? null : list.firstChild);
      if (i % 4 === 0) list.lastChild.remove();
      if (i % 5 === 0) list.firstChild?.append(' changed');
      if (i % 10 === 0) await new Promise((done) => setTimeout(done, 30));
    }
    // An answer as it is often written: all of it anew with each word, in an element that is put back each time.
    const words = document.createElement('div');
    for (const said of ['You', 'You can', 'You can return', 'You can return it']) {
      const paragraph = document.createElement('p');
      paragraph.textContent = said;
      words.replaceChildren(paragraph);
      document.querySelector('section').replaceChildren(words);
      await new Promise((done) => setTimeout(done, 30));
    }
    document.querySelector('x-card').shadowRoot.append('late in the shadow');
    document.querySelector('iframe').contentDocument.body.append('late in the frame');
  })()`);
  await page.locator('x-card #inner').fill('shadow-typed');
  await page.frameLocator('iframe').locator('#secret').fill('frame-typed');
  await page.frameLocator('iframe').locator('[type=password]').fill('frame-password');
  await page.waitForTimeout(300);
  const shown = await page.evaluate(`(${SHAPE})(document.body)`);
  await leave(page);
  const segments = await recorded(diptych);
  const all = JSON.stringify(segments);
  for (const secret of ['shadow-typed', 'frame-typed', 'frame-default', 'frame-password'])
    expect(all.includes(secret), secret).toBe(false);

  const records = segments.flatMap((segment) => segment.records);
  const look = `(body) => ({
    lines: (${SHAPE})(body),
    colour: getComputedStyle(body.querySelector('x-card').shadowRoot.querySelector('p')).color,
  })`;
  expect(await replayed(context, site, records, look)).toEqual({ lines: shown, colour: 'rgb(1, 2, 3)' });
});
