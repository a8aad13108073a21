import type { TraceContext } from '../correlation.js';

/** An EventSource that the page has opened. */
export interface OpenedEventSource {
  source: EventSource;
  url: string;
  startMs: number;
  trace?: TraceContext | undefined;
}
