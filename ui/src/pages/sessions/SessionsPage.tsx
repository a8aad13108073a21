import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { fetchSessions } from '../../api/sessions.ts';
import type { Session } from '../../api/types.ts';
import { PageSteps } from '../../parts/FirstSteps.tsx';
import { useKeys } from '../../parts/keys.ts';
import { ListNote } from '../../parts/ListNote.tsx';
import { ListPage } from '../../parts/ListPage.tsx';
import { useLiveList } from '../../parts/live_list.ts';
import { RangePicker } from '../../parts/RangePicker.tsx';
import { Rows } from '../../parts/Rows.tsx';
import { rangeWords } from '../../parts/range.ts';
import { Empty, Failed, Loading } from '../../parts/States.tsx';
import { SessionView } from '../../parts/session/SessionView.tsx';
import { useTitle } from '../../parts/title.ts';
import { COLUMNS } from './columns.tsx';

const route = getRouteApi('/shell/sessions');
const idOf = (session: Session) => session.session_id;

/** Every browser session of a time range, the newest on top, with the chosen one in a panel. */
export function SessionsPage() {
  useTitle('Sessions');
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/sessions' });
  const list = useLiveList('sessions', search, fetchSessions, idOf);
  const { loadMore } = list;
  const select = useCallback(
    (selected: string | undefined) =>
      void navigate({ search: ({ from, to, project }) => ({ from, to, project, selected }), replace: true }),
    [navigate],
  );
  useKeys({ escape: () => select(undefined) });
  const panel = search.selected ? (
    <SessionView
      key={search.selected}
      sessionId={search.selected}
      place={search}
      onMove={(place) =>
        void navigate({
          search: (now) => ({ ...now, tab: place.tab, t: place.t, view: place.view }),
          replace: true,
        })
      }
      onClose={() => select(undefined)}
    />
  ) : null;
  return (
    <ListPage
      title="Sessions"
      note={<ListNote list={list} range={search} />}
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
        <Empty title={`No sessions: ${rangeWords(search).toLowerCase()}`}>
          <PageSteps />
        </Empty>
      )}
      {list.items.length > 0 && (
        <Rows
          items={list.items}
          columns={COLUMNS}
          idOf={idOf}
          selectedId={search.selected ?? null}
          onSelect={(session) => select(session.session_id)}
          onOpen={(session) =>
            void navigate({ to: '/sessions/$sessionId', params: { sessionId: session.session_id } })
          }
          onNearEnd={loadMore}
          isLoadingMore={list.isLoadingMore}
          tone="person"
          testId="session-row"
        />
      )}
    </ListPage>
  );
}
