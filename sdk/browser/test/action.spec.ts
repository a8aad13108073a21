import { expect, type Json, type Peer, quickClicks, test, until } from './fixture';

const actions = (diptych: Peer, count: number): Promise<Json[]> =>
  until(
    () => diptych.events('action'),
    'the actions',
    (found) => found.length >= count,
  );

test('clicks are named as a person would name them, and masked where privacy says so', async ({
  page,
  open,
  diptych,
}) => {
  const cases: [html: string, name: string, source: string][] = [
    ['<button data-dip-action-name="Own name"><i>icon</i></button>', 'Own name', 'custom_attribute'],
    ['<button data-dd-action-name="Datadog name"><i>icon</i></button>', 'Datadog name', 'custom_attribute'],
    ['<button>Buy <i>now</i></button>', 'Buy now', 'standard_attribute'],
    ['<div role="button" aria-label="Close"></div>', 'Close', 'standard_attribute'],
    ['<label>Your mail<input id="mail"></label>', 'Your mail', 'standard_attribute'],
    ['<input type="submit" value="Send">', 'Send', 'standard_attribute'],
    ['<img alt="A cat" src="data:," width="9" height="9">', 'A cat', 'standard_attribute'],
    ['<div>Plain words</div>', 'Plain words', 'text_content'],
    [
      '<button><h4>Traverse 65</h4><p>€229</p><p>65\n   litres<br>Green</p>in stock</button>',
      'Traverse 65 €229 65 litres Green in stock',
      'standard_attribute',
    ],
    [
      '<button><p>Total</p><b data-dip-privacy="mask">€4711</b><p>Pay</p></button>',
      'Total Pay',
      'standard_attribute',
    ],
    ['<button>H<sub>2</sub>O, <em>fr</em>esh<br>now</button>', 'H2O, fresh now', 'standard_attribute'],
    [`<button>${'<i></i><div></div>'.repeat(120)}Open chart</button>`, 'Open chart', 'standard_attribute'],
    ['<div class="built">Hello </div>', 'Hello Ada! 5 tents', 'text_content'],
    ['<button data-dip-privacy="mask">Account 4711</button>', 'Masked Element', 'mask_placeholder'],
    ['<div>Balance <b data-dip-privacy="mask">4711</b> left</div>', 'Balance left', 'text_content'],
    [
      '<div>Notes <textarea>what was typed</textarea><p contenteditable>what was typed</p></div>',
      'Notes',
      'text_content',
    ],
    ['<input value="what was typed">', '', 'blank'],
  ];
  const rows = cases.map(
    ([html], index) =>
      `<section id="s${index}">${html.replace(/^<(\w+)/, `<$1 id="t${index}" style="min-width:9px;min-height:9px"`)}</section>`,
  );
  await open({
    body: rows.join(''),
    // As React writes `Hello {name}! {count} tents`: texts side by side in one element.
    before: `addEventListener('submit', (event) => event.preventDefault());
      addEventListener('load', () => document.querySelector('.built').append('Ada', '!', ' ', '5', ' tents'));`,
  });
  for (const index of cases.keys())
    await page.click(`#t${index}${cases[index]?.[0].startsWith('<label') ? ' input' : ''}`);
  const found = await actions(diptych, cases.length);
  expect(found.map((event) => [event.action.target.name, event._dd.action.name_source])).toEqual(
    cases.map(([, name, source]) => [name, source]),
  );
});

test('a click knows what it set in motion, and what it set in motion knows the click', async ({
  page,
  open,
  site,
  diptych,
}) => {
  site.on('/api', (_, response) => void response.end('{}'));
  await open({
    body: `<button onclick="fetch('/api').then((r) => r.text()).then(() => { document.body.append('done'); console.error('bad'); })">Go</button>`,
    after:
      "addEventListener('click', () => { window.during = diptych.getInternalContext().user_action.id; });",
  });
  await page.click('button');
  const [action] = await actions(diptych, 1);
  expect(await page.evaluate('during')).toEqual([action?.action.id]);
  expect(action?.action).toMatchObject({
    type: 'click',
    resource: { count: 1 },
    error: { count: 1 },
    frustration: { type: ['error_click'] },
  });
  expect(action?.action.loading_time).toBeGreaterThan(0);
  const children = [...diptych.events('resource'), ...diptych.events('error')].filter(
    (event) => event.action,
  );
  expect(children.map((event) => event.action.id)).toEqual([[action?.action.id], [action?.action.id]]);
});

test('quick clicks on text are rage, though each moves the caret; those that select it are not', async ({
  page,
  open,
  diptych,
}) => {
  await open({ body: '<p id="still">An answer that does not go on.</p><p id="words">Words to select.</p>' });
  await quickClicks(page, '#still', 5, 12);
  await page.waitForTimeout(1200);
  await page.click('#words', { clickCount: 3, delay: 20 });
  const found = await actions(diptych, 4);
  expect(
    found.map(({ action }) => [action.target.name, action.frustration.type.includes('rage_click')]),
  ).toEqual([
    ['An answer that does not go on.', true],
    ['Words to select.', false],
    ['Words to select.', false],
    ['Words to select.', false],
  ]);
});

test('dead clicks, rage clicks, and their opt-out', async ({ page, open, diptych }) => {
  await open({
    body: `<button id="dead">Dead</button><button id="alive" onclick="this.title = Math.random()">Alive</button>
      <button id="rage">Rage</button><button id="ignored" data-dip-ignore-frustration>Ignored</button><input id="field" placeholder="Field">`,
  });
  for (const id of ['dead', 'alive', 'field', 'ignored']) {
    await page.click(`#${id}`);
    await page.waitForTimeout(150);
  }
  await quickClicks(page, '#rage', 4);
  const found = await actions(diptych, 5);
  expect(found.map((event) => [event.action.target.name, event.action.frustration.type])).toEqual([
    ['Dead', ['dead_click']],
    ['Alive', []],
    ['Field', []],
    ['Ignored', []],
    ['Rage', ['rage_click', 'dead_click']],
  ]);
});

test('quick clicks are rage though the page is too busy to hear them at once', async ({
  page,
  open,
  diptych,
}) => {
  await open({
    body: `<button onclick="for (const endMs = performance.now() + 600; performance.now() < endMs;);">Slow</button>`,
  });
  await quickClicks(page, 'button', 3);
  const [action] = await actions(diptych, 1);
  expect(action?.action.frustration.type).toContain('rage_click');
});

test('clicks by scripts are not counted unless they are allowed', async ({ page, open, diptych }) => {
  await open({ body: '<button>Go</button>', after: "diptych.addAction('mark');" });
  await page.evaluate(`document.querySelector('button').click()`);
  await page.waitForTimeout(1500);
  expect((await actions(diptych, 1)).map((event) => event.action.target.name)).toEqual(['mark']);
});
