import { toNs } from '../clock.js';
import type { Emit } from '../events.js';
import { observeEntries } from '../guard.js';
import { uuid } from '../ids.js';

/** https://w3c.github.io/long-animation-frames/ ; not yet in TypeScript's DOM library. */
interface AnimationFrame extends PerformanceEntry {
  blockingDuration: number;
  firstUIEventTimestamp: number;
  renderStart: number;
  styleAndLayoutStart: number;
  scripts: AnimationFrameScript[];
}
interface AnimationFrameScript extends PerformanceEntry {
  executionStart: number;
  forcedStyleAndLayoutDuration: number;
  invoker: string;
  invokerType: string;
  pauseDuration: number;
  sourceCharPosition: number;
  sourceFunctionName: string;
  sourceURL: string;
  windowAttribution: string;
}

/** Frames that took longer than 50 ms with the scripts in them; plain long tasks where the browser has no frames. */
export function captureLongTasks(emit: Emit): void {
  const known = globalThis.PerformanceObserver?.supportedEntryTypes ?? [];
  const type = ['long-animation-frame', 'longtask'].find((each) => known.includes(each));
  if (!type) return;
  observeEntries(type, (entry) => {
    const frame = 'scripts' in entry ? frameFields(entry as AnimationFrame) : undefined;
    emit({
      type: 'long_task',
      startMs: entry.startTime,
      source: { performanceEntry: entry },
      data: {
        long_task: {
          id: uuid(),
          entry_type: frame ? type : 'long-task',
          start_time: toNs(entry.startTime),
          duration: toNs(entry.duration),
          ...frame,
        },
      },
    });
  });
}

function frameFields(frame: AnimationFrame): Record<string, unknown> {
  return {
    blocking_duration: toNs(frame.blockingDuration),
    first_ui_event_timestamp: toNs(frame.firstUIEventTimestamp),
    render_start: toNs(frame.renderStart),
    style_and_layout_start: toNs(frame.styleAndLayoutStart),
    scripts: frame.scripts.map((script) => ({
      duration: toNs(script.duration),
      execution_start: toNs(script.executionStart),
      start_time: toNs(script.startTime),
      forced_style_and_layout_duration: toNs(script.forcedStyleAndLayoutDuration),
      pause_duration: toNs(script.pauseDuration),
      invoker: script.invoker,
      invoker_type: script.invokerType,
      source_url: script.sourceURL,
      source_function_name: script.sourceFunctionName,
      source_char_position: script.sourceCharPosition,
      window_attribution: script.windowAttribution,
    })),
  };
}
