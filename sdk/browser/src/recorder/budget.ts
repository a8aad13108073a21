/** The share of the page's time that recording may take for long, and how much it may take at once. */
const MAX_SHARE = 0.2;
const MAX_BURST_MS = 1000;
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
  /** What was taken beyond the share, and when that was last counted. */
  let owedMs = 0;
  let countedMs = 0;
  let restMs = FIRST_REST_MS;
  let beganMs = 0;

  function note(ms: number): void {
    const nowMs = performance.now();
    owedMs = Math.max(0, owedMs - (nowMs - countedMs) * MAX_SHARE) + ms;
    countedMs = nowMs;
    if (owedMs <= MAX_BURST_MS) return;
    owedMs = 0;
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
