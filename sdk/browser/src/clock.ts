/** Times of the page: milliseconds of `performance.now()` inside the SDK, epoch milliseconds and nanoseconds on the wire. */

/** Asking the window for it is half of what a reading costs: `performance` is a getter. */
const clock = performance;

/** Milliseconds since the page began; never jumps, unlike the wall clock. */
export function nowMs(): number {
  return clock.now();
}

/** The wall clock, in epoch milliseconds, of a moment given in page milliseconds. */
export function toEpochMs(atMs: number): number {
  return Math.round(Date.now() - (nowMs() - atMs));
}

/** A page moment from epoch milliseconds: the inverse of {@link toEpochMs}. */
export function fromEpochMs(epochMs: number): number {
  return epochMs - toEpochMs(0);
}

/** Integer nanoseconds, the unit of every duration in rum-events-format v2. */
export function toNs(ms: number): number {
  return Math.round(ms * 1e6);
}

/** How far the wall clock has moved away from the page's own clock since the page began, in milliseconds. */
export function driftMs(): number {
  return Math.round(toEpochMs(0) - clock.timeOrigin);
}
