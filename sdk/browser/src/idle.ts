/** `requestIdleCallback`, or in Safari, which has none, a timer; that one ignores an object as its second argument. */
export const whenIdle = (): typeof requestIdleCallback =>
  window.requestIdleCallback ?? (setTimeout as unknown as typeof requestIdleCallback);
