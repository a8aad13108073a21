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
     recorded ten times. One that is written anew has lost its listeners, though; its root element is another.`,
    'handlers.push(observe(iframeEl.contentDocument));',
    `const { contentDocument } = iframeEl;
     if (!observed.has(contentDocument.documentElement)) handlers.push(observe(contentDocument));
     observed.add(contentDocument.documentElement);`,
  ],
  [
    'Goes with the one above: a recording that begins again observes anew.',
    'const handlers = [];\n    const observe = (doc) => {',
    'const handlers = [];\n    const observed = new WeakSet();\n    const observe = (doc) => {',
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
];

/** A plugin of the build. */
export const MENDED = {
  name: 'mended',
  transform(code, id) {
    if (!/@rrweb.record.dist.record\.js$/.test(id)) return null;
    for (const [, from, to] of MENDINGS) {
      if (code.split(from).length !== 2) throw new Error(`${id} has changed, look at it again: ${from}`);
      code = code.replace(from, () => to);
    }
    return { code, map: null };
  },
};
