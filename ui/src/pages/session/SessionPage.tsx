import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { wayBack } from '../../parts/explore/last_list.ts';
import { useKeys } from '../../parts/keys.ts';
import { useSearchChange } from '../../parts/page_left.ts';
import { SessionView } from '../../parts/session/SessionView.tsx';
import { useTitle } from '../../parts/title.ts';

const route = getRouteApi('/shell/sessions/$sessionId');

/** One session by its own address. */
export function SessionPage() {
  const { sessionId } = route.useParams();
  useTitle(`Session ${sessionId.slice(0, 8)}`);
  const place = route.useSearch();
  const navigate = useNavigate();
  const change = useSearchChange<ReturnType<typeof route.useSearch>>();
  useKeys({ escape: () => void navigate(wayBack('sessions', sessionId)) });
  return <SessionView key={sessionId} sessionId={sessionId} place={place} onMove={change} />;
}
