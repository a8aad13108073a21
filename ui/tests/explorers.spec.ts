import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { newVisit, sendVisit } from './feed.ts';
import { holdBack } from './held_back.ts';
import { expect, required, test } from './server.ts';
import { stockShop } from './stock.ts';

/** The explorers as a person works with them: long stories over one stocked shop. */

/** More than one page of a list. */
const COUNT = 64;

const PYTHON =
  process.env.DIPTYCH_PYTHON ?? fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));

test.beforeAll(() => stockShop(COUNT));

test('fields and values are completed by arrows; what cannot be understood is marked where it stands', async ({
  open,
}) => {
  const page = await open('/sessions');
  const rows = page.getByTestId('session-row');
  await expect(rows.first()).toBeVisible();

  await test.step('fields and values are completed by arrows', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('env');
    const options = page.getByRole('option');
    await expect(options.first()).toContainText('env');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('search')).toHaveValue('env:');
    const staging = options.filter({ hasText: 'staging' });
    const promised = Number(await staging.locator('span').last().textContent());
    expect(promised).toBeGreaterThan(0);
    await page.keyboard.type('stag');
    await expect(options).toHaveCount(1);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await expect(page.getByTestId('search')).toHaveValue('env:staging ');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/query=env%3Astaging/);
    await expect(page.locator('header')).toContainText(`${promised} · last 24 hours`);
  });

  await test.step('what cannot be understood is marked where it stands', async () => {
    await page.keyboard.press('/');
    await page.getByTestId('search').fill('env:staging duration:>fast');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('search-refusal')).toContainText("'fast'");
    await expect(page.getByTestId('search-mark')).toHaveText('fast');
    await expect(page.getByText('This search cannot be understood')).toBeVisible();
    await page.getByTestId('search').fill('');
    await page.keyboard.press('Enter');
    await expect(rows.first()).toBeVisible();
  });
});

test('what a field can be asked is completed: comparisons where it has an order, once', async ({ open }) => {
  const page = await open('/sessions');
  await expect(page.getByTestId('session-row').first()).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('resource.count:');
  const options = page.getByRole('option');
  await expect(options.locator('span:first-child')).toHaveText(['>', '>=', '<', '<=', '[ TO ]']);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('search')).toHaveValue('resource.count:>');
  await expect(options).toHaveCount(0);
  await page.keyboard.type('0');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/query=resource\.count%3A%3E0/);
  await expect(page.getByTestId('search-refusal')).toBeHidden();
});

test('a search that is refused asks the server once', async ({ open }) => {
  const page = await open('/sessions');
  await expect(page.getByTestId('session-row').first()).toBeVisible();
  await expect(page.getByTestId('facets')).toBeVisible();
  const refused: string[] = [];
  page.on('response', (answer) => {
    if (answer.status() === 400) refused.push(answer.url());
  });
  await page.keyboard.press('/');
  await page.getByTestId('search').fill('duration:>fast');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('search-refusal')).toBeVisible();
  // Longer than the first pause before a request is tried again.
  await page.waitForTimeout(1_500);
  expect(refused).toHaveLength(1);
  await page.getByTestId('search').fill('errors:>=0');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('facets')).toBeVisible();
});

test('a tall window asks for the second page of a list when it is scrolled, not before', async ({ open }) => {
  const page = await open('/answers?live=off');
  await page.setViewportSize({ width: 1440, height: 1500 });
  const seconds: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/v1/turns' && request.url().includes('cursor='))
      seconds.push(request.url());
  });
  await page.reload();
  const rows = page.getByTestId('answer-row');
  await expect(rows.first()).toBeVisible();
  await expect(page.getByTestId('facets')).toBeVisible();
  await page.waitForTimeout(500);
  expect(seconds).toHaveLength(0);
  await rows.first().hover();
  await page.mouse.wheel(0, 300);
  await expect.poll(() => seconds.length).toBe(1);
});

test('a stretch of the histogram becomes the time of the list: dragged, clicked, or by arrows', async ({
  open,
}) => {
  const page = await open('/sessions');
  const histogram = page.getByTestId('histogram');
  const total = async () => {
    const words = (await page.locator('header').first().textContent()) ?? '';
    return Number(/([\d,]+) · /.exec(words)?.[1]?.replace(',', '') ?? Number.NaN);
  };
  await expect(page.getByTestId('session-row').first()).toBeVisible();
  await expect(histogram).toBeVisible();
  const all = await total();
  const area = histogram.locator('svg').locator('..');

  await test.step('dragged', async () => {
    const box = await area.boundingBox();
    if (!box) throw new Error('the histogram has no box');
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.5, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, y, { steps: 5 });
    await page.mouse.up();
    await expect(page).toHaveURL(/from=\d{4}-.*&to=\d{4}-/);
    const { searchParams } = new URL(page.url());
    const [from, to] = ['from', 'to'].map((name) => Date.parse(searchParams.get(name) ?? ''));
    // A quarter of the last 24 hours.
    expect((to ?? 0) - (from ?? 0)).toBeGreaterThan(5.8 * 3_600_000);
    expect((to ?? 0) - (from ?? 0)).toBeLessThan(6.2 * 3_600_000);
    await expect.poll(total).toBeLessThan(all);
    expect(await total()).toBeGreaterThan(0);
    await expect(page.getByTestId('live')).toBeDisabled();
  });

  await test.step('the way back leads to the whole', async () => {
    await page.goBack();
    await expect(page).toHaveURL(/\/sessions$/);
    await expect.poll(total).toBe(all);
  });

  await test.step('by arrows', async () => {
    await histogram.focus();
    for (const key of ['ArrowLeft', 'ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowLeft'])
      await page.keyboard.press(key);
    await page.keyboard.press('Escape');
    await expect(page).toHaveURL(/\/sessions$/);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/from=\d{4}-.*&to=\d{4}-/);
  });
});

test('a link restores all of it in another browser: search, time, columns, density, the chosen row', async ({
  open,
  browser,
  cookies,
}) => {
  test.setTimeout(90_000);
  const page = await open('/sessions');
  await expect(page.getByTestId('session-row').first()).toBeVisible();
  await page.keyboard.press('/');
  await page.getByTestId('search').fill('env:production');
  await page.keyboard.press('Enter');
  await page.getByTestId('columns').click();
  await page.getByRole('menuitemcheckbox', { name: 'Actions' }).click();
  await page.getByRole('menuitemradio', { name: 'Compact' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Last 24 hours/ }).click();
  await page.getByText('Last 7 days').click();
  const head = (of: typeof page) => of.locator('section[aria-label="Sessions: rows"] > div').first();
  await expect(head(page)).not.toContainText('Actions');
  await page.getByTestId('session-row').nth(1).click();
  await expect(page.getByTestId('session-panel')).toBeVisible();

  const elsewhere = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await elsewhere.addCookies(cookies);
  const other = await elsewhere.newPage();
  await other.goto(page.url());
  await expect(other.getByTestId('search')).toHaveValue('env:production');
  await expect(other.getByRole('button', { name: /^Last 7 days/ })).toBeVisible();
  const panel = (of: typeof page) => of.getByTestId('session-panel').locator('h1');
  await expect(panel(other)).toHaveText((await panel(page).textContent()) ?? '');
  await expect(head(other)).toHaveText((await head(page).textContent()) ?? '');
  const height = (of: typeof page) =>
    of
      .getByTestId('session-row')
      .first()
      .evaluate((row) => row.getBoundingClientRect().height);
  expect(await height(other)).toBe(27);
  await elsewhere.close();

  await test.step('columns and density are remembered where they were chosen', async () => {
    await page.goto(`${required('DIPTYCH_UI_SERVER')}/sessions`);
    await expect(page.getByTestId('session-row').first()).toBeVisible();
    expect(await height(page)).toBe(27);
    await expect(head(page)).not.toContainText('Actions');
    await page.getByTestId('columns').click();
    await page.getByRole('menuitemradio', { name: 'Cosy' }).click();
    await page.getByRole('menuitem', { name: 'Those that fit' }).click();
    await page.keyboard.press('Escape');
    await expect.poll(() => height(page)).toBe(37);
    await expect(head(page)).toContainText('Actions');
  });
});

test('the row of a link stands whole in sight, wherever it is in the list', async ({ open }) => {
  const page = await open('/sessions');
  const rows = page.getByTestId('session-row');
  await expect(rows.first()).toBeVisible();
  const ids = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-id')));
  for (const index of [1, 14, 15, 16, 17, 18, ids.length - 1]) {
    await page.goto(`${required('DIPTYCH_UI_SERVER')}/sessions?selected=${ids[index]}`);
    const chosen = page.locator('[data-testid=session-row][aria-current=true]');
    await expect(page.getByTestId('timeline-row').first()).toBeVisible();
    await expect(chosen, `row ${index}`).toBeInViewport({ ratio: 1 });
  }
});

test('a column that has no room says so, and is shown where it is chosen all the same', async ({ open }) => {
  const page = await open('/sessions');
  const head = page.locator('section[aria-label="Sessions: rows"] > div').first();
  await expect(head).toContainText('Actions');
  await expect(head).not.toContainText('Device');
  await page.getByTestId('columns').click();
  const column = (name: string) => page.getByRole('menuitemcheckbox', { name });
  await expect(column('Actions')).toBeChecked();
  await expect(column('Device')).not.toBeChecked();
  await expect(column('Device')).toContainText('no room');
  await column('Device').click();
  await expect(column('Device')).toBeChecked();
  await expect(page.getByText('no room')).toHaveCount(0);
  await expect(head).toContainText('Device');
  await expect(head).toContainText('Actions');
});

test('rows stay where they are when the facets and the histogram arrive, and with the next search', async ({
  open,
}) => {
  const page = await open('/settings');
  const letFacetsArrive = await holdBack(page, '**/api/v1/facets*');
  const letCountsArrive = await holdBack(page, '**/api/v1/timeseries*');
  await open('/sessions');
  const place = () => page.getByTestId('session-row').first().boundingBox();
  await expect(page.getByTestId('session-row').first()).toBeVisible();
  await expect(page.getByTestId('facets-waiting')).toBeVisible();
  const before = await place();

  letCountsArrive();
  await expect(page.getByTestId('histogram')).toBeVisible();
  letFacetsArrive();
  await expect(page.getByTestId('facets')).toBeVisible();
  await expect(page.getByTestId('facets-waiting')).toHaveCount(0);
  expect(await place()).toEqual(before);

  const letOthersArrive = await holdBack(page, '**/api/v1/facets*');
  await page
    .getByTestId('facets')
    .getByRole('button', { name: /^production/ })
    .click();
  await expect(page.getByTestId('facets')).toHaveAttribute('aria-busy', 'true');
  await expect(
    page
      .getByRole('button', { name: /^staging/ })
      .locator('span')
      .last(),
  ).toBeHidden();
  await expect(page.getByTestId('session-row').first()).toBeVisible();
  expect(await place()).toEqual(before);
  letOthersArrive();
  await expect(page.getByTestId('facets')).toHaveAttribute('aria-busy', 'false');
});

test('a list that opens asks for itself, and once more when it is told of what arrives', async ({ open }) => {
  const page = await open('/settings');
  const asked: string[] = [];
  page.on('request', (request) => {
    if (/\/api\/v1\/sessions\?/.test(request.url())) asked.push(request.url());
  });
  await open('/sessions');
  await expect.poll(() => asked.length).toBe(2);
  await page.waitForTimeout(1_000);
  expect(asked).toHaveLength(2);
});

test('a view is saved, opens first, is reached by its link, and is deleted for everyone', async ({
  open,
}) => {
  const page = await open('/spans?query=kind%3Allm');
  const rows = page.getByTestId('span-list-row');
  await expect(rows.first()).toBeVisible();
  const views = page.getByTestId('saved-views');
  await views.click();
  await page.getByLabel('Save as a new view').fill('Model calls');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/saved=/);
  await expect(views).toContainText('Model calls');
  await expect(views).toBeFocused();
  const id = new URL(page.url()).searchParams.get('saved');

  await test.step('its link alone shows it', async () => {
    await open(`/spans?saved=${id}`);
    await expect(page.getByTestId('search')).toHaveValue('kind:llm');
    await expect(views).toContainText('Model calls');
  });
  await test.step('a change of it is told, and saved', async () => {
    await page.keyboard.press('/');
    await page.getByTestId('search').fill('kind:tool');
    await page.keyboard.press('Enter');
    await expect(views.locator('[title="Changed since it was saved"]')).toBeVisible();
    await views.click();
    await page.getByRole('button', { name: 'Save the changes' }).click();
    await expect(views.locator('[title="Changed since it was saved"]')).toHaveCount(0);
  });
  await test.step('the list opens with it', async () => {
    await page.getByRole('button', { name: 'Open the list with it', exact: true }).click();
    await expect(page.getByText('opens first')).toBeVisible();
    await open('/spans');
    await expect(page.getByTestId('search')).toHaveValue('kind:tool');
  });
  await test.step('deleted, the list is whole again', async () => {
    await views.click();
    await page.getByRole('button', { name: 'Delete for everyone' }).click();
    await expect(views).toHaveText('Views');
    await open('/spans');
    await expect(rows.first()).toBeVisible();
    await expect(page.getByTestId('search')).toHaveValue('');
  });
});

test('no list is cut off at its side, however wide its window, and on a telephone everything is in reach', async ({
  open,
}) => {
  for (const [path, row] of [
    ['/sessions', 'session-row'],
    ['/traces', 'trace-row'],
    ['/spans', 'span-list-row'],
    ['/answers', 'answer-row'],
  ] as const) {
    const page = await open(`${path}?live=off`);
    const first = page.getByTestId(row).first();
    await expect(first).toBeVisible();
    for (const width of [360, 520, 700, 768, 900, 1024, 1180, 1280, 1366, 1440, 1600, 1800, 1920, 2560]) {
      await page.setViewportSize({ width, height: 900 });
      const cut = () =>
        first.evaluate((row) => {
          const list = row.closest('section');
          return list ? list.scrollWidth - list.clientWidth : Number.NaN;
        });
      await expect.poll(cut, { message: `${path}, ${width} px` }).toBe(0);
    }
  }
  const page = await open('/sessions');
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByTestId('facets-button').click();
  await page.getByRole('dialog').getByText('staging').click();
  await expect(page).toHaveURL(/query=env%3Astaging/);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('facets-button')).toBeFocused();
  await page.getByTestId('session-row').first().click();
  await expect(page.getByTestId('session-panel').getByRole('button', { name: 'Close' })).toBeInViewport({
    ratio: 1,
  });
  await open('/overview');
  const [range, tile] = [page.getByTestId('time-range'), page.getByTestId('tile').first()];
  await expect(tile).toBeVisible();
  const [above, below] = [await range.boundingBox(), await tile.boundingBox()];
  expect((above?.y ?? 0) + (above?.height ?? 0)).toBeLessThanOrEqual(below?.y ?? 0);
});

test('what is found is exported as CSV and as Parquet', async ({ open }) => {
  const page = await open('/sessions?query=env%3Astaging&live=off');
  const rows = page.getByTestId('session-row');
  await expect(rows.first()).toBeVisible();
  const ids = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-id') ?? ''));
  const save = async (format: string) => {
    await page.getByTestId('export').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: format }).click(),
    ]);
    const path = join(tmpdir(), `diptych-${randomUUID()}-${download.suggestedFilename()}`);
    await download.saveAs(path);
    return path;
  };
  const csv = await save('CSV');
  const lines = (await readFile(csv, 'utf8')).trim().split('\r\n');
  expect(lines[0]).toContain('session_id');
  const at = lines[0]?.split(',').indexOf('session_id') ?? -1;
  expect(lines.slice(1).map((line) => line.split(',')[at])).toEqual(ids);

  const parquet = await save('Parquet');
  expect(parquet).toMatch(/\.parquet$/);
  const program = `import chdb, sys
print(chdb.query(f"SELECT session_id FROM file('{sys.argv[1]}', Parquet)", "TSV"), end="")`;
  const read = await promisify(execFile)(PYTHON, ['-c', program, parquet]);
  expect(read.stdout.trim().split('\n')).toEqual(ids);
  for (const path of [csv, parquet]) await rm(path);
});

test.describe('in Tokyo', () => {
  test.use({ timezoneId: 'Asia/Tokyo' });

  test('times are those of the browser or UTC, and the choice is remembered', async ({ openApart }) => {
    const page = await openApart('/sessions?from=2026-01-05T00:00:00Z&to=2026-01-05T01:00:00Z');
    const range = page.locator('header').first();
    await expect(range).toContainText('09:00');
    await page.getByTestId('columns').click();
    await page.getByRole('menuitemradio', { name: 'UTC' }).click();
    await page.keyboard.press('Escape');
    await expect(range).toContainText('00:00');
    await expect(range).not.toContainText('09:00');
    await page.reload();
    await expect(range).toContainText('00:00');
    await page.getByTestId('columns').click();
    await page.getByRole('menuitemradio', { name: 'Local time' }).click();
    await expect(range).toContainText('09:00');
  });
});

test('a list that is held still shows nothing new until it is live again', async ({ open }) => {
  const page = await open('/sessions');
  await expect(page.getByTestId('session-row').first()).toBeVisible();
  await page.getByTestId('live').click();
  await expect(page).toHaveURL(/live=off/);
  const visit = newVisit(Date.now());
  await sendVisit(visit);
  const row = page.locator(`[data-testid=session-row][data-id="${visit.sessionId}"]`);
  // A live list shows it within a second; it also asks by itself every two.
  await page.waitForTimeout(3_000);
  await expect(row).toHaveCount(0);
  await page.getByTestId('live').click();
  await expect(row).toBeVisible({ timeout: 3_000 });
});

test('everything of a list by keyboard: the keys of the rows never take those of a button', async ({
  open,
}) => {
  const page = await open('/sessions');
  const rows = page.getByTestId('session-row');
  await expect(rows.first()).toBeVisible();
  const selected = () => new URL(page.url()).searchParams.get('selected');

  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect.poll(selected).toBe(await rows.nth(1).getAttribute('data-id'));

  await test.step('enter on a button presses the button', async () => {
    await page.getByTestId('export').focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('menuitem', { name: 'CSV' })).toBeVisible();
    await expect(page).toHaveURL(/\/sessions\?/);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('menuitem', { name: 'CSV' })).toBeHidden();
    await expect.poll(selected, 'escape closed the menu, not the panel').not.toBeNull();
  });

  await test.step('enter on a row chooses it, once more opens it', async () => {
    await rows.nth(3).focus();
    await page.keyboard.press('Enter');
    await expect.poll(selected).toBe(await rows.nth(3).getAttribute('data-id'));
    const id = selected() ?? '';
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`/sessions/${id}`));
    await page.keyboard.press('Escape');
    await expect(page).toHaveURL(new RegExp(`/sessions\\?selected=${id}`));
  });

  await test.step('the chosen row has the focus: tab leads into its panel, esc back to it, j on from it', async () => {
    await page.keyboard.press('j');
    const chosen = rows.nth(4);
    await expect(chosen).toBeFocused();
    await expect(page.getByTestId('session-panel')).toBeVisible();
    await page.keyboard.press('Tab');
    await expect(page.getByTestId('session-panel').locator(':focus')).toHaveCount(1);
    await page.keyboard.press('Escape');
    await expect.poll(selected).toBeNull();
    await expect(chosen).toBeFocused();
    await page.keyboard.press('j');
    await expect.poll(selected).toBe(await rows.nth(5).getAttribute('data-id'));
  });

  await test.step('a menu that is closed leaves the keys to the page at once', async () => {
    await page.getByTestId('export').focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('menuitem', { name: 'CSV' })).toBeVisible();
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('ana');
    await expect(page.getByTestId('search')).toHaveValue('ana');
    await page.getByTestId('search').blur();
  });

  await test.step('a time that is chosen leads back to its button', async () => {
    await page.getByTestId('time-range').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Last 7 days' }).focus();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/from=now-7d/);
    await expect(page.getByTestId('time-range')).toBeFocused();
    await page.goBack();
    await rows.nth(4).click();
  });

  await test.step('esc leaves the search, then the panel', async () => {
    await page.keyboard.press('/');
    await expect(page.getByTestId('search')).toBeFocused();
    await page.keyboard.type('j');
    await page.keyboard.press('Escape');
    if (await page.getByTestId('search').evaluate((input) => input === document.activeElement))
      await page.keyboard.press('Escape');
    await expect(page.getByTestId('search')).toHaveValue('');
    await expect.poll(selected).not.toBeNull();
    await page.keyboard.press('Escape');
    await expect.poll(selected).toBeNull();
  });

  await test.step('a facet by space', async () => {
    const staging = page.getByTestId('facets').getByText('staging').first();
    await staging.locator('xpath=ancestor-or-self::*[self::button or self::label][1]').focus();
    await page.keyboard.press('Space');
    await expect(page).toHaveURL(/query=env%3Astaging/);
  });

  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('open the chosen one whole');
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Close' })).toBeInViewport({ ratio: 1 });
});

test('the first page needs at most 250 kB of JavaScript, as it is sent', async ({ openApart }) => {
  const page = await openApart('/sign-in');
  const home = `${required('DIPTYCH_UI_SERVER')}/`;
  let bytes = 0;
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  await network.send('Network.clearBrowserCache');
  const scripts = new Set<string>();
  // The page before may still be loading.
  network.on('Network.requestWillBeSent', ({ requestId, type, documentURL }) => {
    if (type === 'Script' && documentURL === home) scripts.add(requestId);
  });
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  await page.goto(home);
  await expect(page.getByTestId('tile').first()).toBeVisible();
  expect(scripts.size).toBeGreaterThan(2);
  expect(bytes).toBeGreaterThan(100_000);
  expect(bytes).toBeLessThan(250_000);
});
