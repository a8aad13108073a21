import { Link } from '@tanstack/react-router';
import type { TraceSummary } from '../../api/types.ts';
import { costWords, countWords } from '../../parts/amounts.ts';
import { KindBadge } from '../../parts/KindBadge.tsx';
import { isKnown, personName } from '../../parts/people.ts';
import type { Column } from '../../parts/Rows.tsx';
import { exactWords, lengthWords, whenWords } from '../../parts/times.ts';
import styles from './columns.module.css';

/** The columns of the trace list; narrow lists show the first few. */
export const COLUMNS: Column<TraceSummary>[] = [
  {
    id: 'name',
    title: 'Trace',
    width: 130,
    grow: 2,
    cell: (trace) => (
      <span className={styles.name}>
        <KindBadge kind={trace.kind} status={trace.status} /> <span className={styles.cut}>{trace.name}</span>
      </span>
    ),
  },
  { id: 'input', title: 'Input', width: 90, grow: 3, from: 520, cell: (trace) => trace.input },
  {
    id: 'output',
    title: 'Output',
    width: 90,
    grow: 3,
    from: 900,
    cell: (trace) => <span className={styles.mute}>{trace.output}</span>,
  },
  {
    id: 'model',
    title: 'Model',
    width: 96,
    grow: 1,
    from: 1000,
    cell: (trace) => <span title={trace.models.join('\n')}>{trace.models.join(', ')}</span>,
  },
  {
    id: 'user',
    title: 'User',
    width: 96,
    grow: 1,
    from: 1100,
    cell: (trace) => (isKnown(trace.user) ? personName(trace.user) : <span className={styles.mute}>–</span>),
  },
  {
    id: 'when',
    title: 'When',
    width: 84,
    cell: (trace) => (
      <span className={styles.mute} title={exactWords(trace.start)}>
        {whenWords(trace.start)}
      </span>
    ),
  },
  {
    id: 'duration',
    title: 'Duration',
    width: 60,
    isNumber: true,
    cell: (trace) =>
      trace.is_complete ? lengthWords(trace.duration_ms) : <span className={styles.mute}>running</span>,
  },
  {
    id: 'ttft',
    title: 'First word',
    width: 64,
    from: 800,
    isNumber: true,
    cell: (trace) =>
      trace.ttft_ms === null ? <span className={styles.mute}>–</span> : lengthWords(trace.ttft_ms),
  },
  {
    id: 'tokens',
    title: 'Tokens',
    width: 60,
    from: 440,
    isNumber: true,
    cell: (trace) => countWords(trace.tokens.total),
  },
  {
    id: 'cost',
    title: 'Cost',
    width: 64,
    from: 420,
    isNumber: true,
    cell: (trace) => <span className={styles.mute}>{costWords(trace.cost_usd)}</span>,
  },
  { id: 'session', title: 'Session', width: 56, from: 680, cell: sessionBadge },
];

/** A way to the browser session; several are counted and chosen on the trace's page. */
function sessionBadge(trace: TraceSummary) {
  const first = trace.session_ids[0];
  if (!first) return <span className={styles.mute}>–</span>;
  return (
    <Link
      to="/sessions/$sessionId"
      params={{ sessionId: first }}
      className={styles.session}
      title={trace.session_ids.join('\n')}
      onClick={(event) => event.stopPropagation()}
    >
      {trace.session_ids.length > 1 ? `${trace.session_ids.length} RUM` : 'RUM'}
    </Link>
  );
}
