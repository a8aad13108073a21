import axe, { type AxeResults, type RunOptions } from 'axe-core';
import { type BothSides, sendBothSides } from './both_sides.ts';
import { newId, newVisit, sendSpans, sendVisit } from './feed.ts';
import { recorded } from './replayed.ts';
import { expect, type Locator, newKey, newLink, type Page, required, test } from './server.ts';
import { stockShop } from './stock.ts';

/** Every screen, light and dark, as axe-core judges it by WCAG 2.0, 2.1 and 2.2 at A and AA and by good practice. */

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** A project that nothing was ever sent to. */
const EMPTY_PROJECT = 'untouched';

/** One for all screens, as a person has it: what was loaded once is not loaded again. */
let page: Page;
let both: BothSides;
let unrecorded: string;
/** A trace of two sessions. */
let shared: string;

test.beforeAll(async ({ profile }) => {
  test.setTimeout(120_000);
  page = await profile.newPage();
  await stockShop(12);
  both = await sendBothSides();
  const visit = newVisit(Date.now() - 30_000);
  await sendVisit(visit);
  unrecorded = visit.sessionId;
  const other = newVisit(Date.now() - 30_000);
  await sendVisit(other);
  shared = newId(16);
  const of = (sessionId: string) => ({ 'diptych.session.id': sessionId });
  const ask = { name: 'ask', kind: 'agent', start: Date.now() - 20_000, durationMs: 900 };
  await sendSpans(shared, [
    { ...ask, attributes: of(other.sessionId) },
    { ...ask, attributes: of(both.visit.sessionId) },
  ]);
  newKey('server', EMPTY_PROJECT);
});

interface Screen {
  name: string;
  /** Of what was sent before the tests, where it is a function. */
  path: string | (() => string);
  /** Brings up what is to be judged, and waits for it. */
  ready: (page: Page) => Promise<unknown>;
  /** Rules that do not hold here, each with its reason beside it. */
  without?: string[];
}

const shows = (testId: string) => (page: Page) => expect(page.getByTestId(testId).first()).toBeVisible();
const says = (text: string | RegExp) => (page: Page) => expect(page.getByText(text).first()).toBeVisible();

function explorers(): Screen[] {
  return [
    { name: 'Overview', path: '/overview', ready: shows('tile') },
    { name: 'Sessions', path: '/sessions', ready: shows('session-row') },
    {
      name: 'Sessions, completing a search',
      path: '/sessions',
      ready: async (page) => {
        await shows('session-row')(page);
        await page.keyboard.press('/');
        await page.keyboard.type('env');
        await expect(page.getByRole('option').first()).toBeVisible();
      },
    },
    {
      name: 'Sessions, a search that cannot be understood',
      path: '/sessions?query=duration:>fast',
      ready: shows('search-refusal'),
    },
    { name: 'Sessions, none found', path: '/sessions?query=nobody', ready: says(/^No /) },
    {
      name: 'Session beside its list',
      path: () => `/sessions?selected=${both.visit.sessionId}`,
      ready: shows('session-panel'),
    },
    { name: 'Traces', path: '/traces', ready: shows('trace-row') },
    {
      name: 'Trace beside its list',
      path: () => `/traces?selected=${both.traceId}`,
      ready: shows('span-detail'),
    },
    { name: 'Spans', path: '/spans', ready: shows('span-list-row') },
    { name: 'Answers', path: '/answers', ready: shows('answer-row') },
    {
      name: 'Answer beside its list',
      path: () => `/answers?selected=${both.answerId}`,
      ready: shows('answer-panel'),
    },
    {
      name: 'Answers, played',
      path: '/answers',
      ready: async (page) => {
        await shows('answer-row')(page);
        await page.getByTestId('play-answers').click();
        await expect(page.getByTestId('playlist-place')).toBeVisible();
        await expect(recorded(page).locator('h1')).toBeVisible();
      },
    },
    { name: 'Evaluations', path: '/evaluations', ready: shows('label-row') },
    { name: 'Evaluations, one label', path: '/evaluations?label=grounded', ready: shows('group-row') },
    { name: 'Settings', path: '/settings', ready: says('Keys') },
    {
      name: 'A guide',
      path: '/docs/troubleshooting',
      ready: (page) => expect(page.getByRole('heading', { name: 'CORS' })).toBeVisible(),
    },
    { name: 'No such page', path: '/nowhere', ready: says('There is no such page') },
  ];
}

function things(): Screen[] {
  const session = () => `/sessions/${both.visit.sessionId}`;
  const diptych = () => `${session()}/diptych?at=${both.onPage(13_000)}&trace=${both.traceId}`;
  const tray = (name: string) => ({
    name: `Diptych, ${name}`,
    path: () => `${diptych()}&tray=${name}`,
    ready: shows('tray'),
  });
  return [
    { name: 'Session, timeline', path: session, ready: says('Rage click after the answer') },
    { name: 'Session, performance', path: () => `${session()}?tab=performance`, ready: says('/api/chat') },
    { name: 'Session, replay', path: () => `${session()}?tab=replay`, ready: shows('replay-seek') },
    { name: 'Session, LLM traces', path: () => `${session()}?tab=traces`, ready: says('answer-question') },
    {
      name: 'Session that nothing is linked to',
      path: () => `/sessions/${unrecorded}?tab=traces`,
      ready: shows('link-checklist'),
    },
    { name: 'Session, comments', path: () => `${session()}?tab=comments`, ready: shows('comments') },
    { name: 'Session that is not stored', path: '/sessions/none', ready: says('No browser session') },
    { name: 'Trace', path: () => `/traces/${both.traceId}`, ready: shows('span-detail') },
    ...['Evaluations', 'Prompt diff', 'Tokens', 'Comments', 'Raw'].map((tab) => ({
      name: `Trace, ${tab}`,
      path: () =>
        `/traces/${both.traceId}?span=${both.spans.find(({ name }) => name.includes('· answer'))?.id}`,
      ready: async (page: Page) => {
        await shows('span-detail')(page);
        await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
      },
    })),
    {
      name: 'Trace, flame',
      path: () => `/traces/${both.traceId}`,
      ready: async (page) => {
        await page.getByText('Flame', { exact: true }).click();
        await shows('flame')(page);
      },
      // A bar is as wide as its time; the tree is the equivalent control that the criterion asks for (WCAG 2.5.8).
      without: ['target-size'],
    },
    {
      name: 'Trace, words found',
      path: () => `/traces/${both.traceId}`,
      ready: async (page) => {
        await page.getByTestId('find').fill('policy');
        await says(/\d found/)(page);
      },
    },
    { name: 'Diptych', path: diptych, ready: says(/clock ± \d+ ms/) },
    ...['events', 'console', 'network', 'errors', 'comments'].map(tray),
    { name: 'Diptych, neither side', path: '/sessions/none/diptych', ready: says('Neither side') },
    {
      name: 'Diptych without replay and trace',
      path: () => `/sessions/${unrecorded}/diptych`,
      ready: says('This session has no replay'),
    },
    {
      name: 'Diptych, keys',
      path: diptych,
      ready: async (page) => {
        await says(/clock ± \d+ ms/)(page);
        await page.keyboard.press('?');
        await expect(page.getByRole('dialog')).toBeVisible();
      },
    },
  ];
}

/** What opens over a screen: each menu, popover, drawer and hint of the interface. */
function overlays(): Screen[] {
  const session = () => `/sessions/${both.visit.sessionId}`;
  const trace = () => `/traces/${both.traceId}?span=${both.spans[4]?.id}`;
  const opens = (role: 'menu' | 'dialog', opener: (page: Page) => Locator) => async (page: Page) => {
    await opener(page).click();
    await expect(page.getByRole(role)).toBeVisible();
  };
  const lists = [
    ['Columns', '/sessions', opens('menu', (page) => page.getByTestId('columns'))],
    ['Export', '/traces', opens('menu', (page) => page.getByTestId('export'))],
    ['Time range', '/sessions', opens('dialog', (page) => page.getByTestId('time-range'))],
    ['Views, none saved', '/answers', opens('dialog', (page) => page.getByTestId('saved-views'))],
    ['Projects', '/settings', opens('menu', (page) => page.getByRole('button', { name: /^Project / }))],
  ] as const;
  return [
    ...lists.map(([name, path, ready]) => ({ name, path, ready })),
    {
      name: 'Views, one saved and changed',
      path: '/spans?query=kind%3Allm',
      ready: async (page) => {
        await page.getByTestId('saved-views').click();
        await page.getByLabel('Save as a new view').fill(`Model calls of ${Date.now()}`);
        await page.keyboard.press('Enter');
        await expect(page).toHaveURL(/saved=/);
        await page.getByTestId('search').fill('kind:tool');
        await page.keyboard.press('Enter');
        await expect(page).toHaveURL(/kind%3Atool/);
        await page.getByTestId('saved-views').click();
        await expect(page.getByRole('button', { name: 'Save the changes' })).toBeVisible();
      },
    },
    {
      name: 'A hint',
      path: '/settings',
      ready: async (page) => {
        await page.getByRole('link', { name: 'Answers' }).hover();
        await expect(page.getByRole('tooltip')).toBeVisible();
      },
    },
    {
      name: 'Keys, of a list',
      path: '/sessions',
      ready: async (page) => {
        await shows('session-row')(page);
        await page.keyboard.press('?');
        await expect(page.getByRole('dialog')).toBeVisible();
      },
    },
    {
      name: 'An error',
      path: session,
      ready: async (page) => {
        await page.getByText('Failed to load reviews').click();
        await shows('event-drawer')(page);
      },
    },
    {
      name: 'A request, with where its time went',
      path: () => `${session()}?tab=performance`,
      ready: async (page) => {
        await page.getByTestId('request-row').first().getByRole('button').first().click();
        await shows('event-drawer')(page);
      },
    },
    {
      name: 'The sessions of a trace',
      path: () => `/traces/${shared}`,
      ready: opens('menu', (page) => page.getByTestId('rum-sessions')),
    },
    { name: 'Copy as', path: trace, ready: opens('menu', (page) => page.getByTestId('copy-as')) },
    {
      name: 'The traces of a session',
      path: () => `${session()}/diptych?at=${both.onPage(13_000)}`,
      ready: opens('menu', (page) => page.getByTestId('trace-choice')),
    },
    {
      name: 'Revoking a key',
      path: '/settings',
      ready: async (page) => {
        await page
          .getByRole('button', { name: /^Revoke/ })
          .first()
          .click();
        await expect(page.getByRole('button', { name: /for good/ })).toBeVisible();
      },
    },
  ];
}

function firstRun(): Screen[] {
  const empty = ['sessions', 'traces', 'spans', 'answers', 'evaluations'].map((page) => ({
    name: `First run, ${page}`,
    path: `/${page}?project=${EMPTY_PROJECT}`,
    ready: (shown: Page) => expect(shown.locator('h2')).toBeVisible(),
  }));
  return [
    { name: 'First run', path: `/overview?project=${EMPTY_PROJECT}`, ready: shows('first-run') },
    ...empty,
  ];
}

/** The rules that judge colours: all that can differ between the schemes, which share one document. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** Faults as lines: the rule, the element, and why. */
async function faultsOf(page: Page, rules: 'all' | 'colours', without: string[]): Promise<string[]> {
  // Motion is over: what fades in has no contrast yet.
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState }) => playState !== 'running'),
  );
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const violations = await page.evaluate(
    async (options) => {
      const { axe } = window as unknown as { axe: { run: (of: RunOptions) => Promise<AxeResults> } };
      return (await axe.run(options)).violations;
    },
    {
      runOnly: rules === 'all' ? { type: 'tag', values: RULES } : { type: 'rule', values: COLOUR_RULES },
      rules: Object.fromEntries(without.map((rule) => [rule, { enabled: false }])),
      resultTypes: ['violations'],
      // The only frame shows the recorded page, which is another's: what it lacks is shown as it was.
      iframes: false,
    } satisfies RunOptions,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any, all, none }) => {
      const why = [...any, ...all, ...none].map(({ message }) => message).join('; ');
      return `${id}: ${html.slice(0, 120)} · ${why}`;
    }),
  );
}

/** Dark first, since a page opens light: what follows the scheme is proven to follow it while it is shown. */
async function judge(page: Page, name: string, without: string[] = []): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
    const faults = await faultsOf(page, colorScheme === 'light' ? 'all' : 'colours', without);
    expect.soft(faults, `${name}, ${colorScheme}`).toEqual([]);
  }
}

test('the sign-in page has no fault', async ({ page: signedOut }) => {
  for (const path of [newLink(), `${required('DIPTYCH_UI_SERVER')}/sign-in`]) {
    await signedOut.goto(path);
    await expect(signedOut.locator('h1')).toBeVisible();
    await judge(signedOut, path.includes('token') ? 'sign-in by link' : 'sign-in');
  }
});

for (const { name, path, ready, without } of [...explorers(), ...things(), ...overlays(), ...firstRun()]) {
  test(`no fault: ${name}`, async () => {
    const failures: string[] = [];
    const note = (error: Error) => void failures.push(String(error));
    page.on('pageerror', note);
    await page.goto(`${required('DIPTYCH_UI_SERVER')}${typeof path === 'string' ? path : path()}`);
    await ready(page);
    await judge(page, name, without);
    page.off('pageerror', note);
    expect(failures, 'errors in the page').toEqual([]);
  });
}
