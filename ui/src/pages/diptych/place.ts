/** Where in a Diptych the person stands: the part of the URL that it reads and writes. */
export interface DiptychPlace {
  /** The playhead, epoch ms on the page's clock. */
  at?: number | undefined;
  /** The trace on the right. */
  trace?: string | undefined;
  /** The chosen span of it. */
  span?: string | undefined;
  /** The answer to open at, where no moment is given. */
  turn?: string | undefined;
  /** What is listed below the replay. */
  tray?: Tray | undefined;
  /** The panel that has the whole width. */
  full?: 'person' | 'agent' | undefined;
}

export type Tray = 'events' | 'console' | 'network' | 'errors' | 'comments';
