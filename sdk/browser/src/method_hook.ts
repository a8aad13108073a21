import { guarded } from './guard.js';

/**
 * Lets `seen` look at each call of a method before it happens: it may change the arguments in place, and give a
 * function that gets the result. The caller gets the very result; nothing is awaited or caught on its way.
 */
export function hookMethod<T extends object, R>(
  target: T,
  name: PropertyKey,
  // biome-ignore lint/suspicious/noExplicitAny: arguments are whatever the page gives
  seen: (self: T, args: any[]) => ((result: R) => unknown) | unknown,
): void {
  const original = (target as Record<PropertyKey, unknown>)[name];
  if (typeof original !== 'function') return;
  const before = guarded(seen);
  // A page may have frozen it: then it stays as it is, and is not seen.
  Reflect.set(target, name, function (this: T, ...args: unknown[]): R {
    const after = before(this, args);
    const result = Reflect.apply(original, this, args) as R;
    if (typeof after === 'function') guarded(after as (result: R) => unknown)(result);
    return result;
  });
}
