/** Where in a session the person is: the part of the URL that a session panel reads and writes. */
export interface SessionPlace {
  tab?: 'timeline' | 'performance' | 'replay' | 'traces' | 'comments' | undefined;
  /** Epoch ms on the page's clock. */
  t?: number | undefined;
  /** The view to open the replay at, where no moment is given. */
  view?: string | undefined;
}
