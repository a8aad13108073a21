import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { fetchSpans } from '../../api/lists.ts';
import type { Span } from '../../api/types.ts';
import { Explorer } from '../../parts/explore/Explorer.tsx';
import { TraceOrSpans } from '../../parts/explore/TraceOrSpans.tsx';
import { AgentSteps } from '../../parts/FirstSteps.tsx';
import { useSearchChange } from '../../parts/page_left.ts';
import { useTitle } from '../../parts/title.ts';
import { TRACE_START, type TracePlace } from '../../parts/trace/place.ts';
import { TraceView } from '../../parts/trace/TraceView.tsx';
import { BELOW, COLUMNS } from './columns.tsx';

const route = getRouteApi('/shell/spans');
/** A span's id is only sure within its trace; both stand in the URL. */
const idOf = (span: Span) => `${span.trace_id}.${span.span_id}`;

/** Every span of the agents in a time range, the newest on top; the chosen one stands in its trace. */
export function SpansPage() {
  useTitle('Spans');
  const { detail, against, shape, find, ...search } = route.useSearch();
  const navigate = useNavigate();
  const change = useSearchChange<ReturnType<typeof route.useSearch>>();
  const select = useCallback(
    (selected: string | undefined) => change({ ...TRACE_START, selected }),
    [change],
  );
  // Which span is chosen stands in `selected`, with its trace.
  const move = ({ span, ...place }: TracePlace) =>
    change({ ...place, ...(span && { selected: `${traceId}.${span}` }) });
  const [traceId, spanId] = search.selected?.split('.') ?? [];
  return (
    <Explorer
      signal="spans"
      title="Spans"
      noun="spans"
      tone="machine"
      placeholder="Words of inputs and outputs, or fields: kind:tool status:error"
      columns={COLUMNS}
      below={BELOW}
      idOf={idOf}
      fetchPage={fetchSpans}
      search={search}
      onSearch={change}
      onSelect={select}
      onOpen={(span) =>
        void navigate({
          to: '/traces/$traceId',
          params: { traceId: span.trace_id },
          search: { span: span.span_id },
        })
      }
      panel={
        traceId && spanId ? (
          <TraceView
            key={traceId}
            traceId={traceId}
            place={{ span: spanId, detail, against, shape, find }}
            onMove={move}
            onClose={() => select(undefined)}
          />
        ) : null
      }
      firstSteps={<AgentSteps />}
      testId="span-list-row"
      beside={<TraceOrSpans />}
    />
  );
}
