import type { RumEvent } from './events.js';
import { guarded } from './guard.js';
import type { Answer } from './types/answer.js';
import type { PageRequest } from './types/request.js';
import type { Session } from './types/session.js';
import type { View } from './view_history.js';

/** What the parts of the SDK tell each other; captures know these signals, never each other. */
export interface Signals {
  /** A browser session began (or was found in the cookie). */
  session_start: Session;
  /** The session ended: by time, by `stopSession()` or by consent. */
  session_end: Session;
  /** A view became the current one. */
  view_start: View;
  /** The current view ended; its last version follows. */
  view_end: View;
  /** fetch or XHR is about to leave; headers may still be added. */
  request_start: PageRequest;
  /** fetch resolved or rejected, or XHR ended. */
  request_end: PageRequest;
  /** The browser's timing of a resource of the page, of those before `init` too; never of our own requests. */
  resource_timing: PerformanceResourceTiming;
  /** The page opened an EventSource. */
  event_source: PageRequest;
  /** The page opened a WebSocket. */
  web_socket: PageRequest;
  /** An event was accepted for sending. */
  event: RumEvent;
  /** A batch of events is about to leave: what has changed since the last one is handed over. */
  batch: undefined;
  /** A streamed answer has ended and its event is on its way. */
  answer_end: Answer;
  /** The page may die now: captures hand over what they hold. */
  page_exit: ExitReason;
}

/** Why the page may die, in the words of a replay segment's `creation_reason`. */
export type ExitReason = 'visibility_hidden' | 'before_unload' | 'page_frozen';

export interface Hub {
  /** Calls `handler` for each signal of that name, in the order in which they asked. */
  on<K extends keyof Signals>(name: K, handler: (signal: Signals[K]) => void): void;
  tell<K extends keyof Signals>(name: K, signal: Signals[K]): void;
}

export function createHub(): Hub {
  const handlers: Record<string, ((signal: never) => void)[]> = {};
  return {
    on(name, handler) {
      handlers[name] ??= [];
      handlers[name].push(guarded(handler) as (signal: never) => void);
    },
    tell(name, signal) {
      for (const handler of handlers[name] ?? []) handler(signal as never);
    },
  };
}
