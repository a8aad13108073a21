import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { wayBack } from '../../parts/explore/last_list.ts';
import { useKeys } from '../../parts/keys.ts';
import { useSearchChange } from '../../parts/page_left.ts';
import { useTitle } from '../../parts/title.ts';
import { TraceView } from '../../parts/trace/TraceView.tsx';

const route = getRouteApi('/shell/traces/$traceId');

/** One trace by its own address; `?span=` opens a span. */
export function TracePage() {
  const { traceId } = route.useParams();
  useTitle(`Trace ${traceId.slice(0, 8)}`);
  const place = route.useSearch();
  const navigate = useNavigate();
  const change = useSearchChange<ReturnType<typeof route.useSearch>>();
  useKeys({ escape: () => void navigate(wayBack('traces', traceId)) });
  return <TraceView key={traceId} traceId={traceId} place={place} onMove={change} />;
}
