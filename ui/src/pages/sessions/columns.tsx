import type { Session } from '../../api/types.ts';
import { costWords, countWords } from '../../parts/amounts.ts';
import { Chip } from '../../parts/Chip.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { isKnown, personName } from '../../parts/people.ts';
import type { Column } from '../../parts/Rows.tsx';
import { exactWords, positionWords, whenWords } from '../../parts/times.ts';
import styles from './columns.module.css';

/** The columns of the session list; narrow lists show the first few. */
export const COLUMNS: Column<Session>[] = [
  {
    id: 'user',
    title: 'User',
    width: 130,
    grow: 3,
    cell: (session) => (
      <span className={isKnown(session.user) ? '' : styles.mute} title={session.session_id}>
        {personName(session.user, session.session_id)}
      </span>
    ),
  },
  {
    id: 'when',
    title: 'When',
    width: 84,
    cell: (session) => (
      <span className={styles.mute} title={exactWords(session.last_seen)}>
        {whenWords(session.last_seen)}
      </span>
    ),
  },
  {
    id: 'length',
    title: 'Length',
    width: 52,
    isNumber: true,
    cell: (session) => positionWords(session.duration_ms),
  },
  {
    id: 'views',
    title: 'Views',
    width: 44,
    from: 760,
    isNumber: true,
    cell: (session) => number(session.views),
  },
  {
    id: 'actions',
    title: 'Actions',
    width: 52,
    from: 760,
    isNumber: true,
    cell: (session) => number(session.actions),
  },
  {
    id: 'errors',
    title: 'Errors',
    width: 44,
    from: 540,
    isNumber: true,
    cell: (session) => (
      <span className={session.errors > 0 ? styles.bad : styles.mute}>{countWords(session.errors)}</span>
    ),
  },
  {
    id: 'frustration',
    title: 'Frustration',
    width: 110,
    grow: 1,
    from: 640,
    cell: (session) => frustration(session.frustrations),
  },
  {
    id: 'traces',
    title: 'LLM traces',
    width: 70,
    isNumber: true,
    cell: (session) => (
      <span className={session.traces > 0 ? styles.machine : styles.mute}>{countWords(session.traces)}</span>
    ),
  },
  {
    id: 'tokens',
    title: 'Tokens',
    width: 64,
    from: 700,
    isNumber: true,
    cell: (session) => number(session.tokens.total),
  },
  {
    id: 'cost',
    title: 'Cost',
    width: 64,
    from: 460,
    isNumber: true,
    cell: (session) => <span className={styles.mute}>{costWords(session.cost_usd)}</span>,
  },
  {
    id: 'replay',
    title: '',
    width: 18,
    from: 400,
    cell: (session) =>
      session.has_replay ? (
        <span className={styles.replay} title="Has a replay">
          <Icon name="replay" size={15} />
        </span>
      ) : null,
  },
];

function number(count: number) {
  return <span className={count > 0 ? '' : styles.mute}>{countWords(count)}</span>;
}

function frustration(kinds: Record<string, number>) {
  const words = Object.entries(kinds)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind.replace('_click', '')}`);
  return words.length > 0 ? <Chip tone="bad">{words.join(' · ')}</Chip> : null;
}
