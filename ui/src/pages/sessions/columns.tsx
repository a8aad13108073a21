import type { Session } from '../../api/types.ts';
import { pathOf } from '../../parts/addresses.ts';
import { costWords, counted, countWords, shortCount } from '../../parts/amounts.ts';
import { Chip } from '../../parts/Chip.tsx';
import { Icon } from '../../parts/Icon.tsx';
import { isKnown, personName } from '../../parts/people.ts';
import type { Column } from '../../parts/Rows.tsx';
import { exactWords, positionWords, whenWords } from '../../parts/times.ts';
import { VerdictChip } from '../../parts/VerdictChip.tsx';
import styles from './columns.module.css';

/** The columns of the session list; narrow lists show the first few. */
export const COLUMNS: Column<Session>[] = [
  {
    id: 'user',
    title: 'User',
    width: 110,
    grow: 4,
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
    grow: 1,
    cell: (session) => (
      <span className={styles.mute} title={exactWords(session.last_seen)}>
        {whenWords(session.last_seen)}
      </span>
    ),
  },
  {
    id: 'length',
    title: 'Length',
    from: 395,
    width: 52,
    grow: 1,
    isNumber: true,
    cell: (session) => positionWords(session.duration_ms),
  },
  {
    id: 'page',
    title: 'Last page',
    width: 120,
    grow: 4,
    from: 1160,
    cell: (session) => (
      <span className={styles.mute} title={session.last_view_url}>
        {pathOf(session.last_view_url)}
      </span>
    ),
  },
  {
    id: 'device',
    title: 'Device',
    width: 150,
    grow: 2,
    from: 1325,
    cell: (session) => (
      <span className={styles.mute}>{[session.browser, session.os].filter(Boolean).join(', ')}</span>
    ),
  },
  {
    id: 'views',
    title: 'Views',
    width: 44,
    grow: 1,
    from: 1025,
    isNumber: true,
    cell: (session) => number(session.views),
  },
  {
    id: 'actions',
    title: 'Actions',
    width: 52,
    grow: 1,
    from: 1025,
    isNumber: true,
    cell: (session) => number(session.actions),
  },
  {
    id: 'errors',
    title: 'Errors',
    width: 44,
    grow: 1,
    from: 450,
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
    from: 815,
    cell: (session) => frustration(session.frustrations),
  },
  {
    id: 'verdict',
    title: 'Worst evaluation',
    width: 110,
    grow: 1,
    from: 690,
    cell: (session) => <VerdictChip judged="session" id={session.session_id} />,
  },
  {
    id: 'traces',
    title: 'LLM traces',
    width: 70,
    grow: 1,
    isNumber: true,
    cell: (session) => (
      <span className={session.traces > 0 ? styles.machine : styles.mute}>{countWords(session.traces)}</span>
    ),
  },
  {
    id: 'tokens',
    title: 'Tokens',
    width: 64,
    grow: 1,
    from: 895,
    isNumber: true,
    cell: (session) => number(session.tokens.total),
  },
  {
    id: 'cost',
    title: 'Cost',
    width: 64,
    grow: 1,
    from: 530,
    isNumber: true,
    cell: (session) => <span className={styles.mute}>{costWords(session.cost_usd)}</span>,
  },
  {
    id: 'replay',
    title: '',
    width: 18,
    from: 600,
    cell: (session) =>
      session.has_replay ? (
        <span className={styles.replay} title="Has a replay">
          <Icon name="replay" size={15} />
        </span>
      ) : null,
  },
];

/** What went wrong, what was found, whether there is a replay, and where it was left. */
export function BELOW(session: Session) {
  return (
    <>
      {session.errors > 0 && <Chip tone="bad">{counted(session.errors, 'error')}</Chip>}
      {frustration(session.frustrations)}
      <VerdictChip judged="session" id={session.session_id} />
      <i>{pathOf(session.last_view_url)}</i>
      {session.has_replay && (
        <span className={styles.replay} title="Has a replay">
          <Icon name="replay" size={14} />
        </span>
      )}
    </>
  );
}

function number(count: number) {
  return <span className={count > 0 ? '' : styles.mute}>{shortCount(count)}</span>;
}

/** Each kind by its name, the commonest first, counted where there is more than one. */
function frustration(kinds: Record<string, number>) {
  const known = Object.entries(kinds)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a);
  if (known.length === 0) return null;
  const words = known.map(([kind, count]) => `${count > 1 ? `${count} ` : ''}${kind.replace('_click', '')}`);
  const title = known.map(([kind, count]) => counted(count, kind.replaceAll('_', ' '))).join('\n');
  return (
    <Chip tone="bad" title={title}>
      {words.join(' · ')}
    </Chip>
  );
}
