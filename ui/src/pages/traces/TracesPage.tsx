import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { fetchTraces } from '../../api/traces.ts';
import type { TraceSummary } from '../../api/types.ts';
import { AgentSteps } from '../../parts/FirstSteps.tsx';
import { ListPage } from '../../parts/ListPage.tsx';
import { useLiveList } from '../../parts/live_list.ts';
import { RangePicker } from '../../parts/RangePicker.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { isLive, rangeWords } from '../../parts/range.ts';
import { Empty, Failed, Loading } from '../../parts/States.tsx';
import { TraceView } from '../../parts/trace/TraceView.tsx';
import { COLUMNS } from './columns.tsx';

const route = getRouteApi('/shell/traces');
const idOf = (trace: TraceSummary) => trace.trace_id;

/** Every LLM trace of a time range, the newest on top, with the chosen one in a panel. */
export function TracesPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/traces' });
  const list = useLiveList('traces', search, fetchTraces, idOf);
  const { loadMore } = list;
  const select = useCallback(
    (selected: string | undefined) =>
      void navigate({ search: ({ from, to, project }) => ({ from, to, project, selected }), replace: true }),
    [navigate],
  );
  const panel = search.selected ? (
    <TraceView
      key={search.selected}
      traceId={search.selected}
      spanId={search.span ?? null}
      onSpan={(span) => void navigate({ search: (now) => ({ ...now, span }), replace: true })}
      onClose={() => select(undefined)}
    />
  ) : null;
  return (
    <ListPage
      title="LLM traces"
      note={isLive(search) ? 'live' : rangeWords(search)}
      tools={
        <RangePicker
          range={search}
          onChange={(range) =>
            void navigate({ search: (now) => ({ ...now, from: range.from, to: range.to }) })
          }
        />
      }
      panel={panel}
    >
      {list.isLoading && <Loading rows={12} />}
      {list.error && list.items.length === 0 && <Failed error={list.error} retry={list.retry} />}
      {!list.isLoading && !list.error && list.items.length === 0 && (
        <Empty title={`No LLM traces: ${rangeWords(search).toLowerCase()}`}>
          <AgentSteps />
        </Empty>
      )}
      {list.items.length > 0 && (
        <Rows
          items={list.items}
          columns={COLUMNS}
          idOf={idOf}
          selectedId={search.selected ?? null}
          onSelect={(trace) => select(trace.trace_id)}
          onOpen={(trace) => void navigate({ to: '/traces/$traceId', params: { traceId: trace.trace_id } })}
          onEscape={() => select(undefined)}
          onNearEnd={loadMore}
          isLoadingMore={list.isLoadingMore}
          tone="machine"
          testId="trace-row"
        />
      )}
    </ListPage>
  );
}
