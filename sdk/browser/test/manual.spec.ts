import { expect, type Json, type Peer, test, until } from './fixture';

const vitals = (diptych: Peer, type: string, count: number): Promise<Json[]> =>
  until(
    () =>
      diptych
        .events(type)
        .filter((event) => event.resource?.type !== 'document' && event.resource?.type !== 'js'),
    `${count} of ${type}`,
    (found) => found.length >= count,
  );

test('durations and operations by hand, before and after init', async ({ page, open, diptych }) => {
  await open({
    before: "window.diptych = { q: [() => diptych.startDurationVital('boot', { context: { phase: 1 } })] };",
  });
  await page.evaluate(`(async () => {
    diptych.startDurationVital('think', { vitalKey: 'a' });
    diptych.startDurationVital('think', { vitalKey: 'b' });
    await new Promise((done) => setTimeout(done, 60));
    diptych.stopDurationVital('think', { vitalKey: 'b', description: 'second' });
    diptych.stopDurationVital('boot', { context: { done: true } });
    diptych.stopDurationVital('never started');
    diptych.addDurationVital('known', { startTime: Date.now() - 500, duration: 250 });
    diptych.startOperation('upload', { operationKey: 'photo' });
    diptych.failOperation('upload', 'abandoned', { operationKey: 'photo' });
  })()`);
  const found = await vitals(diptych, 'vital', 5);
  const named = (name: string) => found.filter((event) => event.vital.name === name);
  expect(named('think').map((event) => event.vital)).toEqual([
    {
      id: expect.any(String),
      type: 'duration',
      name: 'think',
      duration: expect.any(Number),
      description: 'second',
    },
  ]);
  expect(named('think')[0]?.vital.duration).toBeGreaterThanOrEqual(59e6);
  expect(named('boot')[0]?.context).toEqual({ phase: 1, done: true });
  expect(named('known')[0]?.vital.duration).toBe(250e6);
  expect(
    named('upload').map(({ vital }) => [
      vital.type,
      vital.step_type,
      vital.operation_key,
      vital.failure_reason,
    ]),
  ).toEqual([
    ['operation_step', 'start', 'photo', undefined],
    ['operation_step', 'end', 'photo', 'abandoned'],
  ]);
});

test('actions and resources with a start and a stop', async ({ page, open, site, diptych }) => {
  await open();
  await page.evaluate(`(async () => {
    diptych.startAction('checkout', { context: { step: 1 } });
    diptych.startResource('/socket', { type: 'native', method: 'POST' });
    await new Promise((done) => setTimeout(done, 40));
    diptych.stopAction('checkout');
    diptych.stopResource('/socket', { statusCode: 201, size: 5 });
  })()`);
  const [action] = await vitals(diptych, 'action', 1);
  expect(action?.action).toMatchObject({ type: 'custom', target: { name: 'checkout' } });
  expect(action?.action.loading_time).toBeGreaterThanOrEqual(39e6);
  expect(action?.context).toEqual({ step: 1 });
  const resource = (await vitals(diptych, 'resource', 1)).find((event) => event.resource.type === 'native');
  expect(resource?.resource).toMatchObject({
    url: `${site.origin}/socket`,
    method: 'POST',
    status_code: 201,
    size: 5,
  });
});

test('feature flags go with the view in which they were asked for, and with its errors', async ({
  page,
  open,
  diptych,
}) => {
  await open();
  await page.evaluate(`
    diptych.addFeatureFlagEvaluation('new-search', true);
    diptych.addError(new Error('one'));
    history.pushState({}, '', '/other');
    diptych.addError(new Error('two'));
  `);
  const errors = await vitals(diptych, 'error', 2);
  expect(errors.map((event) => [event.error.message, event.feature_flags])).toEqual([
    ['one', { 'new-search': true }],
    ['two', undefined],
  ]);
  expect(diptych.events('view').some((view) => view.feature_flags?.['new-search'] === true)).toBe(true);
});
