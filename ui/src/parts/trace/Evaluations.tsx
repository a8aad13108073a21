import type { Evaluation } from '../../api/types.ts';
import { Chip, type Verdict } from '../Chip.tsx';
import { exactWords, whenWords } from '../times.ts';
import styles from './Evaluations.module.css';

/** What humans, judges, code and behaviour made of a span or its trace, each with its source. */
export function Evaluations({ evaluations }: { evaluations: Evaluation[] }) {
  return (
    <ul className={styles.list}>
      {[...evaluations].sort(bySource).map((evaluation) => (
        <li key={evaluation.evaluation_id}>
          <span className={styles.source} title={evaluation.submitter ?? ''}>
            {evaluation.source}
          </span>
          <div className={styles.words}>
            <Chip {...toneOf(evaluation)}>
              {evaluation.label}: {valueWords(evaluation.value)}
            </Chip>
            {evaluation.reasoning && <span className={styles.reasoning}>{evaluation.reasoning}</span>}
          </div>
          <time title={exactWords(evaluation.ts)}>{whenWords(evaluation.ts)}</time>
        </li>
      ))}
    </ul>
  );
}

/** Behaviour is its own source, never mixed with what a human said. */
const SOURCES = ['human', 'judge', 'code', 'behaviour'];

function bySource(one: Evaluation, other: Evaluation): number {
  return SOURCES.indexOf(one.source) - SOURCES.indexOf(other.source) || one.ts.localeCompare(other.ts);
}

/** Only a stated assessment is a verdict; a value alone is a fact. */
function toneOf({ assessment }: Evaluation): { tone?: Verdict } {
  if (assessment === null) return {};
  return { tone: assessment === 'pass' ? 'ok' : 'bad' };
}

function valueWords(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
