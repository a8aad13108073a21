/** Where a recording is idle: what may be skipped when the person watching asks for it. */

/** A stretch of time, epoch ms on the clock of the recorded page. */
export type Kept = readonly [start: number, end: number];

interface Timed {
  type: number;
  data?: unknown;
  timestamp: number;
}

/** Nothing of interest for longer than this is idle. */
const IDLE_MS = 8_000;
/** Kept before what ends an idle stretch, so that it does not come out of nowhere. */
const LEAD_MS = 1_000;

/** rrweb's numbers (@rrweb/types `EventType`, `IncrementalSource`). */
const INCREMENTAL_SNAPSHOT = 3;
/** Mouse, touch, scroll, resize, input, drag, selection: what a person does, unlike what a page does by itself. */
const BY_A_PERSON = new Set([1, 2, 3, 4, 5, 6, 12, 14]);

/**
 * Where to jump from `now`, or null when something happens soon enough.
 *
 * Of interest is what the person does, and everything that changes while an answer is given (`kept`): a streamed
 * answer is watched, a ticking clock is not, nor a picture that the recorder takes anew within a view.
 */
export function idleEnd(events: readonly Timed[], now: number, kept: readonly Kept[]): number | null {
  const last = events.at(-1);
  if (!last) return null;
  let next = last.timestamp;
  for (let index = firstAfter(events, now); index < events.length; index += 1) {
    const event = events[index];
    if (event && isOfInterest(event, kept)) {
      next = event.timestamp;
      break;
    }
  }
  const end = next - LEAD_MS;
  return end - now > IDLE_MS ? end : null;
}

function isOfInterest(event: Timed, kept: readonly Kept[]): boolean {
  if (event.type !== INCREMENTAL_SNAPSHOT) return false;
  if (BY_A_PERSON.has((event.data as { source: number }).source)) return true;
  return kept.some(([start, end]) => event.timestamp >= start && event.timestamp <= end);
}

/** The index of the first event later than `now`, by halving: events stand in order of time. */
function firstAfter(events: readonly Timed[], now: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.timestamp ?? 0) <= now) low = middle + 1;
    else high = middle;
  }
  return low;
}
