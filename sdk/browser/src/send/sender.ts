import { toLine } from '../encode.js';
import type { RumEvent } from '../events.js';
import { guarded, listen } from '../guard.js';
import { watchReturn } from '../page_life.js';
import type { Segment } from '../types/recorder.js';
import type { Shelf } from './kept.js';
import { createLane } from './lane.js';
import { byteLength, type Transport } from './transport.js';

const KIB = 1024;
/** An event above this is no event but a document somebody put into a context. */
const MAX_EVENT_BYTES = 256 * KIB;
/** Data wait at most this long. */
const EVERY_MS = 5000;
/** …and after an answer has ended, this long: people look at the session while they chat. */
const AFTER_ANSWER_MS = 300;

const EVENTS = {
  door: 'rum',
  queue: { maxBytes: 2048 * KIB, maxItems: 2000 },
  batch: { maxBytes: 128 * KIB, maxItems: 300 },
  everyMs: EVERY_MS,
} as const;
/** One segment a request. The recorder itself cuts by time, so a segment leaves as soon as it is there. */
const SEGMENTS = {
  door: 'replay',
  queue: { maxBytes: 8192 * KIB, maxItems: 50 },
  batch: { maxBytes: 1, maxItems: 1 },
  everyMs: 0,
} as const;

export interface Sender {
  event(event: RumEvent): void;
  segment(segment: Segment): void;
  /** Something is to be told when the next batch of events leaves; the first one leaves at once. */
  wantBatch(): void;
  /** An answer has ended: what is known leaves soon. */
  soon(): void;
  /** The page may die; events leave before recordings. */
  sendAllNow(isLast?: boolean): void;
}

/** Takes events and segments and brings them to the server. */
export function createSender(
  transport: Transport,
  countDrop: (reason: string, items?: number) => void,
  shelf: Shelf,
  beforeBatch: () => void,
): Sender {
  const events = createLane(EVENTS, transport, countDrop, shelf.put, beforeBatch);
  const segments = createLane(SEGMENTS, transport, countDrop, shelf.put);
  const takeUp = guarded(() => {
    const left = shelf.take();
    for (const [door, text] of left?.texts ?? [])
      (door === 'rum' ? events : segments).push({ text, sizeBytes: byteLength(text) });
    if (left?.lost) countDrop('page_exit', left.lost);
  });
  let nextMs = 0;
  listen(window, ['online'], () => {
    events.wake();
    segments.wake();
  });
  setTimeout(takeUp);
  watchReturn(takeUp);
  return {
    event(event) {
      const text = toLine(event);
      const sizeBytes = byteLength(text);
      if (sizeBytes > MAX_EVENT_BYTES) return countDrop('event_too_large', 1);
      events.push({ text, sizeBytes, key: event.type === 'view' ? event.view.id : undefined });
    },
    segment({ text, gzipNow }) {
      // Their exact length would cost a copy of hundreds of kilobytes on the page's thread.
      segments.push({ text, sizeBytes: text.length, gzipNow });
    },
    wantBatch() {
      events.sendWithin(nextMs);
      nextMs = EVERY_MS;
    },
    soon: () => events.sendWithin(AFTER_ANSWER_MS),
    sendAllNow(isLast) {
      events.sendAllNow(isLast);
      segments.sendAllNow(isLast);
      if (isLast) guarded(shelf.close)();
    },
  };
}
