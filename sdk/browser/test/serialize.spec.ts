import { expect, type Json, leave, type Peer, test, until } from './fixture';

const FULL_SNAPSHOT = 2;

async function records(diptych: Peer): Promise<Json[]> {
  const segments = await until(
    () => diptych.segments(),
    'the recording',
    (found) => found.some(({ header }) => header.has_full_snapshot),
  );
  return segments.flatMap((segment) => segment.records);
}

/** Elements of the first full snapshot with an id of their own, by that id: their attributes and marks. */
function marked(node: Json): Record<string, Json> {
  const { attributes, tagName, isSVG, isCustom, isShadow, isShadowHost, childNodes = [] } = node;
  const inside = Object.assign({}, ...childNodes.map(marked));
  if (!attributes?.id) return inside;
  const { id, ...rest } = attributes;
  const own = { ...rest, tagName, isSVG, isCustom, isShadow, isShadowHost };
  return { [id]: JSON.parse(JSON.stringify(own)), ...inside };
}

const PAGE = `<base href="/dir/page">
  <a id="anchor" href="#top">t</a><a id="path" href="/p?q=1#h">p</a><a id="near" href="near">r</a>
  <a id="other" href="//cdn.example.com/x">o</a><a id="whole" href="https://example.com/x">w</a><a id="query" href="?x=1">q</a>
  <img id="picture" src="b.png" srcset="/a.png 1x, b.png 2x" alt="b"><div id="styled" style="background: url(q.png)"></div>
  <svg id="drawing" viewBox="0 0 10 10"><linearGradient id="gradient"/><foreignObject><p id="inside">in</p></foreignObject></svg>
  <x-card id="card"></x-card><x-unknown id="unknown"></x-unknown><form id="form"><input name="tagName"></form>
  <div id="scrolled" style="height: 40px; overflow: auto"><p style="height: 400px">tall</p></div>
  <dialog id="open" open></dialog><dialog id="modal"></dialog><video id="film" autoplay muted></video>
  <div id="left-out" class="rr-block" style="width: 20px; height: 30px"><p id="never">seen</p></div><iframe id="frame" src="/none"></iframe>
  <input id="typed" value="typed"><input id="chosen" type="checkbox" checked data-dip-privacy="allow"><textarea id="area">text</textarea>
  <script id="code">
    customElements.define('x-card', class extends HTMLElement {});
    document.querySelector('x-card').attachShadow({ mode: 'open' }).innerHTML = '<b id="shadow">s</b>';
    document.querySelector('#scrolled').scrollTop = 55;
    document.querySelector('#modal').showModal();
    // As what brings shadow roots to old browsers does.
    for (const name of ['firstChild', 'childNodes', 'parentNode']) Object.defineProperty(Node.prototype, name, { get: () => null });
  </script>`;

test('a snapshot has of each element what a player needs to show it', async ({
  page,
  open,
  site,
  diptych,
}) => {
  await open({ body: PAGE });
  await page.waitForFunction('performance.now() > 1000');
  await leave(page);
  const snapshot = (await records(diptych)).find(({ type }) => type === FULL_SNAPSHOT);
  const at = (path: string): string => site.origin + path;
  expect(marked(snapshot?.data.node)).toEqual({
    anchor: { tagName: 'a', href: at('/dir/page#top') },
    path: { tagName: 'a', href: at('/p?q=1#h') },
    near: { tagName: 'a', href: at('/dir/near') },
    other: { tagName: 'a', href: 'http://cdn.example.com/x' },
    whole: { tagName: 'a', href: 'https://example.com/x' },
    query: { tagName: 'a', href: at('/dir/page?x=1') },
    picture: {
      tagName: 'img',
      src: at('/dir/b.png'),
      srcset: `${at('/a.png')} 1x, ${at('/dir/b.png')} 2x`,
      alt: 'b',
    },
    styled: { tagName: 'div', style: `background: url(${at('/dir/q.png')})` },
    drawing: { tagName: 'svg', viewBox: '0 0 10 10', isSVG: true },
    gradient: { tagName: 'lineargradient', isSVG: true },
    inside: { tagName: 'p' },
    card: { tagName: 'x-card', isCustom: true, isShadowHost: true },
    shadow: { tagName: 'b', isShadow: true },
    unknown: { tagName: 'x-unknown' },
    form: { tagName: 'form' },
    scrolled: { tagName: 'div', style: 'height: 40px; overflow: auto', rr_scrollTop: 55 },
    open: { tagName: 'dialog', open: '', rr_open_mode: 'non-modal' },
    modal: { tagName: 'dialog', open: '', rr_open_mode: 'modal' },
    film: {
      tagName: 'video',
      muted: '',
      rr_mediaState: expect.any(String),
      rr_mediaCurrentTime: 0,
      rr_mediaPlaybackRate: 1,
      rr_mediaMuted: true,
      rr_mediaLoop: false,
      rr_mediaVolume: 1,
    },
    frame: { tagName: 'iframe' },
    typed: { tagName: 'input', value: '***' },
    chosen: { tagName: 'input', type: 'checkbox', checked: true, 'data-dip-privacy': 'allow' },
    area: { tagName: 'textarea', value: '***' },
  });
  expect(JSON.stringify(snapshot)).toContain('"class":"rr-block","rr_width":"20px","rr_height":"30px"');
});

test('a text that stands in a shadow root itself is masked as its host says, also when it changes', async ({
  page,
  open,
  diptych,
}) => {
  await open({
    body: `<div data-dip-privacy="mask"><x-card></x-card></div>
      <script>document.querySelector('x-card').attachShadow({ mode: 'open' }).append('first-secret');</script>`,
  });
  await page.waitForFunction('performance.now() > 1000');
  await page.evaluate(`(() => {
    const root = document.querySelector('x-card').shadowRoot;
    root.firstChild.data = 'changed-secret';
    root.append('late-secret');
  })()`);
  await page.waitForTimeout(100);
  await leave(page);
  await records(diptych);
  const all = diptych.received.map((each) => each.body).join('\n');
  for (const secret of ['first-secret', 'changed-secret', 'late-secret']) {
    expect(all.includes(secret), secret).toBe(false);
    // It was recorded, each of its characters as an x.
    expect(all.includes(`"${'x'.repeat(secret.length)}"`), secret).toBe(true);
  }
});

test('a link that is taken out while its text changes costs the recording nothing', async ({
  page,
  open,
  diptych,
}) => {
  await open({ body: '<p><a href="https://example.com/x">a link</a></p>' });
  await page.waitForFunction('performance.now() > 1000');
  await page.evaluate(`(() => {
    const link = document.querySelector('a');
    link.remove();
    link.firstChild.data = 'changed';
    document.querySelector('p').append('said after it');
  })()`);
  await page.waitForTimeout(100);
  expect(await page.evaluate('diptych.getDropped()')).toEqual({});
  await leave(page);
  await until(
    () => JSON.stringify(diptych.segments()),
    'the change',
    (text) => text.includes('said after it'),
  );
});
