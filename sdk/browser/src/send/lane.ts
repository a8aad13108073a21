import { nowMs } from '../clock.js';
import { guarded, tellOnce } from '../guard.js';
import { gzip } from './gzip.js';
import { createQueue, type Item, type QueueLimits } from './queue.js';
import type { Door, Outcome, Transport } from './transport.js';

/** First wait after a failure; doubles up to the longest. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
/** Failures in a row after which the console is told, once. */
const TELL_AFTER_FAILURES = 3;

export interface LaneSettings {
  door: Door;
  /** Bounds of what waits. */
  queue: QueueLimits;
  /** Bounds of one request. */
  batch: QueueLimits;
  /** Longest wait of an item, in milliseconds. */
  everyMs: number;
}

/** One door's way out: what waits, what is on its way, and when to try again. */
export interface Lane {
  push(item: Item): void;
  /** Sends within this time. */
  sendWithin(ms: number): void;
  /** The network is back: no more waiting. */
  wake(): void;
  /**
   * The page may die: sends everything now, in requests that outlive it as far as the browser allows. When the page is
   * being left, the rest is kept for the next one.
   */
  sendAllNow(isLast?: boolean): void;
}

interface Batch {
  items: Item[];
  /** Being compressed: can still be taken back and sent as it is. */
  preparing: boolean;
  /** Its request ends with the page. */
  isMortal?: boolean;
}

/**
 * Sends what is pushed, one request at a time, with back-off; refused and overflowing items are counted.
 * `beforeBatch` may push what belongs into the request that is about to leave.
 */
export function createLane(
  settings: LaneSettings,
  transport: Transport,
  countDrop: (reason: string, items: number) => void,
  keep: (door: Door, items: Item[]) => void,
  beforeBatch?: () => void,
): Lane {
  const queue = createQueue(settings.queue, (items) => countDrop(`${settings.door}_queue_full`, items));
  let onItsWay: Batch | undefined;
  let failures = 0;
  let notBeforeMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let timerAtMs = 0;

  function sendWithin(ms: number): void {
    const atMs = Math.max(nowMs() + ms, notBeforeMs);
    if (timer !== undefined && timerAtMs <= atMs) return;
    clearTimeout(timer);
    timerAtMs = atMs;
    timer = setTimeout(guarded(run), Math.max(0, atMs - nowMs()));
  }

  function run(): void {
    timer = undefined;
    beforeBatch?.();
    if (onItsWay || queue.size() === 0) return;
    if (nowMs() < notBeforeMs) sendWithin(0);
    else void sendBatch({ items: queue.take(settings.batch), preparing: true });
  }

  async function sendBatch(batch: Batch): Promise<void> {
    onItsWay = batch;
    const text = pack(batch.items);
    const body = (await gzip(text)) ?? text;
    if (!batch.preparing) return; // taken back by sendAllNow
    batch.preparing = false;
    batch.isMortal = !transport.outlives(body);
    const outcome = await transport.send(settings.door, body);
    onItsWay = undefined;
    settle(batch.items, outcome);
  }

  function settle(items: Item[], outcome: Outcome): void {
    if (outcome.ok) {
      failures = notBeforeMs = 0;
    } else {
      failures += 1;
      notBeforeMs = nowMs() + (outcome.retryAfterMs || waitMs(failures));
      // Browsers fail what is on its way just before they tell a page that it is being left: it is sent once more then,
      // although it may have arrived. Ids make the second one harmless: the server counts it once.
      if (outcome.retry) queue.putBack(items);
      else countDrop(`${settings.door}_refused_${outcome.status}`, items.length);
      tellProblem(outcome, failures);
    }
    // After a failure notBeforeMs says when.
    const isCalm = outcome.ok && queue.bytes() < settings.batch.maxBytes;
    if (queue.size() > 0) sendWithin(isCalm ? settings.everyMs : 0);
  }

  function sendAllNow(isLast = false): void {
    clearTimeout(timer);
    timer = undefined;
    if (onItsWay?.preparing) {
      onItsWay.preparing = false;
      queue.putBack(onItsWay.items);
      onItsWay = undefined;
    }
    if (isLast && onItsWay?.isMortal) keep(settings.door, onItsWay.items);
    while (queue.size() > 0) {
      const items = queue.take(settings.batch);
      const text = pack(items);
      const body = items[0]?.gzipNow?.(text) ?? text;
      if (isLast && !transport.outlives(body)) keep(settings.door, items);
      else void transport.send(settings.door, body).then((outcome) => settle(items, outcome));
    }
  }

  return {
    push(item) {
      queue.push(item);
      sendWithin(queue.bytes() >= settings.batch.maxBytes ? 0 : settings.everyMs);
    },
    sendWithin,
    wake() {
      notBeforeMs = 0;
      sendWithin(0);
    },
    sendAllNow,
  };
}

function pack(items: Item[]): string {
  return items.map((item) => item.text).join('\n');
}

/** 1 s, 2 s, 4 s … 60 s, each between half and the whole of it so that many pages do not come back at once. */
function waitMs(failures: number): number {
  const whole = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
  return whole * (0.5 + Math.random() / 2);
}

function tellProblem({ status, retry }: Outcome, failures: number): void {
  if (!retry) tellOnce('warn', `the server refuses data (HTTP ${status}): check clientToken and its origins`);
  else if (failures === TELL_AFTER_FAILURES) tellOnce('warn', 'the server cannot be reached');
}
