import { expect, type Json, leave, type Page, type Peer, test, until } from './fixture';

const text = (value: unknown): string => JSON.stringify(value);

test('a replay on error holds back until the error; then what was before it is there too', async ({
  page,
  open,
  diptych,
}) => {
  await open({
    body: '<h1>Shop</h1>',
    init: { sessionReplaySampleRate: 0, sessionReplayOnErrorSampleRate: 100 },
  });
  await page.waitForTimeout(1200);
  await page.evaluate(`document.body.append('before the error'); diptych.addAction('a')`);
  await page.waitForTimeout(5500);
  expect(diptych.segments()).toEqual([]);
  expect(diptych.events('action')[0]?.session).not.toHaveProperty('has_replay');
  await page.evaluate(`diptych.addError(new Error('now')); document.body.append('after the error')`);
  await page.waitForTimeout(300);
  await leave(page);
  const segments = await until(
    () => diptych.segments(),
    'the replay',
    (found) => text(found).includes('after the error'),
  );
  expect(text(segments)).toContain('before the error');
  expect(segments[0]?.header).toMatchObject({ index_in_view: 0, has_full_snapshot: true });
  expect(segments[0]?.records.slice(0, 2).map((record) => record.type)).toEqual([4, 2]);
  const views = diptych.events('view');
  expect(views.at(-1)?.session).toMatchObject({ has_replay: true, sampled_for_replay: true });
});

const MINUTE_MS = 60_000;
const HELD = { sessionReplaySampleRate: 0, sessionReplayOnErrorSampleRate: 100 };

/** What was held back leaves; gives its records. */
async function released(page: Page, diptych: Peer): Promise<Json[]> {
  await page.evaluate(`diptych.addError(new Error('now'))`);
  await leave(page);
  const segments = await until(
    () => diptych.segments(),
    'the replay',
    (found) => found.length > 0,
  );
  return segments.flatMap((segment) => segment.records);
}

const snapshotsIn = (records: Json[]): Json[] => records.filter((record) => record.type === 2);

test('held back is about the latest minute of a page that changes', async ({ page, open, diptych }) => {
  await page.clock.install();
  await open({ body: '<p></p>', init: HELD });
  await page.waitForTimeout(1200);
  for (let second = 0; second < 180; second += 10) {
    await page.evaluate(`document.querySelector('p').textContent = 'second ${second}'`);
    await page.evaluate('new Promise((done) => requestIdleCallback(() => setTimeout(done, 20)))');
    await page.clock.fastForward(10_000);
  }
  const records = await released(page, diptych);
  expect(text(records)).toContain('second 170');
  const [first, last] = [records[0]?.timestamp, records.at(-1)?.timestamp];
  expect(last - first).toBeGreaterThan(MINUTE_MS / 2);
  expect(last - first).toBeLessThan(1.5 * MINUTE_MS);
  expect(snapshotsIn(records)).toHaveLength(2);
});

test('a page that changes nothing has one snapshot, however long it is held back', async ({
  page,
  open,
  diptych,
}) => {
  await page.clock.install();
  await open({ body: '<p></p>', init: HELD });
  await page.waitForTimeout(1200);
  for (let minute = 0; minute < 10; minute += 1) await page.clock.fastForward(MINUTE_MS);
  expect(snapshotsIn(await released(page, diptych))).toHaveLength(1);
});

test('without an error nothing of it leaves, not even at the end', async ({ page, open, diptych }) => {
  await open({ init: { sessionReplaySampleRate: 0, sessionReplayOnErrorSampleRate: 100 } });
  await page.waitForTimeout(1200);
  await leave(page);
  await page.waitForTimeout(500);
  expect(diptych.segments()).toEqual([]);
});

test('pictures of a canvas are recorded when asked for, never where texts are masked', async ({
  page,
  open,
  diptych,
}) => {
  const body = `<canvas id="seen" width="60" height="40"></canvas>
    <div data-dip-privacy="mask"><canvas id="masked" width="60" height="40"></canvas></div>
    <script>
      const draw = () => { for (const canvas of document.querySelectorAll('canvas')) {
        const context = canvas.getContext('2d');
        context.fillStyle = 'hsl(' + Math.random() * 360 + ' 90% 50%)';
        context.fillRect(0, 0, 60, 40);
      } };
      draw();
      setInterval(draw, 100);
    </script>`;
  await open({ body, init: { sessionReplayCanvasRecording: { enable: true, quality: 'high' } } });
  await page.waitForTimeout(2500);
  await leave(page);
  const CANVAS_MUTATION = 9;
  const segments = await until(
    () => diptych.segments(),
    'the pictures',
    (found) => found.some(({ records }) => records.some((record) => record.data.source === CANVAS_MUTATION)),
  );
  const records = segments.flatMap((segment) => segment.records);
  const nodes = (value: unknown): Json[] =>
    typeof value === 'object' && value !== null
      ? [value as Json, ...Object.values(value).flatMap(nodes)].filter((node) => node.tagName === 'canvas')
      : [];
  const canvases = new Map(nodes(records).map((node) => [node.attributes.id ?? 'blocked', node.id]));
  const drawn = new Set(
    records.filter((record) => record.data.source === CANVAS_MUTATION).map((record) => record.data.id),
  );
  expect([...drawn]).toEqual([canvases.get('seen')]);
});

test('a page that changes too much is not slowed further: recording rests, says so, and goes on', async ({
  page,
  open,
  diptych,
}) => {
  test.setTimeout(60_000);
  const warnings: string[] = [];
  page.on('console', (message) => message.text().startsWith('Diptych') && warnings.push(message.text()));
  await open({ body: '<main></main>' });
  await page.waitForTimeout(1200);
  await page.evaluate(`(async () => {
    const endMs = performance.now() + 9000;
    while (performance.now() < endMs) {
      document.querySelector('main').innerHTML = Array.from({ length: 3000 }, (_, i) => '<p title="' + Math.random() + '">row ' + i + '</p>').join('');
      await new Promise((done) => setTimeout(done, 20));
    }
  })()`);
  const paused = await until(
    () => diptych.segments().flatMap((segment) => segment.records),
    'the pause',
    (records) => records.some((record) => record.data.tag === 'dip.paused'),
  );
  const at = paused.findIndex((record) => record.data.tag === 'dip.paused');
  expect(paused[at]?.data.payload).toEqual({ rest_ms: 10_000 });
  expect(warnings).toHaveLength(1);
  expect(((await page.evaluate('diptych.getDropped()')) as Json).replay_paused).toBe(1);
  const after = await until(
    () => diptych.segments().flatMap((segment) => segment.records),
    'the next full snapshot',
    (records) => records.slice(at).some((record) => record.type === 2),
    20_000,
  );
  expect(after.length).toBeGreaterThan(paused.length);
});
