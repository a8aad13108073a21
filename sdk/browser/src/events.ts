import type { View } from './view_history.js';

/** Types of RUM events; all but `answer` and `reaction` are rum-events-format v2. */
export type RumEventType =
  | 'view'
  | 'action'
  | 'resource'
  | 'error'
  | 'long_task'
  | 'vital'
  | 'answer'
  | 'reaction';

/** An event as it crosses the wire: rum-events-format v2, with our own additions under `dip`. */
export interface RumEvent {
  type: RumEventType;
  /** Epoch milliseconds of its start. */
  date: number;
  application: { id: string };
  session: { id: string; type: 'user'; has_replay?: true; [key: string]: unknown };
  view: { id: string; url: string; referrer: string; name?: string; [key: string]: unknown };
  context?: Record<string, unknown>;
  usr?: Record<string, unknown>;
  dip?: Record<string, unknown>;
  [key: string]: unknown;
}

/** What a capture saw, before the fields that all events share are added. */
export interface Captured {
  type: RumEventType;
  /** Page milliseconds of its start: decides the view it belongs to. */
  startMs: number;
  /** The fields of its own type, in wire names; merged over the shared ones. */
  wire: Record<string, unknown>;
  /** Context of this event alone. */
  context?: Record<string, unknown> | undefined;
  /** The view it belongs to where the capture knows better than the time does. */
  view?: View | undefined;
  /** Second argument of `beforeSend`: the objects behind the event. */
  behind?: Record<string, unknown>;
}

/** Hands an event over for sending; false when it was dropped. */
export type Emit = (captured: Captured) => boolean;
