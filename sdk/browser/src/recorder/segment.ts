import type { eventWithTime } from '@rrweb/types';
import { forgetOldest } from '../bounded.js';
import { toLine } from '../encode.js';
import type { RecordedView, ReplayStats, Segment, SegmentReason } from '../types/recorder.js';

/** A segment holds at most this much time. */
const MAX_DURATION_MS = 5000;
/**
 * …and about 60 kB of compressed bytes (as Datadog's): the JSON of DOM records shrinks about eight times,
 * and measuring it as it grows would mean compressing on the page's thread.
 */
const MAX_RAW_BYTES = 480_000;

const FULL_SNAPSHOT = 2;
/** Comes before each full snapshot. */
const META = 4;

export interface Segments {
  /** Gives the bytes that it takes as JSON. */
  add(record: eventWithTime): number;
  flush(reason: SegmentReason): void;
  changeView(view: RecordedView): void;
  /** What is held back leaves, and all that follows. */
  release(): void;
}

interface SegmentParts {
  applicationId: string;
  tabId: string;
  view: RecordedView;
  isHeld: boolean;
  gzipNow: Segment['gzipNow'];
  onSegment(segment: Segment): void;
}

/** Views whose counts are remembered: a recording that stops and starts again in a view goes on counting. */
const MAX_VIEWS = 50;
const known = new Map<string, ReplayStats>();

function statsOf(viewId: string): ReplayStats {
  const stats = known.get(viewId) ?? { segments_count: 0, records_count: 0, segments_total_raw_size: 0 };
  known.set(viewId, stats);
  forgetOldest(known, MAX_VIEWS);
  return stats;
}

/** Puts records into segments of one view each. Records are kept as text: what the page does later cannot change them. */
export function createSegments(parts: SegmentParts): Segments {
  let { view, isHeld } = parts;
  /** Held back: from the full snapshot before the latest on, and from the latest on. */
  let older: eventWithTime[] = [];
  let newer: eventWithTime[] = [];
  let lines: string[] = [];
  let bytes = 0;
  let startMs = 0;
  let endMs = 0;
  let hasFullSnapshot = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** What led to the segment: `init`, or the reason why the one before was closed. */
  let reason: SegmentReason = 'init';

  function flush(why: SegmentReason): void {
    clearTimeout(timer);
    timer = undefined;
    if (lines.length > 0) parts.onSegment(close());
    reason = why;
  }

  function close(): Segment {
    const stats = statsOf(view.id);
    const header = {
      format: 'rrweb' as const,
      application: { id: parts.applicationId },
      session: { id: view.sessionId },
      view: { id: view.id },
      tab: { id: parts.tabId },
      index_in_view: stats.segments_count,
      start: startMs,
      end: endMs,
      records_count: lines.length,
      has_full_snapshot: hasFullSnapshot,
      creation_reason: reason,
    };
    const text = [JSON.stringify(header), ...lines].join('\n');
    stats.segments_count += 1;
    stats.records_count += lines.length;
    stats.segments_total_raw_size += text.length;
    lines = [];
    bytes = 0;
    hasFullSnapshot = false;
    return { header, stats: { ...stats }, text, gzipNow: parts.gzipNow };
  }

  function hold(record: eventWithTime): number {
    if (record.type === META) {
      older = newer;
      newer = [];
    }
    newer.push(record);
    return JSON.stringify(record).length;
  }

  function add(record: eventWithTime): number {
    const line = toLine(record);
    if (lines.length === 0) {
      startMs = endMs = record.timestamp;
      timer = setTimeout(() => flush('segment_duration_limit'), MAX_DURATION_MS);
    }
    lines.push(line);
    bytes += line.length;
    startMs = Math.min(startMs, record.timestamp);
    endMs = Math.max(endMs, record.timestamp);
    hasFullSnapshot ||= record.type === FULL_SNAPSHOT;
    if (bytes >= MAX_RAW_BYTES) flush('segment_bytes_limit');
    return line.length;
  }

  return {
    add: (record) => (isHeld ? hold(record) : add(record)),
    flush,
    changeView(next) {
      flush('view_change');
      older = newer = [];
      view = next;
    },
    release() {
      isHeld = false;
      for (const record of [...older, ...newer]) add(record);
      older = newer = [];
    },
  };
}
