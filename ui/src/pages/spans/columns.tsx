import type { Message, Span } from '../../api/types.ts';
import { costWords, countWords } from '../../parts/amounts.ts';
import { KindBadge } from '../../parts/KindBadge.tsx';
import type { Column } from '../../parts/Rows.tsx';
import { exactWords, lengthWords, whenWords } from '../../parts/times.ts';
import styles from './columns.module.css';

/** Characters of an input or output that a row can show. */
const WORDS_SHOWN = 300;

/** The columns of the span list; narrow lists show the first few. */
export const COLUMNS: Column<Span>[] = [
  {
    id: 'name',
    title: 'Span',
    width: 130,
    grow: 2,
    cell: (span) => (
      <span className={styles.name}>
        <KindBadge kind={span.kind} status={span.status} /> <span className={styles.cut}>{span.name}</span>
      </span>
    ),
  },
  { id: 'input', title: 'Input', width: 90, grow: 3, from: 520, cell: inputWords },
  {
    id: 'output',
    title: 'Output',
    width: 90,
    grow: 3,
    from: 760,
    cell: (span) => <span className={styles.mute}>{outputWords(span)}</span>,
  },
  { id: 'model', title: 'Model', width: 110, grow: 1, from: 1000, cell: (span) => span.model },
  {
    id: 'app',
    title: 'App',
    width: 90,
    grow: 1,
    from: 1150,
    cell: (span) => <span className={styles.mute}>{span.ml_app || span.service}</span>,
  },
  {
    id: 'when',
    title: 'When',
    width: 84,
    cell: (span) => (
      <span className={styles.mute} title={exactWords(span.start)}>
        {whenWords(span.start)}
      </span>
    ),
  },
  {
    id: 'duration',
    title: 'Duration',
    width: 60,
    isNumber: true,
    cell: (span) => lengthWords(span.duration_ns / 1e6),
  },
  {
    id: 'ttft',
    title: 'First word',
    width: 64,
    from: 900,
    isNumber: true,
    cell: (span) =>
      span.ttft_ms === null ? <span className={styles.mute}>–</span> : lengthWords(span.ttft_ms),
  },
  {
    id: 'tokens',
    title: 'Tokens',
    width: 60,
    from: 600,
    isNumber: true,
    cell: (span) => (span.tokens ? countWords(span.tokens.total) : <span className={styles.mute}>–</span>),
  },
  {
    id: 'cost',
    title: 'Cost',
    width: 64,
    from: 680,
    isNumber: true,
    cell: (span) => <span className={styles.mute}>{costWords(span.cost_usd)}</span>,
  },
];

function inputWords(span: Span): string {
  return (lastText(span.input_messages) ?? span.input ?? '').slice(0, WORDS_SHOWN);
}

/** What came out; the error where the span failed without any words. */
function outputWords(span: Span): string {
  return (lastText(span.output_messages) ?? span.output ?? span.error?.message ?? '').slice(0, WORDS_SHOWN);
}

/** The last words of a conversation, tool calls and their results left out. */
function lastText(messages: Message[]): string | undefined {
  const parts = messages.filter(({ role }) => role !== 'system').flatMap((message) => message.parts);
  return parts.findLast((part) => part.type === 'text')?.content ?? undefined;
}
