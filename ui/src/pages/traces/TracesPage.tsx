import { useDebouncedCallback } from '@mantine/hooks';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { fetchTraces } from '../../api/traces.ts';
import type { TraceSummary } from '../../api/types.ts';
import { FindBox } from '../../parts/FindBox.tsx';
import { AgentSteps } from '../../parts/FirstSteps.tsx';
import { useKeys } from '../../parts/keys.ts';
import { ListNote } from '../../parts/ListNote.tsx';
import { ListPage } from '../../parts/ListPage.tsx';
import { useLiveList } from '../../parts/live_list.ts';
import { RangePicker } from '../../parts/RangePicker.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { type Range, rangeWords } from '../../parts/range.ts';
import { Empty, Failed, Loading } from '../../parts/States.tsx';
import { useTitle } from '../../parts/title.ts';
import { TraceView } from '../../parts/trace/TraceView.tsx';
import { COLUMNS } from './columns.tsx';

const route = getRouteApi('/shell/traces');
const idOf = (trace: TraceSummary) => trace.trace_id;

/** Every LLM trace of a time range, the newest on top, with the chosen one in a panel. */
export function TracesPage() {
  useTitle('LLM traces');
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/traces' });
  const query = search.query ?? '';
  const list = useLiveList(
    'traces',
    search,
    (bounds, cursor, signal) => fetchTraces(bounds, query, cursor, signal),
    idOf,
    query,
  );
  const { loadMore } = list;
  const select = useCallback(
    (selected: string | undefined) =>
      void navigate({
        search: ({ from, to, query, project }) => ({ from, to, query, project, selected }),
        replace: true,
      }),
    [navigate],
  );
  useKeys({ escape: () => select(undefined) });
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
      note={<ListNote list={list} range={search} />}
      tools={
        <>
          <WordSearch
            query={query}
            onSearch={(next) =>
              void navigate({ search: (now) => ({ ...now, query: next || undefined }), replace: true })
            }
          />
          <RangePicker
            range={search}
            onChange={(range) =>
              void navigate({ search: (now) => ({ ...now, from: range.from, to: range.to }) })
            }
          />
        </>
      }
      panel={panel}
    >
      {list.isLoading && <Loading rows={12} />}
      {list.error && list.items.length === 0 && <Failed error={list.error} retry={list.retry} />}
      {!list.isLoading && !list.error && list.items.length === 0 && <Nothing range={search} query={query} />}
      {list.items.length > 0 && (
        <Rows
          items={list.items}
          columns={COLUMNS}
          idOf={idOf}
          selectedId={search.selected ?? null}
          onSelect={(trace) => select(trace.trace_id)}
          onOpen={(trace) => void navigate({ to: '/traces/$traceId', params: { traceId: trace.trace_id } })}
          onNearEnd={loadMore}
          isLoadingMore={list.isLoadingMore}
          tone="machine"
          testId="trace-row"
        />
      )}
    </ListPage>
  );
}

/** Words to find in inputs and outputs; asked for when the typing pauses. */
function WordSearch({ query, onSearch }: { query: string; onSearch: (query: string) => void }) {
  const [typed, setTyped] = useState(query);
  const search = useDebouncedCallback(onSearch, 300);
  return (
    <FindBox
      value={typed}
      placeholder="Words in inputs and outputs"
      onChange={(next) => {
        setTyped(next);
        search(next.trim());
      }}
    />
  );
}

function Nothing({ range, query }: { range: Range; query: string }) {
  if (query) {
    return (
      <Empty title="No trace holds all of these words">
        <p>Every word must stand in an input or output of one span; “quoted words” must stand together.</p>
      </Empty>
    );
  }
  return (
    <Empty title={`No LLM traces: ${rangeWords(range).toLowerCase()}`}>
      <AgentSteps />
    </Empty>
  );
}
