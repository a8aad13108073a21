import { hostileTexts, sendHostile } from './hostile_corpus.ts';
import { expect, newKey, type Page, required, test } from './server.ts';
import { silentHost } from './silent_host.ts';

/** What people and machines wrote is shown as what it is: text. On every screen nothing of it comes to life. */

const PROJECT = 'hostile';

/** Notes all that a page does and should not: dialogs, pages, requests elsewhere, violations of its policy. */
async function watch(page: Page): Promise<string[]> {
  const happened: string[] = [];
  const own = required('DIPTYCH_UI_SERVER');
  page.on('dialog', (dialog) => {
    happened.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.context().on('page', (other) => happened.push(`a page: ${other.url()}`));
  page.on('download', (download) => happened.push(`a download: ${download.url()}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${own}/`)) happened.push(`a request: ${request.url().slice(0, 200)}`);
  });
  await page.exposeFunction('noteViolation', (words: string) => happened.push(words));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      const { noteViolation } = window as unknown as { noteViolation: (words: string) => void };
      noteViolation(`the policy had to stop ${violatedDirective}: ${blockedURI}`);
    });
  });
  return happened;
}

/** Elements, attributes and links that only a text that came to life can have made. */
async function alive(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    if ('pwned' in window) found.push('a script ran');
    for (const node of document.querySelectorAll('*')) {
      for (const { name } of node.attributes)
        if (name.startsWith('on')) found.push(`${node.tagName} has ${name}`);
      if (node instanceof HTMLAnchorElement && node.hasAttribute('href') && !/^https?:$/.test(node.protocol))
        found.push(`a link to ${node.href.slice(0, 100)}`);
    }
    const strangers =
      'body script, object, embed, iframe:not([data-testid=replay-frame]), base, meta[http-equiv], video, form[action], math, link[rel=stylesheet]:not([href^="/assets/"]):not([href^="' +
      location.origin +
      '/assets/"])';
    for (const node of document.querySelectorAll(strangers))
      if (!(node instanceof HTMLScriptElement && node.src.startsWith(`${location.origin}/assets/`)))
        found.push(`an element ${node.outerHTML.slice(0, 100)}`);
    for (const image of document.images) found.push(`a picture ${image.src.slice(0, 100)}`);
    return found;
  });
}

test('hostile texts in every place that senders can fill come to life on no screen', async ({ open }) => {
  test.setTimeout(240_000);
  const evil = await silentHost();
  const keys = { client: newKey('client', PROJECT), server: newKey('server', PROJECT) };
  const { visit, traceId, spanIds, answerId, texts } = await sendHostile(evil.origin, keys);
  const session = `/sessions/${encodeURIComponent(visit.sessionId)}`;
  const at = (path: string, search = '') => `${path}?project=${PROJECT}${search}`;

  let page = await open(at('/overview'));
  const happened = await watch(page);
  await saveHostile(page, texts, visit.sessionId, answerId);

  /** Opens a screen, waits until `shows` is there, and looks for what lives. */
  const look = async (path: string, shows: string, then?: (page: Page) => Promise<void>) => {
    await test.step(path.slice(0, 60), async () => {
      page = await open(path);
      await expect(page.locator(shows).first()).toBeVisible();
      await then?.(page);
      await page.mouse.move(700, 450);
      expect(await alive(page), path).toEqual([]);
      expect(happened, path).toEqual([]);
    });
  };

  await look(at('/overview'), '[data-testid=tile]');
  const openViews = async (on: Page) => {
    await on.getByTestId('saved-views').click();
    await expect(on.getByTestId('saved-view').first()).toBeVisible();
    expect(await alive(on)).toEqual([]);
    await on.keyboard.press('Escape');
  };
  const complete = (field: string) => async (on: Page) => {
    await on.keyboard.press('/');
    await on.getByTestId('search').fill(`${field}:`);
    await expect(on.getByRole('option').first()).toBeVisible();
  };
  await look(at('/sessions'), '[data-testid=session-row]', async (on) => {
    // They are shown, each as what it is.
    for (const text of [texts[0], texts[13]])
      await expect(
        on
          .getByTestId('session-row')
          .filter({ hasText: text ?? '' })
          .first(),
      ).toBeVisible();
    await openViews(on);
  });
  await look(at('/sessions'), '[data-testid=session-row]', complete('user.name'));
  await look(at('/traces'), '[data-testid=trace-row]', openViews);
  await look(at('/traces'), '[data-testid=trace-row]', complete('service'));
  await look(at('/spans'), '[data-testid=span-list-row]', complete('model'));
  await look(at('/answers'), '[data-testid=answer-row]', async (on) => {
    await on.getByTestId('answer-row').first().click();
    await expect(on.getByTestId('answer-panel')).toBeVisible();
  });
  await look(at('/evaluations'), '[data-testid=label-row]');
  await look(at('/settings'), '[data-testid=keys]');

  await look(at(session), '[data-testid=timeline-row]', async (on) => {
    await on
      .getByRole('button', { name: /^Error/ })
      .first()
      .click();
    await expect(on.getByTestId('stack').first()).toBeVisible();
  });
  await look(at(session, '&tab=performance'), '[data-testid=request-row]', async (on) => {
    await on.getByTestId('request-row').first().getByRole('button').click();
    await expect(on.getByTestId('event-drawer')).toBeVisible();
  });
  await look(at(session, '&tab=replay'), 'text=This session has no replay');
  await look(at(session, '&tab=traces'), '[data-testid=trace-row]');
  await look(at(session, '&tab=comments'), '[data-testid=comment]');
  for (const tray of ['events', 'console', 'network', 'errors'])
    await look(at(`${session}/diptych`, `&tray=${tray}`), '[data-testid=tray-row]');
  await look(
    at('/sessions/%22%3E%3Cimg%20src=x%20onerror=window.pwned=1%3E'),
    '[data-testid=link-checklist]',
  );

  for (const spanId of spanIds.slice(0, 6)) {
    await look(at(`/traces/${traceId}`, `&span=${spanId}`), '[data-testid=span-detail]', async (on) => {
      for (const tab of await on.getByTestId('span-detail').getByRole('tab').all()) {
        await tab.click();
        expect(await alive(on), `${await tab.textContent()}`).toEqual([]);
      }
    });
  }
  await look(at(`/traces/${traceId}`), '[data-testid=span-row]', async (on) => {
    await on.getByText('Flame', { exact: true }).click();
    await expect(on.getByTestId('flame')).toBeVisible();
  });

  await page.waitForTimeout(500);
  expect(evil.connections()).toBe(0);
  evil.close();
});

/** What people of the team write: comments, and views with a name. */
async function saveHostile(page: Page, texts: string[], sessionId: string, answerId: string): Promise<void> {
  const post = async (path: string, data: unknown) => {
    const answer = await page.request.post(
      `${required('DIPTYCH_UI_SERVER')}/api/v1/${path}?project=${PROJECT}`,
      { data, headers: { origin: required('DIPTYCH_UI_SERVER') } },
    );
    expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true);
  };
  for (const text of texts) {
    const said = { author: text.slice(0, 100), text };
    await post('comments', { ...said, target: { session_id: sessionId } });
    await post('comments', { ...said, target: { turn_id: answerId } });
    for (const signal of ['sessions', 'traces'])
      await post('saved-views', {
        signal,
        name: `${text.slice(0, 70)} ${signal}`,
        search: `query=${encodeURIComponent(text)}`,
      });
  }
}

test('hostile addresses of the interface itself do nothing', async ({ openApart, context }) => {
  test.setTimeout(120_000);
  const evil = await silentHost();
  let page = await openApart('/overview');
  const happened = await watch(page);
  for (const text of hostileTexts(evil.origin)) {
    const part = encodeURIComponent(text);
    const path = `/sessions?query=${part}&selected=${part}&columns=${part}&from=${part}&saved=${part}`;
    page = await openApart(path);
    await expect(page.locator('nav').first()).toBeVisible();
    expect(await alive(page), path).toEqual([]);
  }
  for (const text of ['<script>window.pwned=1</script>', 'javascript:window.pwned=1', '"><img src=x.png>']) {
    const part = encodeURIComponent(text);
    page = await openApart(`/traces/${part}?span=${part}`);
    await expect(page.locator('nav').first()).toBeVisible();
    expect(await alive(page), text).toEqual([]);
  }
  await context.clearCookies();
  for (const next of ['javascript:window.pwned=1', `${evil.origin}/`, '//evil.example', '/\\evil.example']) {
    page = await openApart(`/sign-in?token=x&next=${encodeURIComponent(next)}`);
    await page.getByTestId('sign-in').click();
    await expect(page.getByRole('alert')).toBeVisible();
    expect(await alive(page)).toEqual([]);
  }
  expect(happened).toEqual([]);
  expect(evil.connections()).toBe(0);
  evil.close();
});
