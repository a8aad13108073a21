import { listen } from './guard.js';
import type { ExitReason } from './hub.js';

/**
 * Calls `onExit` at each moment after which the page may never run again. On phones `hidden` is often the last one
 * (https://developer.chrome.com/docs/web-platform/page-lifecycle-api); a page may come back from all of them.
 */
export function watchExit(onExit: (reason: ExitReason) => void): () => void {
  const stops = [
    listen(
      document,
      'visibilitychange',
      () => document.visibilityState === 'hidden' && onExit('visibility_hidden'),
      { capture: true },
    ),
    listen(document, 'freeze', () => onExit('page_frozen'), { capture: true }),
    listen(window, 'pagehide', () => onExit('before_unload'), { capture: true }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Calls `onActivity` when the user does something. */
export function watchActivity(onActivity: () => void): () => void {
  return listen(window, ['click', 'touchstart', 'keydown', 'scroll'], onActivity, {
    capture: true,
    passive: true,
  });
}

/** Calls `onVisible` each minute while the page can be seen, and when it comes back into sight. */
export function watchVisible(onVisible: () => void): () => void {
  const look = (): void => {
    if (document.visibilityState === 'visible') onVisible();
  };
  const stop = listen(document, 'visibilitychange', look);
  const timer = setInterval(look, 60_000);
  return () => {
    stop();
    clearInterval(timer);
  };
}

const TAB_KEY = '_diptych_tab';

/** Id of this tab, kept over its page loads where the browser lets us. */
export function tabId(fresh: () => string): string {
  try {
    const kept = sessionStorage.getItem(TAB_KEY) ?? fresh();
    sessionStorage.setItem(TAB_KEY, kept);
    return kept;
  } catch {
    return fresh();
  }
}
