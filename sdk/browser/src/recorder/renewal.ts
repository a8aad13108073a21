import { EventType, type eventWithTime, IncrementalSource } from '@rrweb/types';
import { nowMs } from '../clock.js';
import { whenIdle } from '../idle.js';

/** When a view that goes on begins anew with a full snapshot. */
interface Rule {
  /** So long after the latest one… */
  afterMs: number;
  /** …and when so many bytes of changes came after it, and so many times its own bytes… */
  changedBytes: number;
  times: number;
  /** …or when so many bytes of anything did. */
  maxBytes: number;
  /** The page has so long to become idle. */
  withinMs?: number;
}

/**
 * What has left: a player that is put to a late moment loads and replays what came after the latest full snapshot, so
 * that a snapshot pays where that is much. It adds half of the bytes at most.
 */
const SENT: Rule = {
  afterMs: 5 * 60_000,
  changedBytes: 1_000_000,
  times: 2,
  maxBytes: Number.POSITIVE_INFINITY,
};
/** What is held back is the latest minute, and little. */
const HELD: Rule = { afterMs: 30_000, changedBytes: 1, times: 0, maxBytes: 2_000_000, withinMs: 1000 };
/** Snapshots take at most this share of the page's time… */
const MAX_SHARE = 0.001;
/** …and none is taken where the latest took longer than this: people notice, and the budget would have it rest. */
const MAX_COST_MS = 500;

/** Where a pointer is changes nothing in the page. */
const POINTER = [IncrementalSource.MouseMove, IncrementalSource.TouchMove, IncrementalSource.Drag];

export interface Renewal {
  /** Counts a record that was made, and its bytes as JSON. */
  count(record: eventWithTime, bytes: number): void;
  /** What was held back has left. */
  release(): void;
}

/**
 * Has `take` make a full snapshot when the page is idle, each time when enough was recorded since the latest: a page
 * that changes nothing never gets another.
 */
export function createRenewal(isHeld: boolean, take: () => void): Renewal {
  let rule = isHeld ? HELD : SENT;
  let isAsked = false;
  /** Of the latest full snapshot. */
  let beganMs = 0;
  let costMs = 0;
  let snapshotBytes = 0;
  /** Since then. */
  let bytes = 0;
  let changedBytes = 0;

  function isDue(): boolean {
    if (bytes > rule.maxBytes) return true;
    const isMuch = changedBytes >= Math.max(rule.changedBytes, rule.times * snapshotBytes);
    const sinceMs = nowMs() - beganMs;
    return isMuch && sinceMs >= rule.afterMs && costMs <= Math.min(sinceMs * MAX_SHARE, MAX_COST_MS);
  }

  return {
    count(record, size) {
      bytes += size;
      if (record.type === EventType.IncrementalSnapshot && !POINTER.includes(record.data.source))
        changedBytes += size;
      // Stands before each full snapshot.
      if (record.type === EventType.Meta) beganMs = nowMs();
      if (record.type === EventType.FullSnapshot) {
        costMs = nowMs() - beganMs;
        snapshotBytes = size;
        bytes = changedBytes = 0;
      }
      if (isAsked || !isDue()) return;
      isAsked = true;
      whenIdle()(
        () => {
          isAsked = false;
          if (isDue()) take();
        },
        { timeout: rule.withinMs },
      );
    },
    release() {
      rule = SENT;
    },
  };
}
