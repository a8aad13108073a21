import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { fetchTraces } from '../../api/lists.ts';
import type { TraceSummary } from '../../api/types.ts';
import { Explorer } from '../../parts/explore/Explorer.tsx';
import { TraceOrSpans } from '../../parts/explore/TraceOrSpans.tsx';
import { AgentSteps } from '../../parts/FirstSteps.tsx';
import { useSearchChange } from '../../parts/page_left.ts';
import { useTitle } from '../../parts/title.ts';
import { TRACE_START } from '../../parts/trace/place.ts';
import { TraceView } from '../../parts/trace/TraceView.tsx';
import { BELOW, COLUMNS } from './columns.tsx';

const route = getRouteApi('/shell/traces');
const idOf = (trace: TraceSummary) => trace.trace_id;

/** Every LLM trace of a time range, the newest on top, with the chosen one in a panel. */
export function TracesPage() {
  useTitle('LLM traces');
  const { span, detail, against, shape, find, ...search } = route.useSearch();
  const navigate = useNavigate();
  const change = useSearchChange<ReturnType<typeof route.useSearch>>();
  const select = useCallback(
    (selected: string | undefined) => change({ ...TRACE_START, selected }),
    [change],
  );
  return (
    <Explorer
      signal="traces"
      title="LLM traces"
      noun="traces"
      tone="machine"
      placeholder="Words of inputs and outputs, or fields: model:claude* duration:>3s"
      columns={COLUMNS}
      below={BELOW}
      idOf={idOf}
      fetchPage={fetchTraces}
      search={search}
      onSearch={change}
      onSelect={select}
      onOpen={(trace) => void navigate({ to: '/traces/$traceId', params: { traceId: trace.trace_id } })}
      panel={
        search.selected ? (
          <TraceView
            key={search.selected}
            traceId={search.selected}
            place={{ span, detail, against, shape, find }}
            onMove={change}
            onClose={() => select(undefined)}
          />
        ) : null
      }
      firstSteps={<AgentSteps />}
      testId="trace-row"
      beside={<TraceOrSpans />}
    />
  );
}
