/** The time of the page that recording may take: so much of the latest seconds. */
const WINDOW_MS = 5000;
const MAX_SPENT_MS = 1000;
/** The first rest; each next one is twice as long, up to the longest. */
const FIRST_REST_MS = 10_000;
const LONGEST_REST_MS = 160_000;

export interface Budget {
  /** Watches what `record` costs whenever the page changes; gives the function that ends both. */
  around(record: () => (() => void) | undefined): () => void;
  /** Runs something of the recorder's whose time counts. */
  spend<T>(run: () => T): T;
}

/**
 * Measures how much of the page's thread the recorder takes and calls `onSpent` with the rest to take, in
 * milliseconds, when it is more than a fifth. Observers of one document are called in the order in which they were
 * made: what lies between our first and our last is the recorder.
 */
export function createBudget(onSpent: (restMs: number) => void): Budget {
  let spent: { atMs: number; ms: number }[] = [];
  let restMs = FIRST_REST_MS;
  let beganMs = 0;

  function note(ms: number): void {
    const nowMs = performance.now();
    spent.push({ atMs: nowMs, ms });
    spent = spent.filter(({ atMs }) => nowMs - atMs < WINDOW_MS);
    if (spent.reduce((sum, each) => sum + each.ms, 0) <= MAX_SPENT_MS) return;
    spent = [];
    onSpent(restMs);
    restMs = Math.min(restMs * 2, LONGEST_REST_MS);
  }

  const watch = (seen: () => void): MutationObserver => {
    const observer = new MutationObserver(seen);
    observer.observe(document, { attributes: true, characterData: true, childList: true, subtree: true });
    return observer;
  };

  return {
    around(record) {
      const first = watch(() => {
        beganMs = performance.now();
      });
      const stop = record();
      const last = watch(() => note(performance.now() - beganMs));
      return () => {
        first.disconnect();
        last.disconnect();
        stop?.();
      };
    },
    spend(run) {
      const startMs = performance.now();
      const result = run();
      note(performance.now() - startMs);
      return result;
    },
  };
}
