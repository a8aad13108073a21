import { Tabs } from '@mantine/core';
import {
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseQueryResult,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { replayQuery } from '../../api/replay.ts';
import { sessionEventsQuery, sessionQuery, sessionTracesQuery } from '../../api/sessions.ts';
import { sessionTurnsQuery } from '../../api/turns.ts';
import type { Page, Replay, RumEvent, Session, TraceSummary } from '../../api/types.ts';
import { Comments } from '../comments/Comments.tsx';
import { Empty, Failed, Loading } from '../States.tsx';
import { EventDrawer } from './EventDrawer.tsx';
import { LinkChecklist } from './LinkChecklist.tsx';
import { useNews } from './news.ts';
import { Performance } from './Performance.tsx';
import type { SessionPlace } from './place.ts';
import { SessionHeader } from './SessionHeader.tsx';
import { SessionReplay } from './SessionReplay.tsx';
import { SessionTraces } from './SessionTraces.tsx';
import styles from './SessionView.module.css';
import { Timeline } from './Timeline.tsx';
import { timelineOf } from './timeline.ts';
import { traceFinder } from './waterfall.ts';

interface Properties {
  sessionId: string;
  place: SessionPlace;
  onMove: (place: SessionPlace) => void;
  onClose?: () => void;
}

/** How often a session that is still going on is asked for. */
const ACTIVE_MS = 2_000;
/** Pages of events loaded by themselves; the rest on demand. */
const EVENT_PAGES = 20;

/** What is asked for of a session, beside its totals. */
interface Parts {
  events: UseInfiniteQueryResult<InfiniteData<Page<RumEvent>>>;
  traces: UseQueryResult<Page<TraceSummary>>;
  replay: UseQueryResult<Replay>;
}

/** One session: header, timeline, replay and LLM traces; as a panel and as a page of its own. */
export function SessionView({ sessionId, place, onMove, onClose }: Properties) {
  const session = useQuery({
    ...sessionQuery(sessionId),
    refetchInterval: ({ state }) => (state.data?.is_active !== false ? ACTIVE_MS : false),
  });
  useNews(sessionId, session.data);
  // Asked for with the session, not only once that is known.
  const events = useInfiniteQuery(sessionEventsQuery(sessionId));
  const traces = useQuery(sessionTracesQuery(sessionId));
  const replay = useQuery(replayQuery(sessionId));
  if (session.isPending) return <Loading />;
  if (session.data === null) return <UnknownSession sessionId={sessionId} />;
  if (session.error && !session.data)
    return <Failed error={session.error} retry={() => void session.refetch()} />;
  if (!session.data) return <Loading />;
  const parts = { events, traces, replay };
  return (
    <KnownSession
      session={session.data}
      parts={parts}
      place={place}
      onMove={onMove}
      {...(onClose ? { onClose } : {})}
    />
  );
}

function KnownSession({
  session,
  parts,
  place,
  onMove,
  onClose,
}: Omit<Properties, 'sessionId'> & { session: Session; parts: Parts }) {
  const id = session.session_id;
  const { events, traces, replay } = parts;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = events;
  const pages = events.data?.pages;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && (pages?.length ?? 0) < EVENT_PAGES) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, pages]);

  const clock = replay.data?.clock ?? null;
  const sent = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages]);
  const asked = useMemo(() => traces.data?.items ?? [], [traces.data]);
  // What was made of the answers is told once the timeline stands.
  const isJudged = session.answers > 0 || asked.length > 0;
  const turns = useQuery({ ...sessionTurnsQuery(id), enabled: isJudged && events.isFetched }).data;
  const rows = useMemo(() => timelineOf(sent, asked, clock, turns), [sent, asked, clock, turns]);
  const traceOf = useMemo(() => traceFinder(asked), [asked]);
  const hasMore = hasNextPage && (pages?.length ?? 0) >= EVENT_PAGES;
  const tab = place.tab ?? 'timeline';
  const show = (next: SessionPlace) => onMove({ ...place, ...next });
  const opened = useMemo(
    () => sent.find((event) => event.event_id === place.event) ?? null,
    [sent, place.event],
  );

  return (
    <section className={styles.view} aria-label="Session" data-testid="session-panel">
      <SessionHeader
        session={session}
        traceCount={traces.data?.items.length ?? session.traces}
        turns={turns}
        onShow={show}
        at={place.t}
        {...(onClose ? { onClose } : {})}
      />
      <Tabs
        value={tab}
        onChange={(next) => show({ tab: next as NonNullable<SessionPlace['tab']> })}
        className={styles.tabs ?? ''}
      >
        <Tabs.List>
          <Tabs.Tab value="timeline">Timeline</Tabs.Tab>
          <Tabs.Tab value="performance">Performance</Tabs.Tab>
          <Tabs.Tab value="replay">Replay</Tabs.Tab>
          <Tabs.Tab value="traces">LLM traces</Tabs.Tab>
          <Tabs.Tab value="comments">Comments</Tabs.Tab>
        </Tabs.List>
      </Tabs>
      {tab === 'timeline' && (
        <Timeline
          rows={rows}
          query={events}
          t={place.t ?? null}
          hasReplay={session.has_replay}
          hasMore={hasMore}
          onMore={() => void fetchNextPage()}
          onOpen={(row) => show({ t: row.at, event: row.event?.event_id })}
          onPlay={(row) => show({ tab: 'replay', t: row.at })}
        />
      )}
      {tab === 'performance' && (
        <Performance
          events={sent}
          traceOf={traceOf}
          query={events}
          requests={place.requests}
          onRequests={(requests) => show({ requests })}
          hasMore={hasMore}
          onMore={() => void fetchNextPage()}
          onOpen={(event) => show({ event: event.event_id })}
        />
      )}
      {tab === 'replay' && (
        <SessionReplay
          query={replay}
          rows={rows}
          traces={asked}
          place={place}
          onStop={(at) => show({ t: at })}
        />
      )}
      {tab === 'traces' && <SessionTraces sessionId={id} query={traces} />}
      {tab === 'comments' && (
        <div className={styles.comments}>
          <Comments
            target={{ session_id: id }}
            moment={place.t ?? null}
            onMoment={(t) => show({ tab: session.has_replay ? 'replay' : 'timeline', t })}
          />
        </div>
      )}
      <EventDrawer
        event={opened}
        traceId={traceOf(opened?.trace_id)}
        onClose={() => show({ event: undefined })}
      />
    </section>
  );
}

/** RUM of the id has not arrived (not sampled, expired, or on its way); traces may still claim it. */
function UnknownSession({ sessionId }: { sessionId: string }) {
  const traces = useQuery({ ...sessionTracesQuery(sessionId), refetchInterval: ACTIVE_MS });
  const claims = traces.data?.items.length ?? 0;
  return (
    <section className={`${styles.view} ${styles.unknown}`}>
      <Empty title="No browser session with this id is stored" isPage>
        <p>
          <code>{sessionId}</code> was not sampled, has expired, or is still on its way: this page looks again
          every two seconds.
        </p>
        <LinkChecklist sessionId={sessionId} />
        {claims > 0 && <h3>LLM traces that name it</h3>}
      </Empty>
      {claims > 0 && <SessionTraces sessionId={sessionId} query={traces} />}
    </section>
  );
}
