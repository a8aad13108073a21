import type { TracePlace } from '../../parts/trace/place.ts';

/** Where in a Diptych the person stands: the part of the URL that it reads and writes. */
export interface DiptychPlace extends TracePlace {
  /** The playhead, epoch ms on the page's clock. */
  at?: number | undefined;
  /** The tab of the browser that is shown, where the session has several. */
  tab?: string | undefined;
  /** The trace on the right; what the URL says of a trace is said of this one. */
  trace?: string | undefined;
  /** The answer to open at, where no moment is given. */
  turn?: string | undefined;
  /** What is listed below the replay. */
  tray?: Tray | undefined;
  /** The panel that has the whole width. */
  full?: 'person' | 'agent' | undefined;
}

export type Tray = 'events' | 'console' | 'network' | 'errors' | 'comments';
