import { useSyncExternalStore } from 'react';
import styles from './PlayheadLine.module.css';

/** A moment that moves, epoch ns on the server's clock; NaN where there is none. */
export interface Playhead {
  subscribe: (listener: () => void) => () => void;
  nowNs: () => number;
}

/** Of a trace that is looked at alone. */
export const STILL: Playhead = { subscribe: () => () => {}, nowNs: () => Number.NaN };

/** The red line where the playhead crosses a trace; nothing while it is elsewhere. */
export function PlayheadLine({
  playhead,
  extent,
}: {
  playhead: Playhead;
  extent: { startNs: number; lengthNs: number };
}) {
  const share = useSyncExternalStore(
    playhead.subscribe,
    () => (playhead.nowNs() - extent.startNs) / extent.lengthNs,
  );
  if (!(share >= 0 && share <= 1)) return null;
  return (
    <div className={styles.place}>
      <i className={styles.line} style={{ left: `${share * 100}%` }} data-testid="playhead-line" />
    </div>
  );
}
