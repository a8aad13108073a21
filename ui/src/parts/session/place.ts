/** Where in a session the person is: the part of the URL that a session panel reads and writes. */
export interface SessionPlace {
  tab?: 'timeline' | 'performance' | 'replay' | 'traces' | 'comments' | undefined;
  /** Epoch ms on the page's clock. */
  t?: number | undefined;
  /** The view to open the replay at, where no moment is given. */
  view?: string | undefined;
  /** The event that is shown whole. */
  event?: string | undefined;
  /** The kind of requests that the waterfall shows; left out: all. */
  requests?: string | undefined;
}

/** The beginning of a session. */
export const SESSION_START: SessionPlace = {
  tab: undefined,
  t: undefined,
  view: undefined,
  event: undefined,
  requests: undefined,
};
