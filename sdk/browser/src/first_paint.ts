import { forgetOldest } from './bounded.js';
import { nowMs } from './clock.js';
import { elementOf } from './element_name.js';
import { guarded } from './guard.js';
import { hookMethod } from './method_hook.js';

/** Marks the element in which an answer is shown. */
export const ANSWER_SELECTOR = '[data-dip-answer]';

export interface FirstPaint {
  /** Page milliseconds at which the frame with the first words was done. */
  atMs: number;
  /** Element that got the words: the marked one, or (found by rule) the one whose text changed. */
  element: Element;
  /** Whether the page has marked the element. */
  isMarked: boolean;
}

/** Shadow roots that are looked into: what changes in them is not told of the document. The oldest are forgotten. */
const MAX_ROOTS = 1000;
const roots = new Set<WeakRef<ShadowRoot>>();
/** Those who wait for words just now. */
const waiting = new Set<(root: Node | undefined) => void>();

/** Gets to know the shadow roots of the page, from now on. */
export function watchShadowRoots(): void {
  hookMethod(Element.prototype, 'attachShadow', () => (root: ShadowRoot) => {
    roots.add(new WeakRef(root));
    forgetOldest(roots, MAX_ROOTS);
    for (const look of waiting) look(root);
  });
}

/**
 * Waits for the first words that appear in the page from now on, and for the frame that shows them.
 * Where the page marks its answers with `data-dip-answer` only text in these counts, else any text that is added
 * outside of form elements. Gives the function that ends the wait. A hidden page paints nothing.
 */
export function onFirstWords(done: (paint: FirstPaint) => void): () => void {
  const observer = new MutationObserver(
    guarded((records) => {
      const element = records.map(elementWithWords).find((each) => each !== undefined);
      if (!element) return;
      stop();
      const marked = element.closest(ANSWER_SELECTOR);
      afterFrame(() => done({ atMs: nowMs(), element: marked ?? element, isMarked: marked !== null }));
    }),
  );
  const look = (root: Node | undefined): void => {
    if (root) observer.observe(root, { childList: true, characterData: true, subtree: true });
  };
  const stop = (): void => {
    observer.disconnect();
    waiting.delete(look);
  };
  look(document);
  for (const root of roots) look(root.deref());
  waiting.add(look);
  return stop;
}

function elementWithWords(record: MutationRecord): Element | undefined {
  const { target } = record;
  const element = elementOf(target);
  if (!element || element.closest('head,script,style,[contenteditable],textarea')) return undefined;
  const texts = record.type === 'characterData' ? [target] : [...record.addedNodes];
  if (!texts.some((node) => node.textContent?.trim())) return undefined;
  if (element.closest(ANSWER_SELECTOR)) return element;
  const added = [...record.addedNodes].find(
    (node) => node instanceof Element && node.matches(ANSWER_SELECTOR),
  );
  if (added) return added as Element;
  return document.querySelector(ANSWER_SELECTOR) ? undefined : element;
}

/** A frame's callback is followed by its painting, and a timer set in it runs after both. */
export function afterFrame(run: () => void): void {
  requestAnimationFrame(() => setTimeout(guarded(run)));
}
