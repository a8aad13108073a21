import { nowMs, toNs } from '../clock.js';
import { listen } from '../guard.js';
import { isHidden } from '../page_life.js';

type PageState = 'active' | 'passive' | 'hidden' | 'frozen' | 'terminated';

/** Changes that are kept; beyond them the oldest go. */
const MAX_STATES = 500;

export interface PageStates {
  /** The states of a time, in wire fields: `start` in nanoseconds since its beginning. */
  pageStates(startMs: number, endMs?: number): { state: PageState; start: number }[];
  /** Page milliseconds at which the page first went out of sight. */
  firstHiddenMs(): number;
}

/** Follows whether the page has the focus, is in sight, is frozen: https://developer.chrome.com/docs/web-platform/page-lifecycle-api */
export function capturePageStates(): PageStates {
  const states: { state: PageState; atMs: number }[] = [{ state: stateNow(), atMs: 0 }];
  let hiddenMs = isHidden() ? 0 : Number.POSITIVE_INFINITY;
  const types = ['pageshow', 'focus', 'blur', 'visibilitychange', 'resume', 'freeze', 'pagehide'];
  listen(window, types, (event) => {
    // Fields of the page get the focus too.
    if (event.target !== window && event.target !== document) return;
    const state = stateAfter(event);
    const atMs = Math.min(event.timeStamp, nowMs());
    if (state === 'hidden') hiddenMs = Math.min(hiddenMs, atMs);
    if (state === states.at(-1)?.state) return;
    states.push({ state, atMs });
    if (states.length > MAX_STATES) states.shift();
  });
  return {
    pageStates: (startMs, endMs = Number.POSITIVE_INFINITY) =>
      states
        .filter(
          ({ atMs }, at) => atMs < endMs && (states[at + 1]?.atMs ?? Number.POSITIVE_INFINITY) > startMs,
        )
        .map(({ state, atMs }) => ({ state, start: toNs(Math.max(0, atMs - startMs)) })),
    firstHiddenMs: () => hiddenMs,
  };
}

function stateAfter(event: Event): PageState {
  if (event.type === 'freeze') return 'frozen';
  if (event.type === 'pagehide') return (event as PageTransitionEvent).persisted ? 'frozen' : 'terminated';
  return stateNow();
}

function stateNow(): PageState {
  if (isHidden()) return 'hidden';
  return document.hasFocus() ? 'active' : 'passive';
}
