import type { Diptych } from './api.js';
import type { RumEventType } from './events.js';
import type { InitOptions } from './options.js';

/** What a plugin may do once the SDK runs. Times are `performance.now()` milliseconds; fields have wire names. */
export interface PluginTools {
  /** Sends an event of its own, e.g. `{ type: 'vital', vital: { … } }`. */
  addEvent(
    startTime: number,
    event: { type: RumEventType; [field: string]: unknown },
    context?: object,
  ): unknown;
  /** Adds fields (`view.*`; nested objects are merged) to the view of that moment. */
  addViewFields(time: number, fields: (sinceViewStart: number) => Record<string, unknown>): void;
}

/** A part that is added from outside, by the option `plugins`. A plugin that throws breaks neither us nor the page. */
export interface Plugin {
  name: string;
  /** Before the options are read: may change `initConfiguration`; false stops `init`. */
  onInit?(about: { initConfiguration: InitOptions; publicApi: Diptych }): unknown;
  /** When the SDK runs: after `init`, or once consent is given. */
  onRumStart?(tools: PluginTools): void;
}
