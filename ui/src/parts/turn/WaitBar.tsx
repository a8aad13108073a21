import type { Turn } from '../../api/types.ts';
import { lengthWords } from '../times.ts';
import styles from './WaitBar.module.css';

/** Asked → the server's first token → the felt first word → done, as one line; stalls in amber. */
export function WaitBar({ felt, ttftMs }: { felt: NonNullable<Turn['felt']>; ttftMs: number | null }) {
  const { first_word_ms, done_ms } = felt;
  // A busy page may show the first word after the last byte has come.
  const whole = Math.max(done_ms ?? 0, first_word_ms ?? 0);
  if (!whole) return null;
  const share = (ms: number) => `${Math.min(100, (ms / whole) * 100)}%`;
  const word = first_word_ms ?? whole;
  const served = Math.min(ttftMs ?? 0, word);
  return (
    <div
      className={styles.bar}
      role="img"
      aria-label={`First word after ${lengthWords(word)}, ${lengthWords(served)} of it at the server; done after ${lengthWords(done_ms ?? whole)}`}
    >
      <i className={styles.server} style={{ width: share(served) }} />
      <i className={styles.waited} style={{ left: share(served), width: share(word - served) }} />
      <i className={styles.told} style={{ left: share(word), width: share(whole - word) }} />
      {felt.stalls.map((stall) => (
        <i
          key={stall.start_ms}
          className={styles.stall}
          style={{ left: share(stall.start_ms), width: share(stall.duration_ms) }}
        />
      ))}
    </div>
  );
}
