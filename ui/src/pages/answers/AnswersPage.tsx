import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { fetchTurns } from '../../api/lists.ts';
import type { Turn } from '../../api/types.ts';
import { AgentSteps } from '../../parts/FirstSteps.tsx';
import { useKeys } from '../../parts/keys.ts';
import { ListNote } from '../../parts/ListNote.tsx';
import { ListPage } from '../../parts/ListPage.tsx';
import { useLiveList } from '../../parts/live_list.ts';
import { RangePicker } from '../../parts/RangePicker.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { rangeWords } from '../../parts/range.ts';
import { Empty, Failed, Loading } from '../../parts/States.tsx';
import { useTitle } from '../../parts/title.ts';
import { AnswerPanel } from './AnswerPanel.tsx';
import { COLUMNS } from './columns.tsx';

const route = getRouteApi('/shell/answers');
const idOf = (turn: Turn) => turn.turn_id;

/** Every answer in a time range from both sides, as it was felt beside as it was served; the newest on top. */
export function AnswersPage() {
  useTitle('Answers');
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/answers' });
  const list = useLiveList('turns', search, '', fetchTurns, idOf);
  const select = (selected: string | undefined) =>
    void navigate({ search: (now) => ({ ...now, selected }), replace: true });
  useKeys({ escape: () => select(undefined) });
  const chosen = list.items.find((turn) => turn.turn_id === search.selected);
  const index = chosen ? list.items.indexOf(chosen) : -1;
  const step = (by: number) => {
    const next = list.items[index + by];
    if (next) select(next.turn_id);
  };
  return (
    <ListPage
      title="Answers"
      note={<ListNote list={list} range={search} />}
      tools={
        <RangePicker
          range={search}
          onChange={({ from, to }) =>
            void navigate({ search: (now) => ({ ...now, from, to, selected: undefined }) })
          }
        />
      }
      panel={
        chosen ? (
          <AnswerPanel
            key={chosen.turn_id}
            turn={chosen}
            onClose={() => select(undefined)}
            onNewer={index > 0 ? () => step(-1) : null}
            onOlder={index < list.items.length - 1 ? () => step(1) : null}
          />
        ) : null
      }
    >
      {list.isLoading && <Loading rows={12} />}
      {list.error && list.items.length === 0 && <Failed error={list.error} retry={list.retry} />}
      {!list.isLoading && !list.error && list.items.length === 0 && (
        <Empty title={`No answers: ${rangeWords(search).toLowerCase()}`}>
          <AgentSteps />
        </Empty>
      )}
      {list.items.length > 0 && (
        <Rows
          items={list.items}
          columns={COLUMNS}
          idOf={idOf}
          selectedId={search.selected ?? null}
          onSelect={(turn) => select(turn.turn_id)}
          onOpen={(turn) => {
            if (turn.served)
              void navigate({ to: '/traces/$traceId', params: { traceId: turn.served.trace_id } });
            else if (turn.session_id)
              void navigate({ to: '/sessions/$sessionId', params: { sessionId: turn.session_id } });
          }}
          onNearEnd={list.loadMore}
          isLoadingMore={list.isLoadingMore}
          tone="machine"
          testId="answer-row"
          label="Answers"
        />
      )}
    </ListPage>
  );
}
