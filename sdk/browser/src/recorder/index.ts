import { record } from '@rrweb/record';
import type { eventWithTime } from '@rrweb/types';
import { gzipSync, strToU8 } from 'fflate';
import { HIDDEN_SELECTOR } from '../privacy.js';
import type { Recorder, RecorderConfig } from '../types/recorder.js';
import { createSanitizer } from './sanitize.js';
import { createSegments } from './segment.js';

/** Fastest level: at the page's exit a few milliseconds are all there is. */
const EXIT_GZIP_LEVEL = 1;
/** Mouse positions and scrolls are sampled this often; finer is not seen in a replay. */
const SAMPLING = { mousemove: 50, scroll: 100, media: 800, input: 'last' as const };

/** Starts recording the document; each view begins with a full snapshot. */
export function startRecorder(config: RecorderConfig): Recorder {
  const { privacyLevel } = config;
  const segments = createSegments({
    applicationId: config.applicationId,
    tabId: config.tabId,
    view: config.view,
    gzipNow: (text) => gzipSync(strToU8(text), { level: EXIT_GZIP_LEVEL }) as Uint8Array<ArrayBuffer>,
    onSegment: config.onSegment,
  });
  const sanitizer = createSanitizer(privacyLevel, (id) => record.mirror.getNode(id));
  const stop = record({
    emit(event) {
      const clean = sanitizer.clean(event as eventWithTime);
      if (clean) segments.add(clean);
    },
    sampling: SAMPLING,
    slimDOMOptions: 'all',
    blockSelector: HIDDEN_SELECTOR,
    // Every form element passes maskInputFn; rrweb's own list knows some types only (not hidden, not custom ones).
    maskInputOptions: { input: true, textarea: true, select: true } as never,
    maskInputFn: sanitizer.value,
    // Every text passes maskTextFn, which decides by the level of its element.
    maskTextSelector: '*',
    maskTextFn: sanitizer.text,
    collectFonts: false,
    recordCanvas: false,
    errorHandler: (error) => {
      config.onError(error);
      return true;
    },
  });
  return {
    changeView(view) {
      segments.changeView(view);
      record.takeFullSnapshot(true);
    },
    flush: segments.flush,
    stop() {
      stop?.();
      segments.flush('view_change');
    },
  };
}
