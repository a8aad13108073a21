import type { Evaluation } from '../../api/types.ts';
import { Chip, type Verdict } from '../Chip.tsx';
import { reactionOf, reactionTone, reactionWords } from '../reactions.ts';
import { exactWords, whenWords } from '../times.ts';
import styles from './Evaluations.module.css';

/** What humans, judges, code and behaviour made of a span or its trace, each with its source. */
export function Evaluations({ evaluations }: { evaluations: Evaluation[] }) {
  if (evaluations.length === 0) return null;
  return (
    <ul className={styles.list}>
      {[...evaluations].sort(bySource).map((evaluation) => (
        <li key={evaluation.evaluation_id}>
          <span className={styles.source} title={evaluation.submitter ?? ''}>
            {evaluation.source}
          </span>
          <div className={styles.words}>
            <Chip {...toneOf(evaluation)}>{wordsOf(evaluation)}</Chip>
            {sureWords(evaluation) && <span className={styles.reasoning}>{sureWords(evaluation)}</span>}
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

function wordsOf(evaluation: Evaluation): string {
  const kind = reactionOf(evaluation);
  return kind ? reactionWords(kind) : `${evaluation.label}: ${valueWords(evaluation.value)}`;
}

/** How surely behaviour speaks of the answer; what a person says needs no such words. */
function sureWords({ source, metadata }: Evaluation): string | null {
  const { confidence } = metadata as { confidence?: unknown };
  return source === 'behaviour' && typeof confidence === 'number'
    ? `${Math.round(confidence * 100)} % sure`
    : null;
}

/** Only a stated assessment is a verdict; a value alone is a fact, and behaviour only hints. */
function toneOf(evaluation: Evaluation): { tone?: Verdict } {
  const { assessment } = evaluation;
  const kind = reactionOf(evaluation);
  if (kind) return { tone: reactionTone(kind) };
  if (assessment === null) return {};
  return { tone: assessment === 'pass' ? 'ok' : 'bad' };
}

function valueWords(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
