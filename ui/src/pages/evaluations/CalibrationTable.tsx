import type { EvaluationSummary } from '../../api/types.ts';
import { countWords } from '../../parts/amounts.ts';
import type { Range } from '../../parts/range.ts';
import { isReactionKind, reactionWords } from '../../parts/reactions.ts';
import styles from './EvaluationsPage.module.css';
import { FEW, shareWords } from './shares.ts';
import { ToAnswers } from './ToAnswers.tsx';

/** Each kind of behaviour: how sure its rule is, and how often the same people's thumbs said so too. */
export function CalibrationTable({ summary, range }: { summary: EvaluationSummary; range: Range }) {
  const { calibration, thumbs_up, thumbs_down } = summary;
  if (calibration.length === 0)
    return <p className={styles.mute}>No page told what people did with answers in this time.</p>;
  const thumbs = thumbs_up + thumbs_down;
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th>What they did</th>
            <th>Speaks for</th>
            <th className={styles.number}>Answers</th>
            <th className={styles.number}>Its rule is sure</th>
            <th className={styles.number}>Thumbs agreed</th>
            <th className={styles.number}>Without it</th>
          </tr>
        </thead>
        <tbody>
          {calibration.map((one) => {
            const whole = one.thumbs_up + one.thumbs_down;
            const agreed = one.verdict === 'pass' ? one.thumbs_up : one.thumbs_down;
            const others = thumbs - whole;
            const othersAgreed =
              one.verdict === 'pass' ? thumbs_up - one.thumbs_up : thumbs_down - one.thumbs_down;
            return (
              <tr key={one.kind} data-testid="calibration-row" data-kind={one.kind}>
                <td>{isReactionKind(one.kind) ? reactionWords(one.kind) : one.kind}</td>
                <td>{one.verdict === 'pass' ? 'a good answer' : 'a bad answer'}</td>
                <td className={styles.number}>{countWords(one.answers)}</td>
                <td className={styles.number}>
                  {one.confidence === null ? '–' : `${Math.round(one.confidence * 100)} %`}
                </td>
                <td className={styles.number}>
                  {whole === 0 ? (
                    <span className={styles.mute}>no thumbs yet</span>
                  ) : (
                    <ToAnswers query={one.query} range={range}>
                      {shareWords(agreed, whole)}{' '}
                      <small className={styles.mute}>
                        of {countWords(whole)}
                        {whole < FEW ? ' (few)' : ''}
                      </small>
                    </ToAnswers>
                  )}
                </td>
                <td className={styles.number}>
                  <span className={styles.mute}>{shareWords(othersAgreed, others)}</span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className={styles.mute}>
        Of {countWords(thumbs)} answers with a thumb {shareWords(thumbs_up, thumbs)} went up. A kind of
        behaviour is evidence where thumbs agree clearly more often than without it.
      </p>
    </div>
  );
}
