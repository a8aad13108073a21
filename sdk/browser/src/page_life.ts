import { guarded, listen, tried } from './guard.js';
import type { ExitReason } from './hub.js';
import { uuid } from './ids.js';

/** Whether the page is out of sight. A form may well be called `hidden`, and stand in the place of `document.hidden`. */
export function isHidden(): boolean {
  return document.visibilityState === 'hidden';
}

/**
 * Calls `onExit` at each moment after which the page may never run again. On phones `hidden` is often the last one
 * (https://developer.chrome.com/docs/web-platform/page-lifecycle-api); a page may come back from all of them.
 */
export function watchExit(onExit: (reason: ExitReason) => void): void {
  listen(document, ['visibilitychange'], () => isHidden() && onExit('visibility_hidden'));
  listen(document, ['freeze'], () => onExit('page_frozen'));
  listen(window, ['pagehide'], () => onExit('before_unload'));
}

/** Calls `onActivity` when the user does something. */
export function watchActivity(onActivity: () => void): void {
  listen(window, ['click', 'touchstart', 'keydown', 'scroll'], onActivity);
}

/** Calls `onVisible` each minute while the page can be seen, and when it comes back into sight. */
export function watchVisible(onVisible: () => void): void {
  const look = guarded(() => isHidden() || onVisible());
  listen(document, ['visibilitychange'], look);
  setInterval(look, 60_000);
}

/** Calls `onReturn` when the page comes back from the back/forward cache, with the page milliseconds of that. */
export function watchReturn(onReturn: (atMs: number) => void): void {
  listen<PageTransitionEvent>(window, ['pageshow'], ({ persisted, timeStamp }) => {
    if (persisted) onReturn(timeStamp);
  });
}

/** The browser's timing of the page load itself. */
export function pageLoad(): PerformanceNavigationTiming | undefined {
  return performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined;
}

/** Page milliseconds at which the page was first shown: later than its beginning where the browser had rendered it in advance. */
export function shownMs(): number {
  return (pageLoad() as { activationStart?: number } | undefined)?.activationStart ?? 0;
}

/** Runs after the load event has ended: its end time is 0 while its handlers run. */
export function whenLoaded(run: () => void): void {
  const later = (): unknown => setTimeout(guarded(run));
  if (document.readyState === 'complete') later();
  else window.addEventListener('load', later, { once: true });
}

const TAB_KEY = '_diptych_tab';

let known: string | undefined;

/** Id of this tab, kept over its page loads where the browser lets us; read when it is first needed. */
export function tabId(): string {
  if (known) return known;
  const id = tried(() => sessionStorage.getItem(TAB_KEY)) ?? uuid();
  tried(() => sessionStorage.setItem(TAB_KEY, id));
  known = id;
  return id;
}
