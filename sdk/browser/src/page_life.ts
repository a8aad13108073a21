import { guarded, listen } from './guard.js';
import type { ExitReason } from './hub.js';
import { uuid } from './ids.js';

/**
 * Calls `onExit` at each moment after which the page may never run again. On phones `hidden` is often the last one
 * (https://developer.chrome.com/docs/web-platform/page-lifecycle-api); a page may come back from all of them.
 */
export function watchExit(onExit: (reason: ExitReason) => void): void {
  listen(document, ['visibilitychange'], () => document.hidden && onExit('visibility_hidden'));
  listen(document, ['freeze'], () => onExit('page_frozen'));
  listen(window, ['pagehide'], () => onExit('before_unload'));
}

/** Calls `onActivity` when the user does something. */
export function watchActivity(onActivity: () => void): void {
  listen(window, ['click', 'touchstart', 'keydown', 'scroll'], onActivity);
}

/** Calls `onVisible` each minute while the page can be seen, and when it comes back into sight. */
export function watchVisible(onVisible: () => void): void {
  const look = guarded(() => document.hidden || onVisible());
  listen(document, ['visibilitychange'], look);
  setInterval(look, 60_000);
}

/** The browser's timing of the page load itself. */
export function pageLoad(): PerformanceNavigationTiming | undefined {
  return performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;
}

const TAB_KEY = '_diptych_tab';

let known: string | undefined;

/** Id of this tab, kept over its page loads where the browser lets us; read when it is first needed. */
export function tabId(): string {
  known ??= readTabId();
  return known;
}

function readTabId(): string {
  try {
    const kept = sessionStorage.getItem(TAB_KEY) ?? uuid();
    sessionStorage.setItem(TAB_KEY, kept);
    return kept;
  } catch {
    return uuid();
  }
}
