import { expect, type Json, type Peer, test, until } from './fixture';

const errors = (diptych: Peer, count: number): Promise<Json[]> =>
  until(
    () => diptych.events('error'),
    'the errors',
    (found) => found.length >= count,
  );

test('errors of every source, with stack and causes', async ({ page, open, diptych }) => {
  const seen = await open({
    before:
      'console.error = ((own) => (...all) => { (window.logged ??= []).push(all[0]); own(...all); })(console.error);',
  });
  await page.evaluate(`
    setTimeout(() => { throw new TypeError('uncaught', { cause: new RangeError('root', { cause: 'deeper' }) }); });
    setTimeout(() => { throw 'a string'; });
    Promise.reject(new Error('rejected'));
    console.error('logged', { order: 7 }, new Error('inner'));
    diptych.addError(Object.assign(new Error('by hand'), { dip_fingerprint: 'group-1', dip_context: { cart: 3 } }), { own: 1 });
    diptych.addError({ code: 5 });
  `);
  const found = await errors(diptych, 6);
  const facts = found.map(({ error }) => [
    error.source,
    error.handling,
    error.type,
    error.message.split('\n')[0],
  ]);
  expect(facts).toEqual(
    expect.arrayContaining([
      ['source', 'unhandled', 'TypeError', 'uncaught'],
      ['source', 'unhandled', undefined, 'Uncaught a string'],
      ['source', 'unhandled', 'Error', 'rejected'],
      ['console', 'handled', 'Error', 'logged {"order":7} Error: inner'],
      ['custom', 'handled', 'Error', 'by hand'],
      ['custom', 'handled', undefined, 'Provided {"code":5}'],
    ]),
  );
  const uncaught = found.find((event) => event.error.type === 'TypeError');
  expect(uncaught?.error.stack).toContain('TypeError: uncaught');
  expect(uncaught?.error.causes.map((cause: Json) => cause.message)).toEqual(['root', 'deeper']);
  const byHand = found.find((event) => event.error.fingerprint === 'group-1');
  expect(byHand?.context).toEqual({ cart: 3, own: 1 });
  expect(byHand?.error.handling_stack).toBeTruthy();
  // The page's own console and error handling saw what they would have seen without us.
  expect(await page.evaluate('logged')).toEqual(['logged']);
  expect(seen.map((text) => text.replace('Error: ', ''))).toEqual(
    expect.arrayContaining(['Typeuncaught', 'a string', 'rejected']),
  );
});

test('a loop of errors is cut off at 3000 a minute, whatever the clock says, and the loss is counted', async ({
  page,
  open,
  diptych,
}) => {
  await open();
  // The wall clock comes to its next minute within the loop.
  await page.evaluate(
    '{ const now = Date.now; let calls = 0; Date.now = () => now() + (calls++ > 500 ? 60_000 : 0); }',
  );
  await page.evaluate("for (let i = 0; i < 3100; i += 1) diptych.addError(new Error('again'))");
  const dropped = (await page.evaluate('diptych.getDropped()')) as Record<string, number>;
  expect(dropped.rate_limit).toBe(100);
  await errors(diptych, 1);
});

test('half an emoji in a message does not spoil the batch', async ({ page, open, diptych }) => {
  await open();
  await page.evaluate(`diptych.addError(new Error('cut ' + '👍'.slice(0, 1) + ' and 👍 and \\\\ud83d'))`);
  const [event] = await errors(diptych, 1);
  expect(event?.error.message).toBe('cut \ufffd and 👍 and \\ud83d');
});
