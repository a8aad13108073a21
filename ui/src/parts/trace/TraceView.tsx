import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ApiError } from '../../api/client.ts';
import { traceQuery } from '../../api/traces.ts';
import { Empty, Failed, Loading } from '../States.tsx';
import { evaluationsOf, faultyIds } from './evaluations_of.ts';
import { type TracePlace, toSpan } from './place.ts';
import { SpanDetail } from './SpanDetail.tsx';
import { SpanTree } from './SpanTree.tsx';
import { firstChoice } from './span_tree.ts';
import { TraceHeader } from './TraceHeader.tsx';
import styles from './TraceView.module.css';

interface Properties {
  traceId: string;
  place: TracePlace;
  onMove: (change: TracePlace) => void;
  onClose?: () => void;
}

/** One trace: header, span tree with waterfall, and the chosen span whole. */
export function TraceView({ traceId, place, onMove, onClose }: Properties) {
  const { data: trace, error, isPending, refetch } = useQuery(traceQuery(traceId));
  const chosenId = useMemo(
    () => place.span ?? (trace ? firstChoice(trace.spans) : null),
    [place.span, trace],
  );
  const faulty = useMemo(() => (trace ? faultyIds(trace) : undefined), [trace]);
  if (isPending) return <Loading />;
  if (error instanceof ApiError && error.status === 404) {
    return (
      <Empty title="No trace with this id is stored">
        <p>
          <code>{traceId}</code> has not arrived, was not sampled, or has expired.
        </p>
      </Empty>
    );
  }
  if (error && !trace) return <Failed error={error} retry={() => void refetch()} />;
  if (!trace) return <Loading />;
  const chosen = trace.spans.find((span) => span.span_id === chosenId);
  return (
    <section className={styles.view} aria-label="Trace" data-testid="trace-panel">
      <TraceHeader trace={trace} span={chosen ?? null} onMove={onMove} {...(onClose ? { onClose } : {})} />
      <div className={styles.body}>
        <div className={styles.tree}>
          <SpanTree
            spans={trace.spans}
            faulty={faulty}
            chosenId={chosenId}
            onChoose={(spanId) => onMove(toSpan(spanId))}
            place={place}
            onMove={onMove}
          />
        </div>
        <div className={styles.detail}>
          {chosen ? (
            <SpanDetail
              key={chosen.span_id}
              span={chosen}
              siblings={trace.spans}
              evaluations={evaluationsOf(trace, chosen)}
              place={place}
              onMove={onMove}
            />
          ) : (
            <Empty title="This span is not in the trace (any more)" />
          )}
        </div>
      </div>
    </section>
  );
}
