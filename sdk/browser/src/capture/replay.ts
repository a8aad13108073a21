import { forgetOldest } from '../bounded.js';
import { guarded, listen, reportInternalError, tellOnce } from '../guard.js';
import type { Hub } from '../hub.js';
import type { Options } from '../options.js';
import { tabId } from '../page_life.js';
import type { Recorder, RecorderModule, Segment, SegmentReason } from '../types/recorder.js';
import type { View } from '../view_history.js';

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
  statsOf(viewId: string): Stats | undefined;
  flush(reason: SegmentReason): void;
}

interface ReplayParts {
  hub: Hub;
  options: Options;
  currentView(): View | undefined;
  /** Brings the recorder chunk; called once, when the page is idle. */
  load(): Promise<RecorderModule>;
  send(segment: Segment): void;
  countDrop(reason: string): void;
}

type Stats = { segments_count: number; records_count: number; segments_total_raw_size: number };

/** Starts the recorder when the page is idle and gives it each new view; stays small until then. */
export function captureReplay(parts: ReplayParts): Replay {
  const { hub, options } = parts;
  const stats = new Map<string, Stats>();
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
    const view = parts.currentView();
    if (!isWanted || !view || view === recorded || document.readyState === 'loading') return;
    recorded = view;
    const owner = { viewId: view.id, sessionId: view.sessionId };
    if (recorder) recorder.changeView(owner);
    else {
      recorder = startRecorder({
        applicationId: options.applicationId,
        tabId: tabId(),
        privacyLevel: options.defaultPrivacyLevel,
        view: owner,
        isHeld,
        canvas: options.sessionReplayCanvasRecording,
        onPause() {
          parts.countDrop('replay_paused');
          tellOnce('warn', "recording took too much of this page's time: it rests and goes on later.");
        },
        onSegment: guarded(onSegment),
        onError: reportInternalError,
      });
    }
  }

  function onSegment(segment: Segment): void {
    const { header, text } = segment;
    const sum = stats.get(header.view.id) ?? {
      segments_count: 0,
      records_count: 0,
      segments_total_raw_size: 0,
    };
    sum.segments_count += 1;
    sum.records_count += header.records_count;
    sum.segments_total_raw_size += text.length;
    stats.set(header.view.id, sum);
    forgetOldest(stats, MAX_VIEWS);
    parts.send(segment);
  }

  function catchUpWhenIdle(): void {
    // Safari has no requestIdleCallback; a timer ignores the second argument's object.
    const whenIdle = window.requestIdleCallback ?? (setTimeout as unknown as typeof requestIdleCallback);
    const timeout = recorder ? SNAPSHOT_WITHIN_MS : IDLE_TIMEOUT_MS;
    whenIdle(
      () => {
        catchUp().catch((error: unknown) => {
          module = undefined;
          tellOnce(
            'warn',
            `the session is not recorded: the recorder could not be loaded (${String(error)})`,
          );
        });
      },
      { timeout },
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
