import type { EvaluationSummary } from '../../api/types.ts';
import { countWords } from '../../parts/amounts.ts';
import type { Range } from '../../parts/range.ts';
import styles from './EvaluationsPage.module.css';
import { FEW, shareWords } from './shares.ts';
import { ToAnswers } from './ToAnswers.tsx';

type Pair = EvaluationSummary['agreement'][number];

/** Two sources on the same answers: how often they say the same, and the answers on which they do not. */
export function AgreementCards({ pairs, range }: { pairs: Pair[]; range: Range }) {
  if (pairs.length === 0)
    return <p className={styles.mute}>No answer of this time was judged by two of the sources.</p>;
  return (
    <div className={styles.pairs}>
      {pairs.map((pair) => (
        <PairCard key={`${pair.one} ${pair.other}`} pair={pair} range={range} />
      ))}
    </div>
  );
}

function PairCard({ pair, range }: { pair: Pair; range: Range }) {
  const { one, other, both_pass, both_fail, only_one_passes, only_other_passes } = pair;
  const same = both_pass + both_fail;
  const differ = only_one_passes + only_other_passes;
  return (
    <div className={styles.pair} data-testid="agreement" data-pair={`${one} ${other}`}>
      <div className={styles.sources}>
        {one} <span className={styles.mute}>and</span> {other}
      </div>
      <div>
        <b className={styles.figure}>{shareWords(same, same + differ)}</b>{' '}
        <span className={styles.mute}>
          agree, of {countWords(same + differ)}
          {same + differ < FEW ? ' (few)' : ''}
        </span>
      </div>
      <table className={styles.matrix}>
        <tbody>
          <tr>
            <td>both pass</td>
            <td className={styles.number}>{countWords(both_pass)}</td>
            <td>only {one} passes</td>
            <td className={styles.number}>{countWords(only_one_passes)}</td>
          </tr>
          <tr>
            <td>both fail</td>
            <td className={styles.number}>{countWords(both_fail)}</td>
            <td>only {other} passes</td>
            <td className={styles.number}>{countWords(only_other_passes)}</td>
          </tr>
        </tbody>
      </table>
      {differ > 0 && (
        <ToAnswers query={pair.query} range={range}>
          Where they differ
        </ToAnswers>
      )}
    </div>
  );
}
