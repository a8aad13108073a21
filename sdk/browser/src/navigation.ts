import { listen, tried } from './guard.js';
import { hookMethod } from './method_hook.js';

/**
 * Calls `onChange` after each change of the address: History API, back and forward, hash.
 * Whether it is a new view is for the caller to say.
 */
export function watchNavigation(onChange: () => void): void {
  hookMethod(history, 'pushState', () => onChange);
  hookMethod(history, 'replaceState', () => onChange);
  listen(window, ['popstate', 'hashchange'], onChange);
}

/**
 * Whether two addresses are different views: another path, or another path in the hash (`#/route`).
 * The query string alone, and anchors of the page, are the same view.
 */
export function isOtherView(from: string, to: string): boolean {
  const [a, b] = [new URL(from), new URL(to)];
  if (a.pathname !== b.pathname) return true;
  return a.hash !== b.hash && hashPath(b.hash) !== hashPath(a.hash) && !isAnchor(b.hash);
}

function hashPath(hash: string): string {
  return hash.split('?', 1)[0] ?? '';
}

function isAnchor(hash: string): boolean {
  return hash.length > 1 && !!tried(() => document.getElementById(decodeURIComponent(hash.slice(1))));
}
