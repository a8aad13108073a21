import { fileURLToPath } from 'node:url';

/**
 * What is wrong in @rrweb/record 2.1.6 and touches the page or the recording, each with its mending.
 * `[why, what stands there, what takes its place]`; a place that is no longer found fails the build.
 */
const MENDINGS = [
  [
    `Before it reads shadow roots it asks whether somebody has replaced what it uses of Element. It looks for two
     methods among the accessors, does not find them, takes all for replaced, and puts a frame into every page.`,
    'Element: ["shadowRoot", "querySelector", "querySelectorAll"]',
    'Element: ["shadowRoot"]',
  ],
  [
    `Each full snapshot listens to the loads of each frame once more, and each of these listeners records the frame's
     document: only the latest goes on.`,
    'function onceIframeLoaded(iframeEl, listener, iframeLoadTimeout) {',
    `const frameListeners = new WeakMap();
     function onceIframeLoaded(iframeEl, latest, iframeLoadTimeout) {
       const listener = () => frameListeners.get(iframeEl) === latest && latest();
       frameListeners.set(iframeEl, latest);`,
  ],
  [
    `Each full snapshot observes the document of each frame once more: after ten of them, what happens in a frame was
     recorded ten times. One that is written anew has lost its listeners, though; its root element is another. One that
     has no root element yet has not.`,
    'handlers.push(observe(iframeEl.contentDocument));',
    `const { contentDocument } = iframeEl;
     const { documentElement } = contentDocument, before = observed.get(contentDocument);
     if (before === undefined || (before && before !== documentElement)) handlers.push(observe(contentDocument));
     observed.set(contentDocument, documentElement);`,
  ],
  [
    'Goes with the one above: a recording that begins again observes anew.',
    'const handlers = [];\n    const observe = (doc) => {',
    'const handlers = [];\n    const observed = new WeakMap();\n    const observe = (doc) => {',
  ],
  [
    `Each full snapshot observes each shadow root anew, and what the observer before it had is kept for ever: 1.5 MB a
     snapshot in a page of 1,000 shadow roots. A frame that is written anew has two observers.`,
    'return [observer, iframeCleanup];',
    `watched.get(rootEl)?.disconnect();
     watched.set(rootEl, observer);
     const disconnect = observer.disconnect.bind(observer);
     observer.disconnect = () => {
       disconnect();
       const at = mutationBuffers.indexOf(mutationBuffer);
       if (at >= 0) mutationBuffers.splice(at, 1);
     };
     return [observer, iframeCleanup];`,
  ],
  [
    'Goes with the one above.',
    'const mutationBuffers = [];',
    'const mutationBuffers = [], watched = new WeakMap();',
  ],
  [
    'Keeps the whole of each node that it has serialized, although nothing but its id is ever asked for again.',
    'this.nodeMetaMap.set(n, meta);\n  }\n  replace',
    'this.nodeMetaMap.set(n, id);\n  }\n  replace',
  ],
  [
    'Goes with the one above.',
    'const id = (_a2 = this.getMeta(n)) == null ? void 0 : _a2.id;\n    return id ?? -1;',
    'return this.nodeMetaMap.get(n) ?? -1;',
  ],
  [
    'Keeps the latest full snapshot for an option that we do not use: new ones by time.',
    'lastFullSnapshotEvent = e;',
    '',
  ],
  [
    `A text that stands in a shadow root itself has no parent element, and passed unmasked: now what masks it is asked
     with its parent node, in changes as in snapshots.`,
    `needMaskingText(
                m.target,
                this.maskTextClass,
                this.maskTextSelector,
                true
                // checkAncestors
              ) && value ? this.maskTextFn ? this.maskTextFn(value, closestElementOfNode(m.target)) : value.replace(/[\\S]/g, "*") : value`,
    'value && this.maskTextFn(value, index.parentNode(m.target))',
  ],
  [
    `Begins when the document is there. It always is when we begin, and a form that is called readyState says nothing of
     it: then nothing was recorded.`,
    '["interactive", "complete"].includes(document.readyState)',
    'true',
  ],
];

/** What is taken out whole: `[why, what]`; it, too, must be found. */
const TAKEN_OUT = [
  [
    'Our own serializer takes its place, src/recorder/serialize.ts.',
    /^function serializeNodeWithId\(n, options\) \{\n[\s\S]*?^\}\n/m,
  ],
  [
    'Records of frames of other origins, which `recordCrossOriginIframes` would let in: we do not set it.',
    /^ {2}handleMessage\(message\) \{\n[\s\S]*?(?=^\}\nclass ShadowDomManager)/m,
  ],
];

const SERIALIZER = fileURLToPath(new URL('src/recorder/serialize.ts', import.meta.url));
/** The parts of the library that our serializer uses. */
const SHARED = `absolutifyURLs, extractFileExtension, genId, getHref, getUntaintedPrototype, is2DCanvasBlank,
  isNativeShadowDom, markCssSplits, onceIframeLoaded, onceStylesheetLoaded, slimDOMExcluded, stringifyStylesheet,
  transformAttribute`;

/** A plugin of the build. */
export const MENDED = {
  name: 'mended',
  transform(code, id) {
    if (!/@rrweb.record.dist.record\.js$/.test(id)) return null;
    const changed = (what) => new Error(`${id} has changed, look at it again: ${what}`);
    for (const [, from, to] of MENDINGS) {
      if (code.split(from).length !== 2) throw changed(from);
      code = code.replace(from, () => to);
    }
    for (const [, what] of TAKEN_OUT) {
      if (!what.test(code)) throw changed(what);
      code = code.replace(what, '');
    }
    code = `import { serializeNodeWithId } from ${JSON.stringify(SERIALIZER)};
      ${code}
      export { ${SHARED} };`;
    return { code, map: null };
  },
};
