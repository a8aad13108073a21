import { guarded, reportInternalError, tellOnce } from '../guard.js';
import type { Hub } from '../hub.js';
import type { Options } from '../options.js';
import type { Recorder, RecorderModule, Segment, SegmentReason } from '../types/recorder.js';
import type { View } from '../view_history.js';

/** A busy page starts the recording after this long all the same. */
const IDLE_TIMEOUT_MS = 2000;
/** A new view has this long to draw itself before its full snapshot is taken. */
const SNAPSHOT_WITHIN_MS = 200;

export interface Replay {
  start(): void;
  stop(): void;
  isRecorded(view: View): boolean;
  /** Counts of a view's recording so far, in wire names. */
  statsOf(viewId: string): Record<string, number> | undefined;
  flush(reason: SegmentReason): void;
}

interface ReplayParts {
  hub: Hub;
  options: Options;
  tabId: string;
  currentView(): View | undefined;
  /** Brings the recorder chunk; called once, when the page is idle. */
  load(): Promise<RecorderModule>;
  send(segment: Segment): void;
}

type Stats = { segments_count: number; records_count: number; segments_total_raw_size: number };

/** Starts the recorder when the page is idle and gives it each new view; stays small until then. */
export function captureReplay(parts: ReplayParts): Replay {
  const { hub } = parts;
  const stats = new Map<string, Stats>();
  let wanted = false;
  let module: Promise<RecorderModule> | undefined;
  let recorder: Recorder | undefined;
  let recorded: View | undefined;
  let cancelIdle: (() => void) | undefined;

  async function run(): Promise<void> {
    module ??= parts.load();
    const { startRecorder } = await module;
    const view = parts.currentView();
    if (!wanted || recorder || !view) return;
    recorded = view;
    recorder = startRecorder({
      applicationId: parts.options.applicationId,
      tabId: parts.tabId,
      privacyLevel: parts.options.defaultPrivacyLevel,
      view: { viewId: view.id, sessionId: view.sessionId },
      onSegment: guarded(onSegment),
      onError: reportInternalError,
    });
  }

  function onSegment(segment: Segment): void {
    const { header, text } = segment;
    const old = stats.get(header.view.id);
    stats.set(header.view.id, {
      segments_count: (old?.segments_count ?? 0) + 1,
      records_count: (old?.records_count ?? 0) + header.records_count,
      segments_total_raw_size: (old?.segments_total_raw_size ?? 0) + text.length,
    });
    parts.send(segment);
  }

  function startWhenIdle(): void {
    cancelIdle?.();
    cancelIdle = whenIdle(() => {
      run().catch((error: unknown) => {
        module = undefined;
        tellOnce('warn', `the session is not recorded: the recorder could not be loaded (${String(error)})`);
      });
    }, IDLE_TIMEOUT_MS);
  }

  function followView(): void {
    cancelIdle?.();
    cancelIdle = whenIdle(() => {
      const view = parts.currentView();
      if (!recorder || !view || view === recorded) return;
      recorded = view;
      recorder.changeView({ viewId: view.id, sessionId: view.sessionId });
    }, SNAPSHOT_WITHIN_MS);
  }

  function end(): void {
    cancelIdle?.();
    recorder?.stop();
    recorder = undefined;
    recorded = undefined;
  }

  hub.on('view_start', () => {
    if (!wanted) return;
    if (recorder) followView();
    else startWhenIdle();
  });
  hub.on('session_end', end);

  return {
    start() {
      wanted = true;
      if (!recorder) startWhenIdle();
    },
    stop() {
      wanted = false;
      end();
    },
    isRecorded: (view) => view === recorded || stats.has(view.id),
    statsOf: (viewId) => stats.get(viewId),
    flush: (reason) => recorder?.flush(reason),
  };
}

/** Safari has no `requestIdleCallback`. */
function whenIdle(run: () => void, timeoutMs: number): () => void {
  const safe = guarded(run);
  if (typeof requestIdleCallback === 'function') {
    const handle = requestIdleCallback(() => safe(), { timeout: timeoutMs });
    return () => cancelIdleCallback(handle);
  }
  const timer = setTimeout(safe, 1);
  return () => clearTimeout(timer);
}
