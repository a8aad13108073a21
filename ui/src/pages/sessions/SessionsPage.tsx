import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { fetchSessions } from '../../api/lists.ts';
import type { Session } from '../../api/types.ts';
import { Explorer } from '../../parts/explore/Explorer.tsx';
import { PageSteps } from '../../parts/FirstSteps.tsx';
import { useSearchChange } from '../../parts/page_left.ts';
import { SESSION_START } from '../../parts/session/place.ts';
import { SessionView } from '../../parts/session/SessionView.tsx';
import { useTitle } from '../../parts/title.ts';
import { BELOW, COLUMNS } from './columns.tsx';

const route = getRouteApi('/shell/sessions');
const idOf = (session: Session) => session.session_id;

/** Every browser session of a time range, the newest on top, with the chosen one in a panel. */
export function SessionsPage() {
  useTitle('Sessions');
  const { tab, t, view, event, requests, ...search } = route.useSearch();
  const navigate = useNavigate();
  const change = useSearchChange<ReturnType<typeof route.useSearch>>();
  const select = useCallback(
    (selected: string | undefined) => change({ ...SESSION_START, selected }),
    [change],
  );
  return (
    <Explorer
      signal="sessions"
      title="Sessions"
      noun="sessions"
      tone="person"
      placeholder="Words, or fields: user.email:ana* errors:>0 -env:staging"
      columns={COLUMNS}
      below={BELOW}
      idOf={idOf}
      fetchPage={fetchSessions}
      search={search}
      onSearch={change}
      onSelect={select}
      onOpen={(session) =>
        void navigate({ to: '/sessions/$sessionId', params: { sessionId: session.session_id } })
      }
      panel={
        search.selected ? (
          <SessionView
            key={search.selected}
            sessionId={search.selected}
            place={{ tab, t, view, event, requests }}
            onMove={change}
            onClose={() => select(undefined)}
          />
        ) : null
      }
      firstSteps={<PageSteps />}
      testId="session-row"
    />
  );
}
