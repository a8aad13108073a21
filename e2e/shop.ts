import { type APIRequestContext, expect, type Page } from '@playwright/test';

/** Where the demo that `start-demo.ts` started is. */
export const SERVER = required('DIPTYCH_E2E_SERVER');
export const SHOP = required('DIPTYCH_E2E_SHOP');

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: the tests are run through playwright.config.ts`);
  return value;
}

/** Ask Concierge and wait until its answer has ended. */
export async function ask(page: Page, question: string): Promise<void> {
  const answers = page.getByTestId('chat-answer');
  // The greeting is one of them, and comes after the page.
  await answers.first().waitFor({ state: 'attached' });
  const before = await answers.count();
  await page.getByTestId('chat-input').fill(question);
  await page.getByTestId('chat-send').click();
  await expect(answers).toHaveCount(before + 1);
  await expect(answers.last()).toHaveAttribute('data-state', 'done', { timeout: 30_000 });
}

/** The session id as the page's own code reads it. */
export async function sessionId(page: Page): Promise<string> {
  const id = await page.evaluate(
    () =>
      (
        window as unknown as { diptych: { getInternalContext(): { session_id: string } | undefined } }
      ).diptych.getInternalContext()?.session_id,
  );
  if (!id) throw new Error('the page has no session');
  return id;
}

/** Waits until something of the page's recording has arrived. */
export async function recording(request: APIRequestContext, session: string): Promise<void> {
  const path = `/sessions/${session}/replay`;
  await expect
    .poll(async () => {
      const answer = await request.get(`${SERVER}/api/v1${path}`);
      return answer.ok() ? ((await answer.json()) as { views: unknown[] }).views.length : 0;
    })
    .toBeGreaterThan(0);
}

/** Leave the page: what it has not sent yet leaves with it. */
export async function leave(page: Page): Promise<void> {
  await page.goto('about:blank');
}

/** Sign a page in to Diptych by a link that works once; the shop's visitors have contexts of their own. */
export async function signIn(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/overview/);
}

/** The JSON of an API answer, asked with the signed-in cookie of `request`. */
export async function api<Answer>(request: APIRequestContext, path: string): Promise<Answer> {
  const answer = await request.get(`${SERVER}/api/v1${path}`);
  expect(answer.status(), `${path}: ${await answer.text()}`).toBe(200);
  return (await answer.json()) as Answer;
}
