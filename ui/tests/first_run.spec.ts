import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test as base, expect } from '@playwright/test';
import { type Running, serve } from './start_server.ts';

const PYTHON =
  process.env.DIPTYCH_PYTHON ?? fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));

/** The first minutes of a user: an empty folder, a page and an agent made of nothing but what the screen says. */
const test = base.extend<{ fresh: Running }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the braces
  fresh: async ({}, use) => {
    const running = await serve();
    await use(running);
    await running.stop();
  },
});

async function serveDocument(html: string) {
  const site = createServer((_, answer) =>
    answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html),
  );
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  return { site, address: `http://127.0.0.1:${(site.address() as AddressInfo).port}/` };
}

test('from an empty folder to both sides, by the snippets and keys of the screen', async ({
  page,
  context,
  fresh,
}) => {
  test.setTimeout(90_000);
  const link = new URL(fresh.command('link'));
  await page.goto(`${fresh.origin}${link.pathname}${link.search}`);
  await page.getByTestId('sign-in').click();
  await expect(page.getByTestId('first-run')).toBeVisible();
  const [ofPage, ofAgent] = [page.getByTestId('step-page'), page.getByTestId('step-agent')];
  for (const step of [ofPage, ofAgent]) await expect(step).toHaveAttribute('data-done', 'false');

  const snippet =
    await test.step('a key of each kind is made at one press and stands in its snippet', async () => {
      await page.getByTestId('make-client-key').click();
      await expect(ofPage.locator('pre')).toContainText(/clientToken: "dip_client_[\w-]{20,}"/);
      await page.getByTestId('make-server-key').click();
      await expect(ofAgent.locator('pre')).toContainText(/key="dip_server_[\w-]{20,}"/);
      await expect(ofAgent.locator('pre')).toContainText(`url="${fresh.origin}"`);
      return {
        page: (await ofPage.locator('pre').textContent()) ?? '',
        agent: (await ofAgent.locator('pre').textContent()) ?? '',
      };
    });

  const sessionId = await test.step('the page: its first event turns the step green by itself', async () => {
    const { site, address } = await serveDocument(
      `<!doctype html><title>shop</title>${snippet.page}<h1>A shop</h1>`,
    );
    const shop = await context.newPage();
    await shop.goto(address);
    await expect(ofPage).toHaveAttribute('data-done', 'true');
    await expect(ofAgent).toHaveAttribute('data-done', 'false');
    const id = await shop.evaluate(() =>
      (window as unknown as { diptych: { getSessionId: () => string } }).diptych.getSessionId(),
    );
    await shop.close();
    site.close();
    return id;
  });

  await test.step('the agent: so does its first span', async () => {
    const program = `session_id = ${JSON.stringify(sessionId)}
${snippet.agent}
with LLMObs.agent("answer-question"):
    LLMObs.annotate(input_data="Which tent?", output_data="The Ridge 4.")
assert LLMObs.flush()`;
    await promisify(execFile)(PYTHON, ['-c', program]);
    await expect(ofAgent).toHaveAttribute('data-done', 'true');
    await expect(ofPage).toHaveAttribute('data-done', 'true');
  });

  await test.step('the lists show them, joined', async () => {
    await ofPage.getByRole('link', { name: 'See the sessions' }).click();
    const row = page.getByTestId('session-row');
    await expect(row).toHaveAttribute('data-id', sessionId);
    await row.click();
    await page.getByTestId('llm-traces-button').click();
    await page.getByTestId('trace-row').click();
    await expect(page.getByTestId('trace-panel')).toContainText('answer-question');
    await expect(page.getByTestId('rum-session-link')).toBeVisible();
  });

  await test.step('Settings lists the keys without their secrets, and revokes one', async () => {
    await page.goto(`${fresh.origin}/settings`);
    const keys = page.getByTestId('keys');
    // Two were made by the first start of the server, two by the two presses.
    await expect(keys.getByRole('button', { name: /^Revoke/ })).toHaveCount(4);
    const secret = /dip_client_[\w-]+/.exec(snippet.page)?.[0] ?? '';
    await expect(keys).not.toContainText(secret);
    expect(await (await page.request.get(`${fresh.origin}/api/v1/keys`)).text()).not.toContain(secret);
    const shown = `${secret.slice(0, 'dip_client_'.length + 4)}…`;
    await keys.getByRole('button', { name: `Revoke ${shown}` }).click();
    await keys.getByRole('button', { name: `Revoke ${shown} for good` }).click();
    await expect(keys.getByRole('row', { name: shown })).toContainText('revoked');
    const send = () =>
      page.request.post(`${fresh.origin}/v1/rum?key=${secret}`, {
        data: '{"type":"action"}',
        headers: { 'content-type': 'text/plain' },
      });
    await expect.poll(async () => (await send()).status()).toBe(401);
  });
});
