/** What was lost and why: every loss of the SDK is counted here. */
export interface Dropped {
  count(reason: string, howMany?: number): void;
  /** Counts by reason, e.g. `{"queue_full": 12}`; empty while nothing was lost. */
  all(): Record<string, number>;
}

export function createDropped(): Dropped {
  const counts: Record<string, number> = {};
  return {
    count(reason, howMany = 1) {
      counts[reason] = (counts[reason] ?? 0) + howMany;
    },
    all: () => ({ ...counts }),
  };
}
