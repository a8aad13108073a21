import { forgetOldest } from '../bounded.js';
import { guarded, listen, reportInternalError, tellOnce } from '../guard.js';
import type { Hub } from '../hub.js';
import { whenIdle } from '../idle.js';
import type { Options } from '../options.js';
import { tabId } from '../page_life.js';
import type { Recorder, RecorderModule, ReplayStats, Segment, SegmentReason } from '../types/recorder.js';
import type { View, ViewHistory } from '../view_history.js';

/** A busy page starts the recording after this long all the same. */
const IDLE_TIMEOUT_MS = 2000;
/** A new view has this long to draw itself before its full snapshot is taken. */
const SNAPSHOT_WITHIN_MS = 200;
/** Views whose counts are remembered. */
const MAX_VIEWS = 50;

export interface Replay {
  /** Records; held back, what is recorded leaves only with the first error. */
  start(isHeld?: boolean): void;
  stop(): void;
  isRecorded(view: View): boolean;
  /** Counts of a view's recording so far, in wire names. */
  statsOf(viewId: string): ReplayStats | undefined;
  flush(reason: SegmentReason): void;
}

interface ReplayParts {
  hub: Hub;
  options: Options;
  history: ViewHistory;
  /** Brings the recorder chunk; called once, when the page is idle. */
  load(): Promise<RecorderModule>;
  send(segment: Segment): void;
  countDrop(reason: string): void;
}

/** Starts the recorder when the page is idle and gives it each new view; stays small until then. */
export function captureReplay(parts: ReplayParts): Replay {
  const { hub, options } = parts;
  const stats = new Map<string, ReplayStats>();
  let isWanted = false;
  let isHeld = false;
  let module: Promise<RecorderModule> | undefined;
  let recorder: Recorder | undefined;
  let recorded: View | undefined;

  /** Brings the recording to the current view: starts it, or gives it the next one. */
  async function catchUp(): Promise<void> {
    if (!isWanted) return;
    module ??= parts.load();
    const { startRecorder } = await module;
    const view = parts.history.at();
    if (!isWanted || !view || view === recorded || document.readyState === 'loading') return;
    recorded = view;
    if (recorder) recorder.changeView(view);
    else {
      recorder = startRecorder({
        settings: options,
        tabId: tabId(),
        view,
        isHeld,
        onPause: () => parts.countDrop('replay_paused'),
        onSegment: guarded(onSegment),
        onError: reportInternalError,
      });
    }
  }

  function onSegment(segment: Segment): void {
    stats.set(segment.header.view.id, segment.stats);
    forgetOldest(stats, MAX_VIEWS);
    parts.send(segment);
  }

  function catchUpWhenIdle(): void {
    whenIdle()(
      () => {
        catchUp().catch((error: unknown) => {
          module = undefined;
          tellOnce('warn', `no replay: ${error}`);
        });
      },
      { timeout: recorder ? SNAPSHOT_WITHIN_MS : IDLE_TIMEOUT_MS },
    );
  }

  function end(): void {
    recorder?.stop();
    recorder = recorded = undefined;
  }

  hub.on('view_start', catchUpWhenIdle);
  // There is nothing to take a snapshot of before.
  listen(document, ['DOMContentLoaded'], catchUpWhenIdle);
  hub.on('session_end', end);

  return {
    start(hold = false) {
      isWanted = true;
      if (isHeld && !hold) recorder?.release();
      isHeld = hold;
      catchUpWhenIdle();
    },
    stop() {
      isWanted = false;
      end();
    },
    isRecorded: (view) => (view === recorded && !isHeld) || stats.has(view.id),
    statsOf: (viewId) => stats.get(viewId),
    flush: (reason) => recorder?.flush(reason),
  };
}
