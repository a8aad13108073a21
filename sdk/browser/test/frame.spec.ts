import { expect, test, until } from './fixture';

test('the recorder puts no frame of its own into the page', async ({ open, page, diptych }) => {
  const before = `window.frames_ = 0;
    const create = Document.prototype.createElement;
    Document.prototype.createElement = function (name, ...more) {
      if (String(name).toLowerCase() === 'iframe') window.frames_ += 1;
      return create.call(this, name, ...more);
    };`;
  await open({ before, body: '<main><h1>Shop</h1></main>' });
  await until(
    () => diptych.segments().length,
    'a segment',
    (count) => count > 0,
  );
  expect(await page.evaluate('window.frames_')).toBe(0);
});
