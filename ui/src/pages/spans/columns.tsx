import type { Message, Span } from '../../api/types.ts';
import { costWords, shortCount } from '../../parts/amounts.ts';
import { KindBadge } from '../../parts/KindBadge.tsx';
import { plainText } from '../../parts/plain_text.ts';
import type { Column } from '../../parts/Rows.tsx';
import { exactWords, lengthWords, whenWords } from '../../parts/times.ts';
import styles from './columns.module.css';

/** The columns of the span list; narrow lists show the first few. */
export const COLUMNS: Column<Span>[] = [
  {
    id: 'name',
    title: 'Span',
    width: 130,
    grow: 1,
    cell: (span) => (
      <span className={styles.name}>
        <KindBadge kind={span.kind} status={span.status} />{' '}
        <span className={styles.cut} dir="auto">
          {span.name || '–'}
        </span>
      </span>
    ),
  },
  { id: 'input', title: 'Input', width: 90, grow: 4, from: 520, cell: inputWords },
  {
    id: 'output',
    title: 'Output',
    width: 90,
    grow: 4,
    from: 760,
    cell: (span) => <span className={styles.mute}>{outputWords(span)}</span>,
  },
  { id: 'model', title: 'Model', width: 110, from: 1000, cell: (span) => span.model },
  {
    id: 'app',
    title: 'App',
    width: 90,
    from: 1250,
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
    cell: (span) => (span.tokens ? shortCount(span.tokens.total) : <span className={styles.mute}>–</span>),
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

/** What went in, else what came out. */
export function BELOW(span: Span) {
  return <i dir="auto">{inputWords(span) || outputWords(span) || '–'}</i>;
}

function inputWords(span: Span): string {
  return plainText(lastText(span.input_messages) ?? span.input ?? '');
}

/** What came out; the error where the span failed without any words. */
function outputWords(span: Span): string {
  return plainText(lastText(span.output_messages) ?? span.output ?? span.error?.message ?? '');
}

/** The last words of a conversation, tool calls and their results left out. */
function lastText(messages: Message[]): string | undefined {
  const parts = messages.filter(({ role }) => role !== 'system').flatMap((message) => message.parts);
  return parts.findLast((part) => part.type === 'text')?.content ?? undefined;
}
