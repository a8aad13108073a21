import type { ExitReason } from '../hub.js';
import type { Options } from '../options.js';

/** Why a segment was closed. */
export type SegmentReason =
  | 'init'
  | 'segment_duration_limit'
  | 'segment_bytes_limit'
  | 'view_change'
  | ExitReason;

/** First line of a segment: what `/v1/replay` needs to know about the lines that follow. */
export interface SegmentHeader {
  format: 'rrweb';
  application: { id: string };
  session: { id: string };
  view: { id: string };
  tab: { id: string };
  /** Counts the segments of a view from 0. */
  index_in_view: number;
  /** Epoch milliseconds of the first record. */
  start: number;
  /** Epoch milliseconds of the last record. */
  end: number;
  records_count: number;
  has_full_snapshot: boolean;
  creation_reason: SegmentReason;
}

/** Counts of a view's recording so far, in wire names. */
export interface ReplayStats {
  segments_count: number;
  records_count: number;
  segments_total_raw_size: number;
}

export interface Segment {
  header: SegmentHeader;
  /** Of its view, with this segment. */
  stats: ReplayStats;
  /** NDJSON: the header, then one rrweb event a line. */
  text: string;
  /** Compresses at once, on this thread; for the moment when the page dies. */
  gzipNow(text: string): Uint8Array<ArrayBuffer>;
}

/** Whose recording it is. */
export interface RecordedView {
  id: string;
  sessionId: string;
}

export interface RecorderConfig {
  /** Options of `init`. */
  settings: Pick<Options, 'applicationId' | 'defaultPrivacyLevel' | 'sessionReplayCanvasRecording'>;
  tabId: string;
  view: RecordedView;
  /** Nothing leaves before `release`: the latest half minute to minute of the view is held. */
  isHeld: boolean;
  onSegment(segment: Segment): void;
  /** Recording took too much of the page's time and rests. */
  onPause(): void;
  onError(error: unknown): void;
}

export interface Recorder {
  /** What is held leaves, and all that follows. */
  release(): void;
  /** Closes the segment and starts the next view with a full snapshot. */
  changeView(view: RecordedView): void;
  /** Closes the segment. */
  flush(reason: SegmentReason): void;
  stop(): void;
}

/** What the recorder chunk exports. */
export interface RecorderModule {
  startRecorder(config: RecorderConfig): Recorder;
}
