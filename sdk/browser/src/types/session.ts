/** A browser session as this tab knows it. */
export interface Session {
  id: string;
  anonymousId: string | undefined;
  /** Whether anything of it is recorded. */
  sampled: boolean;
  /** Whether its replay is recorded; only ever true when `sampled` is. */
  replaySampled: boolean;
  /** Whether a replay is held back for the case of an error. */
  onErrorSampled: boolean;
}
