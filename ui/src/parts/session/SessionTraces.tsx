import { Link } from '@tanstack/react-router';
import type { Page, TraceSummary } from '../../api/types.ts';
import { costWords, counted } from '../amounts.ts';
import { Chip } from '../Chip.tsx';
import { KindBadge } from '../KindBadge.tsx';
import { plainText } from '../plain_text.ts';
import { Empty, Failed, Loading } from '../States.tsx';
import { exactWords, lengthWords, whenWords } from '../times.ts';
import { LinkChecklist } from './LinkChecklist.tsx';
import styles from './SessionTraces.module.css';

interface Properties {
  sessionId: string;
  query: {
    data: Page<TraceSummary> | undefined;
    error: Error | null;
    isPending: boolean;
    refetch: () => unknown;
  };
}

/** The LLM traces of a session, the first asked on top. */
export function SessionTraces({ sessionId, query }: Properties) {
  if (query.isPending) return <Loading rows={4} />;
  if (query.error && !query.data) return <Failed error={query.error} retry={() => void query.refetch()} />;
  const traces = [...(query.data?.items ?? [])].sort((a, b) => a.start.localeCompare(b.start));
  if (traces.length === 0) {
    return (
      <div className={styles.none}>
        <Empty title="No LLM trace belongs to this session">
          <LinkChecklist sessionId={sessionId} />
        </Empty>
      </div>
    );
  }
  return (
    <div className={styles.list}>
      {traces.map((trace) => (
        <Link
          key={trace.trace_id}
          to="/traces/$traceId"
          params={{ traceId: trace.trace_id }}
          className={styles.trace}
          data-testid="trace-row"
          data-id={trace.trace_id}
        >
          <div className={styles.top}>
            <KindBadge kind={trace.kind} status={trace.status} />
            <b dir="auto">{trace.name || '–'}</b>
            <span className={styles.mute} title={exactWords(trace.start)}>
              {whenWords(trace.start)}
            </span>
            <span className={styles.space} />
            {!trace.is_complete && <Chip>running</Chip>}
            {trace.status === 'error' && <Chip tone="bad">failed</Chip>}
          </div>
          {trace.input && <p dir="auto">{plainText(trace.input)}</p>}
          {trace.output && (
            <p className={styles.mute} dir="auto">
              {plainText(trace.output)}
            </p>
          )}
          <div className={styles.facts}>
            <span>{lengthWords(trace.duration_ms)}</span>
            {trace.ttft_ms !== null && <span>first word {lengthWords(trace.ttft_ms)}</span>}
            {trace.tokens.total > 0 && <span>{counted(trace.tokens.total, 'token')}</span>}
            {trace.cost_usd !== null && <span>{costWords(trace.cost_usd)}</span>}
            <span className={styles.model}>{trace.models.join(', ')}</span>
          </div>
        </Link>
      ))}
    </div>
  );
}
