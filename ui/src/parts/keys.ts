import { useEffect, useRef } from 'react';
import { useIsLeft, useStay } from './page_left.ts';

/** Key names as `event.key` gives them, in lower case, each with what it does. */
export type KeyActions = Record<string, (event: KeyboardEvent) => void>;

/** A drawer or menu that stands over the page: the keys are its own until it is closed. */
const OPEN_ABOVE = '[role="dialog"], [role="menu"]';

/** Keys pressed while something stood above: by the time the page hears them, it may have closed itself. */
const takenAbove = new WeakSet<Event>();
window.addEventListener(
  'keydown',
  (event) => document.querySelector(OPEN_ABOVE) && takenAbove.add(event),
  true,
);

/**
 * Calls the action of a key pressed anywhere on the page; never while the person types, never with a modifier.
 * What an inner part has handled (`defaultPrevented`) stays handled. While another page is being opened, Escape takes
 * that back, whatever it does else, and no other key does anything.
 */
export function useKeys(actions: KeyActions): void {
  const latest = useRef(actions);
  latest.current = actions;
  const isLeft = useIsLeft();
  const stay = useStay();
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target))
        return;
      const key = event.key.toLowerCase();
      const action = isLeft() ? (key === 'escape' ? stay : undefined) : latest.current[key];
      // Enter on a button or a link presses that.
      if (!action || (key === 'enter' && isPressed(event.target)) || takenAbove.has(event)) return;
      event.preventDefault();
      action(event);
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [isLeft, stay]);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

function isPressed(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, a[href], summary, [role="tab"]') !== null;
}
