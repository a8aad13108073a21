import type { EvaluationSummary } from '../../api/types.ts';
import { countWords } from '../../parts/amounts.ts';
import { Chip } from '../../parts/Chip.tsx';
import type { Range } from '../../parts/range.ts';
import { Sparkline } from '../../parts/Sparkline.tsx';
import styles from './EvaluationsPage.module.css';
import { shareWords } from './shares.ts';
import { ToAnswers } from './ToAnswers.tsx';

type Label = EvaluationSummary['labels'][number];

/** Every label of every source: how often, how it went, and how that changed. */
export function LabelTable({
  labels,
  range,
  chosen,
  onLabel,
}: {
  labels: Label[];
  range: Range;
  chosen: string;
  onLabel: (label: string | undefined) => void;
}) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>Label</th>
            <th className={styles.wide}>Source</th>
            <th className={styles.number}>Judged</th>
            <th>Passed</th>
            <th className={`${styles.number} ${styles.wide}`}>Score</th>
            <th className={styles.wide}>Pass rate over time</th>
            <th className={styles.wide}>Count over time</th>
          </tr>
        </thead>
        <tbody>
          {labels.map((one) => (
            <tr key={`${one.label} ${one.source}`} data-testid="label-row" data-label={one.label}>
              <td>
                <button
                  type="button"
                  className={styles.name}
                  aria-pressed={chosen === one.label}
                  title={`Only this label: ${one.label}`}
                  onClick={() => onLabel(chosen === one.label ? undefined : one.label)}
                >
                  {one.label}
                </button>
                <small className={styles.narrow}>{one.source}</small>
              </td>
              <td className={styles.wide}>
                <Chip {...(one.source === 'behaviour' ? { tone: 'person' as const } : {})}>{one.source}</Chip>
              </td>
              <td className={styles.number}>
                <ToAnswers query={one.query} range={range}>
                  {countWords(one.count)}
                </ToAnswers>
              </td>
              <td>
                <PassBar passed={one.passed} failed={one.failed} />
              </td>
              <td
                className={`${styles.number} ${styles.wide}`}
                title={one.source === 'behaviour' ? 'Mean confidence' : 'Mean score'}
              >
                {one.score === null ? <span className={styles.mute}>–</span> : one.score.toFixed(2)}
              </td>
              <td className={`${styles.spark} ${styles.wide}`}>
                {one.passed + one.failed > 0 && (
                  <Sparkline points={one.pass_rates} tone="machine" isCount={false} />
                )}
              </td>
              <td className={`${styles.spark} ${styles.wide}`}>
                <Sparkline points={one.counts} tone="machine" isCount />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How many of the verdicts passed: a bar and its words. */
export function PassBar({ passed, failed }: { passed: number; failed: number }) {
  const whole = passed + failed;
  if (whole === 0) return <span className={styles.mute}>no verdicts</span>;
  return (
    <span className={styles.pass} title={`${countWords(passed)} passed, ${countWords(failed)} failed`}>
      <span className={styles.bar} aria-hidden="true">
        <i style={{ width: `${(passed / whole) * 100}%` }} />
      </span>
      {shareWords(passed, whole)}
    </span>
  );
}
