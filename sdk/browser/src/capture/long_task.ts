import { toNs } from '../clock.js';
import type { Emit } from '../events.js';
import { observeEntries } from '../guard.js';
import { uuid } from '../ids.js';
import { wireFields } from '../wire_fields.js';

const FRAME = 'long-animation-frame';
/** Fields of https://w3c.github.io/long-animation-frames/ ; the first list of each is times. */
const FRAME_TIMES = 'blockingDuration firstUIEventTimestamp renderStart styleAndLayoutStart';
const SCRIPT_TIMES = 'duration executionStart startTime forcedStyleAndLayoutDuration pauseDuration';
const SCRIPT = 'invoker invokerType sourceURL sourceFunctionName sourceCharPosition windowAttribution';

/** Frames that took longer than 50 ms with the scripts in them; plain long tasks where the browser has no frames. */
export function captureLongTasks(emit: Emit): void {
  const known = PerformanceObserver.supportedEntryTypes;
  const type = known.includes(FRAME) ? FRAME : 'longtask';
  observeEntries(type, (entry) => {
    const { scripts } = entry as { scripts?: object[] } & PerformanceEntry;
    emit({
      type: 'long_task',
      startMs: entry.startTime,
      behind: { performanceEntry: entry },
      wire: {
        long_task: {
          id: uuid(),
          entry_type: scripts ? type : 'long-task',
          ...wireFields(entry, 'startTime duration', toNs),
          ...(scripts && {
            ...wireFields(entry, FRAME_TIMES, toNs),
            scripts: scripts.map((script) => ({
              ...wireFields(script, SCRIPT_TIMES, toNs),
              ...wireFields(script, SCRIPT),
            })),
          }),
        },
      },
    });
  });
}
