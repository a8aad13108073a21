import { nowMs } from './clock.js';
import { elementOf } from './element_name.js';
import { guarded } from './guard.js';

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
      observer.disconnect();
      const marked = element.closest(ANSWER_SELECTOR);
      afterFrame(() => done({ atMs: nowMs(), element: marked ?? element, isMarked: marked !== null }));
    }),
  );
  observer.observe(document, { childList: true, characterData: true, subtree: true });
  return () => observer.disconnect();
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
