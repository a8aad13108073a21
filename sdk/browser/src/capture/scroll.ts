import { nowMs, toNs } from '../clock.js';
import { guarded, listen } from '../guard.js';
import type { Hub } from '../hub.js';
import type { View, ViewHistory } from '../view_history.js';
import { orAbsent } from '../wire_fields.js';

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

interface ScrollParts {
  hub: Hub;
  history: ViewHistory;
  /** Adds wire fields to a part of a view's event. */
  addFields(view: View, fields: Record<string, unknown>, part: 'display'): void;
}

/** Follows how far down people see each view. */
export function captureScroll({ hub, history, addFields }: ScrollParts): void {
  const depths = new WeakMap<View, ScrollDepth>();
  let isWaiting = false;

  const look = guarded(() => {
    isWaiting = false;
    const current = history.at();
    if (!current) return;
    const { scrollTop, scrollHeight } = document.scrollingElement ?? document.documentElement;
    const max_depth = Math.min(Math.round(innerHeight + scrollTop), scrollHeight);
    const before = depths.get(current);
    const now: Partial<ScrollDepth> = {
      ...(max_depth > (before?.max_depth ?? -1) && {
        max_depth,
        max_depth_scroll_top: Math.round(scrollTop),
      }),
      ...(scrollHeight > (before?.max_scroll_height ?? -1) && {
        max_scroll_height: scrollHeight,
        max_scroll_height_time: toNs(nowMs() - current.startMs),
      }),
    };
    if (!orAbsent(now)) return;
    depths.set(current, { ...before, ...now } as ScrollDepth);
    addFields(current, { scroll: now }, 'display');
  });
  // In a frame's callback the layout is needed anyway.
  const soon = (): void => {
    if (!isWaiting) setTimeout(() => requestAnimationFrame(look), LOOK_EVERY_MS);
    isWaiting = true;
  };

  soon();
  hub.on('view_start', soon);
  listen(document, ['scroll'], (event) => event.target === document && soon());
  new ResizeObserver(soon).observe(document.documentElement);
}
