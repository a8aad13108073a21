import { nowMs, toNs } from '../clock.js';
import { guarded, listen } from '../guard.js';
import type { Hub } from '../hub.js';
import type { View, ViewHistory } from '../view_history.js';

/** Scrolling and growing are looked at this often at most. */
const LOOK_EVERY_MS = 1000;

/** How far a view was seen, in wire names; lengths in CSS pixels. */
export interface ScrollDepth {
  /** Lowest point of the document that was in the window, and how far the document was scrolled then. */
  max_depth: number;
  max_depth_scroll_top: number;
  max_scroll_height: number;
  /** Nanoseconds since the view's start at which the document had that height. */
  max_scroll_height_time: number;
}

/** Follows how far down people see each view; `told` is called with what has grown. */
export function captureScroll(
  hub: Hub,
  history: ViewHistory,
  told: (view: View, depth: ScrollDepth) => void,
): void {
  const depths = new WeakMap<View, ScrollDepth>();
  let isWaiting = false;

  const look = guarded(() => {
    isWaiting = false;
    const current = history.at();
    if (!current) return;
    const { scrollTop, scrollHeight } = document.scrollingElement ?? document.documentElement;
    const max_depth = Math.min(Math.round(innerHeight + scrollTop), scrollHeight);
    const before = depths.get(current);
    const now = { ...before } as ScrollDepth;
    if (!before || max_depth > before.max_depth)
      Object.assign(now, { max_depth, max_depth_scroll_top: Math.round(scrollTop) });
    if (!before || scrollHeight > before.max_scroll_height) {
      const max_scroll_height_time = toNs(nowMs() - current.startMs);
      Object.assign(now, { max_scroll_height: scrollHeight, max_scroll_height_time });
    }
    depths.set(current, now);
    if (JSON.stringify(now) !== JSON.stringify(before)) told(current, now);
  });
  // In a frame's callback the layout is needed anyway.
  const soon = (): void => {
    if (!isWaiting) setTimeout(() => requestAnimationFrame(look), LOOK_EVERY_MS);
    isWaiting = true;
  };

  soon();
  hub.on('view_start', soon);
  listen(document, ['scroll'], (event) => event.target === document && soon());
  if (globalThis.ResizeObserver) new ResizeObserver(soon).observe(document.documentElement);
}
