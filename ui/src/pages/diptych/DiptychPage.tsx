import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { ApiError } from '../../api/client.ts';
import { replayQuery } from '../../api/replay.ts';
import { sessionEventsQuery, sessionQuery, sessionTracesQuery } from '../../api/sessions.ts';
import { traceQuery } from '../../api/traces.ts';
import { sessionTurnsQuery } from '../../api/turns.ts';
import type { Trace, Turn } from '../../api/types.ts';
import { useSearchChange } from '../../parts/page_left.ts';
import { Empty, Failed, Loading } from '../../parts/States.tsx';
import { useNews } from '../../parts/session/news.ts';
import { timelineOf } from '../../parts/session/timeline.ts';
import { useTitle } from '../../parts/title.ts';
import { DiptychView } from './DiptychView.tsx';

const route = getRouteApi('/shell/sessions/$sessionId/diptych');

/** How often a session that is still going on, or has not arrived, is asked for. */
const ACTIVE_MS = 2_000;
/** Pages of a thousand events that are loaded. */
const EVENT_PAGES = 20;

/** One session from both sides under one playhead; the URL alone restores what is shown. */
export function DiptychPage() {
  const { sessionId } = route.useParams();
  useTitle(`Diptych ${sessionId.slice(0, 8)}`);
  return <Diptych key={sessionId} sessionId={sessionId} />;
}

function Diptych({ sessionId }: { sessionId: string }) {
  const place = route.useSearch();
  const navigate = useNavigate();
  const change = useSearchChange<ReturnType<typeof route.useSearch>>();
  const session = useQuery({
    ...sessionQuery(sessionId),
    refetchInterval: ({ state }) => (state.data?.is_active !== false ? ACTIVE_MS : false),
  });
  const known = session.data;
  useNews(sessionId, known);
  const replay = useQuery(replayQuery(sessionId));
  const traces = useQuery({
    ...sessionTracesQuery(sessionId),
    refetchInterval: known === null ? ACTIVE_MS : false,
  });
  const opensAtTurn = place.turn !== undefined && place.at === undefined;
  const isAtStart = place.at === undefined && place.turn === undefined;
  const opensAt = place.trace ?? (isAtStart ? traces.data?.items[0]?.trace_id : undefined);
  // Asked for at once, not only when all else is there and the trace is drawn.
  const trace = useQuery({
    ...traceQuery(opensAt ?? ''),
    enabled: opensAt !== undefined,
    refetchInterval: false,
  });
  // Answers and events stand around the trace, and to find them takes as long as all else: they wait for it. Not so
  // where the first picture has a list of them.
  const isTraceKnown = !traces.isPending && (opensAt === undefined || !trace.isPending);
  const turns = useQuery({ ...sessionTurnsQuery(sessionId), enabled: opensAtTurn || isTraceKnown });
  const events = useAllEvents(sessionId, isTraceKnown || place.tray !== undefined);
  const index = replay.data ?? null;
  const rows = useMemo(
    () => timelineOf(events, traces.data?.items ?? [], index?.clock ?? null, turns.data),
    [events, traces.data, index, turns.data],
  );

  const failed = [session, replay, traces, turns].find(
    ({ error, data }) => error && !data && !isAbsent(error),
  );
  if (failed?.error) return <Failed error={failed.error} retry={() => void failed.refetch()} />;
  // A link to a trace alone opens at its question, which the trace knows.
  const isOfTraceAlone = place.span === undefined && place.turn === undefined && place.at === undefined;
  const opensAtTrace = place.trace !== undefined && isOfTraceAlone;
  const isPlaced = (turns.data || !opensAtTurn) && !(opensAtTrace && trace.isPending);
  const isReady = known !== undefined && !replay.isPending && traces.data && isPlaced;
  if (!isReady) return <Loading />;
  if (known === null && !index && traces.data.items.length === 0) return <Unknown sessionId={sessionId} />;
  return (
    <DiptychView
      sessionId={sessionId}
      session={known}
      replay={index}
      rows={rows}
      traces={traces.data.items}
      turns={turns.data ?? NO_TURNS}
      awaitsTurns={turns.isPending && traces.data.items.length + (known?.answers ?? 0) > 0}
      place={place}
      askedAt={opensAtTrace ? askedAt(trace.data, sessionId) : null}
      onMove={change}
      onLeave={() => void navigate({ to: '/sessions/$sessionId', params: { sessionId } })}
    />
  );
}

const NO_TURNS: Turn[] = [];

function askedAt(trace: Trace | undefined, sessionId: string): number | null {
  return trace?.sessions.find((session) => session.session_id === sessionId)?.replay_at ?? null;
}

/** All events of a session as they are loaded, page by page. */
function useAllEvents(sessionId: string, enabled: boolean) {
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    ...sessionEventsQuery(sessionId),
    enabled,
  });
  const pages = data?.pages;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && (pages?.length ?? 0) < EVENT_PAGES) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, pages]);
  return useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages]);
}

function isAbsent(error: Error | null): boolean {
  return error instanceof ApiError && error.status === 404;
}

function Unknown({ sessionId }: { sessionId: string }) {
  return (
    <Empty title="Neither side of this session is stored" isPage>
      <p>
        <code>{sessionId}</code> was not sampled, has expired, or is still on its way: this page looks again
        every two seconds.
      </p>
    </Empty>
  );
}
