import type { RumEvent } from '../../api/types.ts';
import { lengthWords } from '../times.ts';
import styles from './Timing.module.css';
import { PHASE_WORDS, phasesOf } from './waterfall.ts';

/** Where the time of a request went, as far as the browser told. */
export function Timing({ event }: { event: RumEvent }) {
  const phases = phasesOf(event);
  const wholeMs = event.duration_ms ?? 0;
  const [first] = phases;
  if (!first || wholeMs <= 0) {
    return (
      <p className={styles.none}>
        The browser tells no phases of this request: the other origin does not send{' '}
        <code>Timing-Allow-Origin</code>, or no answer came.
      </p>
    );
  }
  const rows = [
    ...(first.startMs > 0 ? [{ words: 'Before it was sent', startMs: 0, durationMs: first.startMs }] : []),
    ...phases.map((phase) => ({ ...phase, words: PHASE_WORDS[phase.name] })),
  ];
  return (
    <div className={styles.timing} data-testid="timing">
      {rows.map(({ words, startMs, durationMs }) => (
        <div key={words}>
          <span>{words}</span>
          <span className={styles.track} aria-hidden="true">
            <i
              style={{
                left: `${Math.min(100, (100 * startMs) / wholeMs)}%`,
                width: `${Math.min(100, (100 * durationMs) / wholeMs)}%`,
              }}
            />
          </span>
          <b>{lengthWords(durationMs)}</b>
        </div>
      ))}
    </div>
  );
}
