import type { Turn } from '../../api/types.ts';
import { costWords } from '../../parts/amounts.ts';
import { Chip } from '../../parts/Chip.tsx';
import { personName } from '../../parts/people.ts';
import { plainText } from '../../parts/plain_text.ts';
import type { Column } from '../../parts/Rows.tsx';
import { reactionTone, reactionWords } from '../../parts/reactions.ts';
import { exactWords, lengthWords, whenWords } from '../../parts/times.ts';
import { endWords, gapOf, verdictsOf } from '../../parts/turn/turn_words.ts';
import styles from './answers.module.css';

const none = <span className={styles.mute}>–</span>;

/** The columns of the list of answers; narrow lists show the first few. */
export const COLUMNS: Column<Turn>[] = [
  {
    id: 'question',
    title: 'Question',
    width: 130,
    grow: 3,
    cell: (turn) => plainText(turn.question) || <span className={styles.mute}>not recorded</span>,
  },
  {
    id: 'answer',
    title: 'Answer',
    width: 80,
    grow: 3,
    from: 850,
    cell: (turn) => <span className={styles.mute}>{plainText(turn.answer)}</span>,
  },
  {
    id: 'who',
    title: 'Who',
    width: 96,
    grow: 2,
    from: 1040,
    cell: (turn) => personName(turn.user, turn.session_id ?? undefined),
  },
  {
    id: 'when',
    title: 'When',
    width: 84,
    from: 400,
    cell: (turn) => (
      <span className={styles.mute} title={exactWords(turn.asked_at)}>
        {whenWords(turn.asked_at)}
      </span>
    ),
  },
  {
    id: 'felt',
    title: 'Felt first word',
    width: 92,
    isNumber: true,
    cell: (turn) => lengthOr(turn.felt?.first_word_ms),
  },
  {
    id: 'served',
    title: 'Server',
    width: 60,
    isNumber: true,
    from: 680,
    cell: (turn) => lengthOr(turn.served?.ttft_ms),
  },
  {
    id: 'gap',
    title: 'Gap',
    width: 60,
    isNumber: true,
    from: 930,
    cell: (turn) => <span className={styles.mute}>{lengthOr(gapOf(turn))}</span>,
  },
  {
    id: 'end',
    title: 'Ended',
    width: 132,
    from: 1530,
    cell: (turn) => endWords(turn.felt?.end_reason) ?? none,
  },
  {
    id: 'stalls',
    title: 'Stalls',
    width: 50,
    isNumber: true,
    from: 1530,
    cell: (turn) => (turn.felt ? turn.felt.stalls.length : none),
  },
  {
    id: 'then',
    title: 'What they did',
    width: 124,
    grow: 1,
    from: 500,
    cell: (turn) => (
      <span className={styles.chips}>
        <Reactions turn={turn} />
      </span>
    ),
  },
  {
    id: 'verdicts',
    title: 'Evaluations',
    width: 76,
    from: 600,
    cell: (turn) => (
      <span className={styles.chips}>
        <Verdicts turn={turn} />
      </span>
    ),
  },
  {
    id: 'model',
    title: 'Model',
    width: 110,
    grow: 1,
    from: 1290,
    cell: (turn) => turn.served?.models.join(', ') || none,
  },
  {
    id: 'prompt',
    title: 'Prompt',
    width: 130,
    grow: 1,
    from: 1400,
    cell: (turn) => turn.served?.prompt ?? none,
  },
  {
    id: 'match',
    title: 'Halves',
    width: 80,
    from: 1640,
    cell: (turn) =>
      turn.match === 'time' ? (
        <Chip tone="warn" title="No id joins them: matched by session and time only">
          by time
        </Chip>
      ) : (
        <span className={styles.mute}>{turn.match ? 'both' : turn.felt ? 'page only' : 'agent only'}</span>
      ),
  },
  {
    id: 'cost',
    title: 'Cost',
    width: 60,
    isNumber: true,
    from: 760,
    cell: (turn) => <span className={styles.mute}>{costWords(turn.served?.cost_usd ?? null)}</span>,
  },
];

/** What was made of an answer, and whose it was. */
export function BELOW(turn: Turn) {
  return (
    <>
      <Verdicts turn={turn} />
      <Reactions turn={turn} />
      <i>
        <bdi>{personName(turn.user, turn.session_id ?? undefined)}</bdi> · {whenWords(turn.asked_at)}
      </i>
    </>
  );
}

function Verdicts({ turn }: { turn: Turn }) {
  const { passed, failed } = verdictsOf(turn);
  if (failed > 0) return <Chip tone="bad">{failed} failed</Chip>;
  return passed > 0 ? <Chip tone="ok">{passed} passed</Chip> : null;
}

/** The worst first. A row has room for two: of more the first is shown, and how many there are besides. */
function Reactions({ turn }: { turn: Turn }) {
  const kinds = [...new Set(turn.reactions.map(({ kind }) => kind))].sort(
    (a, b) => GRAVITY.indexOf(reactionTone(a)) - GRAVITY.indexOf(reactionTone(b)),
  );
  const shown = kinds.length > 2 ? kinds.slice(0, 1) : kinds;
  return (
    <>
      {shown.map((kind) => (
        <Chip key={kind} tone={reactionTone(kind)}>
          {reactionWords(kind)}
        </Chip>
      ))}
      {kinds.length > shown.length && (
        <Chip title={kinds.map(reactionWords).join('\n')}>+{kinds.length - shown.length}</Chip>
      )}
    </>
  );
}

const GRAVITY = ['bad', 'warn', 'ok'];

function lengthOr(ms: number | null | undefined) {
  return ms === null || ms === undefined ? none : lengthWords(ms);
}
