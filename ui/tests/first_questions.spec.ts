import { sendBothSides } from './both_sides.ts';
import { holdBack } from './held_back.ts';
import { expect, type Page, test } from './server.ts';

/** The questions a page has asked of the API, without what is asked for by time. */
function questionsOf(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/v1/')) asked.push(pathname.slice('/api/v1/'.length));
  });
  return asked;
}

test('what a screen needs is asked before its code is there, and once', async ({ open }) => {
  const { visit, traceId } = await sendBothSides();
  const session = `sessions/${visit.sessionId}`;
  const parts = [session, `${session}/events`, `${session}/traces`, `${session}/replay`];
  const screens: [path: string, first: string[], shown: string][] = [
    [`/${session}`, parts, 'timeline-row'],
    [
      `/${session}/diptych`,
      [session, `${session}/traces`, `${session}/replay`, `traces/${traceId}`],
      'span-row',
    ],
    [`/traces/${traceId}`, [`traces/${traceId}`], 'span-row'],
    [`/sessions?selected=${visit.sessionId}`, ['sessions', ...parts], 'timeline-row'],
    ['/overview', ['overview', 'sessions', 'traces'], 'tile'],
    ['/evaluations?by=prompt', ['evaluations/summary'], 'label-row'],
    ['/settings', ['keys'], 'keys'],
  ];
  for (const [path, first, shown] of screens) {
    await test.step(path, async () => {
      const page = await open('/sign-in');
      const asked = questionsOf(page);
      const letCodeArrive = await holdBack(page, '**/assets/app-*.js');
      await Promise.all([
        expect.poll(() => [...asked].sort()).toEqual([...first].sort()),
        // The load ends with the code that is held back: waited for by what is asked, and then by what is shown.
        page.goto(new URL(path, page.url()).href, { waitUntil: 'commit' }),
      ]);
      letCodeArrive();
      await expect(page.getByTestId(shown).first()).toBeVisible();
      for (const question of first.filter((one) => one !== 'sessions'))
        expect(
          asked.filter((one) => one === question),
          question,
        ).toHaveLength(1);
      await page.unrouteAll({ behavior: 'ignoreErrors' });
    });
  }
});

test('a Diptych that is opened from its session is asked for while its code is on its way, once', async ({
  open,
}) => {
  const { visit, traceId } = await sendBothSides();
  const page = await open(`/sessions/${visit.sessionId}`);
  await expect(page.getByTestId('timeline-row').first()).toBeVisible();
  const asked = questionsOf(page);
  const letCodeArrive = await holdBack(page, '**/assets/DiptychPage-*.js');
  await page.getByTestId('diptych-link').click();
  await expect.poll(() => asked).toContain(`traces/${traceId}`);
  letCodeArrive();
  await expect(page.getByTestId('span-row').first()).toBeVisible();
  expect(asked.filter((one) => one === `traces/${traceId}`)).toHaveLength(1);
});

test('a Diptych asks for its trace before what is drawn around it', async ({ open }) => {
  const { visit, traceId } = await sendBothSides();
  const session = `sessions/${visit.sessionId}`;
  const page = await open('/sign-in');
  const asked = questionsOf(page);
  const letTraceArrive = await holdBack(page, `**/traces/${traceId}`);
  const letTurnsArrive = await holdBack(page, '**/turns?*');
  await page.goto(new URL(`/${session}/diptych`, page.url()).href);
  const replay = page.getByTestId('replay-frame');
  await expect(replay).toBeVisible();
  const around = ['turns', `${session}/events`];
  expect(asked.filter((one) => around.includes(one))).toEqual([]);
  letTraceArrive();
  await expect(page.getByTestId('span-row').first()).toBeVisible();
  await expect.poll(() => asked.filter((one) => around.includes(one)).sort()).toEqual(around.toSorted());
  const before = await replay.boundingBox();
  letTurnsArrive();
  await expect(page.getByTestId('turn-card').first()).toBeVisible();
  expect(await replay.boundingBox()).toEqual(before);
});

test('the Overview asks for the figures, one thing of each side, and then for what went wrong', async ({
  open,
}) => {
  const { answerId } = await sendBothSides();
  const page = await open('/sign-in');
  const lists: URL[] = [];
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (/\/(sessions|traces|turns)$/.test(asked.pathname)) lists.push(asked);
  });
  await page.goto(new URL('/overview', page.url()).href);
  const failed = page.locator(`[data-testid=failed-answer][href*="${answerId}"]`);
  await expect(failed).toContainText('grounded: fail');
  const limits = lists.map(({ pathname, searchParams }) => [
    pathname.split('/').at(-1),
    searchParams.get('limit'),
  ]);
  expect(limits.sort()).toEqual([
    ['sessions', '1'],
    ['traces', '1'],
    ['turns', '10'],
  ]);
});

test('an id that cannot be read keeps the interface from nothing', async ({ open }) => {
  const page = await open('/sessions/%E0%A4%A');
  await expect(page.getByRole('main').first()).toBeVisible();
});
