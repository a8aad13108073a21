import { record } from '@rrweb/record';
import { EventType, type eventWithTime } from '@rrweb/types';
import { gzipSync, strToU8 } from 'fflate';
import type { CanvasRecording } from '../options.js';
import { carrying } from '../privacy.js';
import type { Recorder, RecorderConfig } from '../types/recorder.js';
import { createBudget } from './budget.js';
import { keepPutBack } from './put_back.js';
import { createRenewal } from './renewal.js';
import { createSanitizer } from './sanitize.js';
import { createSegments } from './segment.js';

/** Fastest level: at the page's exit a few milliseconds are all there is. */
const EXIT_GZIP_LEVEL = 1;
/** Mouse positions and scrolls are sampled this often; finer is not seen in a replay. */
const SAMPLING = { mousemove: 50, scroll: 100, media: 800, input: 'last' as const };
/** Pictures of a canvas in a second, and their quality as WebP. */
const CANVAS = { low: [1, 0.3], medium: [2, 0.5], high: [4, 0.7] } as const;

keepPutBack(record.mirror);

/** Elements that are never recorded, nor is anything in them; the last is rrweb's own name. */
const HIDDEN = `${carrying('hidden')},.rr-block`;
/** Canvases whose pictures could show masked text. */
const MASKED_CANVAS = `:is(${carrying('mask')},${carrying('mask-unless-allowlisted')}) canvas`;

/** Starts recording the document; each view begins with a full snapshot, and a long one does again. */
export function startRecorder(config: RecorderConfig): Recorder {
  const {
    applicationId,
    defaultPrivacyLevel: privacyLevel,
    sessionReplayCanvasRecording: canvas,
  } = config.settings;
  const segments = createSegments({
    applicationId,
    tabId: config.tabId,
    view: config.view,
    isHeld: config.isHeld,
    gzipNow: (text) => gzipSync(strToU8(text), { level: EXIT_GZIP_LEVEL }) as Uint8Array<ArrayBuffer>,
    onSegment: config.onSegment,
  });
  const sanitizer = createSanitizer(privacyLevel, (id) => record.mirror.getNode(id));
  let stop: (() => void) | undefined;
  let restTimer: ReturnType<typeof setTimeout> | undefined;
  const budget = createBudget(rest);
  const renewal = createRenewal(config.isHeld, takeSnapshot);

  function start(): void {
    restTimer = undefined;
    stop = budget.around(() =>
      record({
        emit(event) {
          const clean = sanitizer.clean(event as eventWithTime);
          if (clean) renewal.count(clean, segments.add(clean));
        },
        slimDOMOptions: 'all',
        // Asked of each element: no longer than it has to be.
        blockSelector: canvas.enable ? `${HIDDEN},${MASKED_CANVAS}` : HIDDEN,
        // Every form element passes maskInputFn; rrweb's own list knows some types only (not hidden, not custom ones).
        maskInputOptions: { input: true, textarea: true, select: true } as never,
        maskInputFn: sanitizer.value,
        // Every text passes maskTextFn, which decides by the level of its element.
        maskTextSelector: '*',
        maskTextFn: sanitizer.text,
        collectFonts: false,
        ...canvasOptions(canvas, privacyLevel.startsWith('mask-un') || privacyLevel === 'mask'),
        errorHandler: (error) => {
          config.onError(error);
          return true;
        },
      }),
    );
  }

  /** The page comes first: a gap in the replay, said as such in it, and a new full snapshot after it. */
  function rest(restMs: number): void {
    // Not in the middle of the recorder's own work.
    setTimeout(() => {
      if (!stop) return;
      stop();
      stop = undefined;
      const payload = { rest_ms: restMs };
      const timestamp = Date.now();
      segments.add({ type: EventType.Custom, data: { tag: 'dip.paused', payload }, timestamp });
      console.warn("Diptych: recording took too much of the page's time, it rests");
      config.onPause();
      restTimer = setTimeout(() => budget.spend(start), restMs);
    });
  }

  /** Not while it rests: there is one when it goes on. */
  function takeSnapshot(): void {
    try {
      if (stop) budget.spend(() => record.takeFullSnapshot(true));
    } catch (error) {
      config.onError(error);
    }
  }

  budget.spend(start);
  return {
    changeView(view) {
      segments.changeView(view);
      clearTimeout(restTimer);
      if (stop) takeSnapshot();
      else start();
    },
    flush: segments.flush,
    release() {
      renewal.release();
      segments.release();
    },
    stop() {
      clearTimeout(restTimer);
      stop?.();
      stop = undefined;
      segments.flush('view_change');
    },
  };
}

/** Where all text is masked, pictures that hold text are not taken. */
function canvasOptions({ enable, quality = 'medium' }: CanvasRecording, isMasked: boolean): object {
  if (!enable || isMasked) return { recordCanvas: false, sampling: SAMPLING };
  const [perSecond, webp] = CANVAS[quality] ?? CANVAS.medium;
  return {
    recordCanvas: true,
    sampling: { ...SAMPLING, canvas: perSecond },
    dataURLOptions: { type: 'image/webp', quality: webp },
  };
}
