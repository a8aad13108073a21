import type { TraceSummary } from '../../api/types.ts';
import { costWords, shortCount } from '../../parts/amounts.ts';
import { Chip } from '../../parts/Chip.tsx';
import { KindBadge } from '../../parts/KindBadge.tsx';
import { isKnown, personName } from '../../parts/people.ts';
import { plainText } from '../../parts/plain_text.ts';
import type { Column } from '../../parts/Rows.tsx';
import { exactWords, lengthWords, whenWords } from '../../parts/times.ts';
import { VerdictChip } from '../../parts/VerdictChip.tsx';
import styles from './columns.module.css';

/** The columns of the trace list; narrow lists show the first few. */
export const COLUMNS: Column<TraceSummary>[] = [
  {
    id: 'name',
    title: 'Trace',
    width: 130,
    grow: 1,
    cell: (trace) => (
      <span className={styles.name}>
        <KindBadge kind={trace.kind} status={trace.status} />{' '}
        <span className={styles.cut} dir="auto">
          {trace.name || '–'}
        </span>
      </span>
    ),
  },
  { id: 'input', title: 'Input', width: 90, grow: 4, from: 600, cell: (trace) => plainText(trace.input) },
  {
    id: 'output',
    title: 'Output',
    width: 90,
    grow: 4,
    from: 980,
    cell: (trace) => <span className={styles.mute}>{plainText(trace.output)}</span>,
  },
  {
    id: 'model',
    title: 'Model',
    width: 112,
    from: 1105,
    cell: (trace) => <span title={trace.models.join('\n')}>{trace.models.join(', ')}</span>,
  },
  {
    id: 'user',
    title: 'User',
    width: 96,
    grow: 1,
    from: 1250,
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
    from: 870,
    isNumber: true,
    cell: (trace) =>
      trace.ttft_ms === null ? <span className={styles.mute}>–</span> : lengthWords(trace.ttft_ms),
  },
  {
    id: 'tokens',
    title: 'Tokens',
    width: 60,
    from: 490,
    isNumber: true,
    cell: (trace) => shortCount(trace.tokens.total),
  },
  {
    id: 'cost',
    title: 'Cost',
    width: 64,
    from: 420,
    isNumber: true,
    cell: (trace) => <span className={styles.mute}>{costWords(trace.cost_usd)}</span>,
  },
  {
    id: 'verdict',
    title: 'Evaluations',
    width: 110,
    from: 790,
    cell: (trace) => <VerdictChip judged="trace" id={trace.trace_id} />,
  },
  { id: 'session', title: 'Session', width: 56, from: 680, cell: sessionBadge },
];

/** What was found of it, and what was asked, else what came of it. */
export function BELOW(trace: TraceSummary) {
  return (
    <>
      <VerdictChip judged="trace" id={trace.trace_id} />
      <i dir="auto">{plainText(trace.input) || plainText(trace.output) || '–'}</i>
    </>
  );
}

/** Whether the trace belongs to browser sessions; the ways there stand in the trace's own header. */
function sessionBadge(trace: TraceSummary) {
  const { length } = trace.session_ids;
  if (length === 0) return <span className={styles.mute}>–</span>;
  return (
    <Chip tone="person" title={trace.session_ids.join('\n')}>
      {length > 1 ? `${length} RUM` : 'RUM'}
    </Chip>
  );
}
