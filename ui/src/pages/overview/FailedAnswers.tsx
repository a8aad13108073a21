import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FAILED_ANSWERS, failedAnswersQuery } from '../../api/turns.ts';
import type { Turn } from '../../api/types.ts';
import { Chip } from '../../parts/Chip.tsx';
import { exploreSearch } from '../../parts/explore/explore_search.ts';
import { personName } from '../../parts/people.ts';
import { plainText } from '../../parts/plain_text.ts';
import { boundsOf, questionKey, type Range } from '../../parts/range.ts';
import { reactionTone, reactionWords } from '../../parts/reactions.ts';
import { Failed } from '../../parts/States.tsx';
import { exactWords, whenWords } from '../../parts/times.ts';
import { isVerdict } from '../../parts/turn/turn_words.ts';
import styles from './FailedAnswers.module.css';

/** The latest answers that somebody found a fault in, each with the way to it; asked for once the figures stand. */
export function FailedAnswers({ range, countedAt }: { range: Range; countedAt: number }) {
  const {
    data: turns,
    error,
    refetch,
  } = useQuery({
    // With the figures: what they count anew is looked for anew.
    ...failedAnswersQuery([...questionKey(range, ''), countedAt], () => boundsOf(range)),
    placeholderData: keepPreviousData,
  });
  if (error && !turns) return <Failed error={error} retry={() => void refetch()} />;
  if (!turns) return null;
  const search = exploreSearch({ from: range.from, to: range.to, query: FAILED_ANSWERS });
  return (
    <section className={styles.card} aria-labelledby="failed-answers">
      <header className={styles.head}>
        <h2 id="failed-answers">Answers that went wrong</h2>
        <span className={styles.mute}>a thumb went down, or a judgement failed</span>
        {turns.length > 0 && (
          <Link to="/answers" search={search} className={styles.all}>
            All of them
          </Link>
        )}
      </header>
      {turns.length === 0 && <p className={styles.mute}>None in this time.</p>}
      {turns.map((turn) => (
        <Link
          key={turn.turn_id}
          to="/answers"
          search={{ ...search, selected: turn.turn_id }}
          className={styles.row}
          data-testid="failed-answer"
        >
          <span className={styles.question} dir="auto">
            {plainText(turn.question) || 'not recorded'}
          </span>
          <span className={styles.answer} dir="auto">
            {plainText(turn.answer)}
          </span>
          <span className={styles.chips}>
            <Faults turn={turn} />
          </span>
          <span className={styles.who} dir="auto">
            {personName(turn.user, turn.session_id ?? undefined)}
          </span>
          <time className={styles.when} title={exactWords(turn.asked_at)}>
            {whenWords(turn.asked_at)}
          </time>
        </Link>
      ))}
    </section>
  );
}

/** What the person did of what speaks against the answer, and the labels that it failed by. */
function Faults({ turn }: { turn: Turn }) {
  const bad = new Set(turn.reactions.map(({ kind }) => kind).filter((kind) => reactionTone(kind) === 'bad'));
  const failed = turn.evaluations.filter((one) => isVerdict(one) && one.assessment === 'fail');
  return (
    <>
      {[...bad].map((kind) => (
        <Chip key={kind} tone="bad">
          {reactionWords(kind)}
        </Chip>
      ))}
      {[...new Set(failed.map(({ label }) => label))].map((label) => (
        <Chip key={label} tone="bad" title={`${label}: fail`}>
          {label}: fail
        </Chip>
      ))}
    </>
  );
}
