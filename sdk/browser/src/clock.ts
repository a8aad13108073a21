/** Times of the page: milliseconds of `performance.now()` inside the SDK, epoch milliseconds and nanoseconds on the wire. */

/**
 * Milliseconds since the page began; never jumps, unlike the wall clock. Bound once, since it is read for each piece of an
 * answer: asking the window for `performance` is half of what a reading costs, a function of ours around it the next part.
 */
export const nowMs: () => number = performance.now.bind(performance);

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
  return Math.round(toEpochMs(0) - performance.timeOrigin);
}
