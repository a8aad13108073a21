import { useMemo } from 'react';
import type { Replay, TraceSummary } from '../../api/types.ts';
import type { Band, Tick } from '../player/playlist.ts';
import { ReplayPlayer } from '../player/ReplayPlayer.tsx';
import { Empty, Failed, Loading } from '../States.tsx';
import type { SessionPlace } from './place.ts';
import { type TimelineRow, traceStartOnPage } from './timeline.ts';

interface Properties {
  query: { data: Replay | undefined; error: Error | null; isPending: boolean; refetch: () => unknown };
  rows: TimelineRow[];
  traces: TraceSummary[];
  place: SessionPlace;
  onStop: (at: number) => void;
}

/** The replay of a session, with its events above the line of time and its agent's work below. */
export function SessionReplay({ query, rows, traces, place, onStop }: Properties) {
  const replay = query.data;
  const ticks = useMemo(() => rows.filter(isTick).map(tickOf), [rows]);
  const bands = useMemo(() => traces.map((trace) => bandOf(trace, replay)), [traces, replay]);
  if (query.isPending) return <Loading />;
  if (query.error && !replay) return <Failed error={query.error} retry={() => void query.refetch()} />;
  if (!replay?.views.some((view) => view.segments.length > 0)) {
    return (
      <Empty title="This session has no replay">
        <p>
          Recording was not sampled or not started, or its first segment is still on its way. In the page,{' '}
          <code>sessionReplaySampleRate: 100</code> records every session.
        </p>
      </Empty>
    );
  }
  const viewStart = replay.views.find((view) => view.view_id === place.view)?.start;
  return (
    <ReplayPlayer
      replay={replay}
      startAt={place.t ?? viewStart ?? null}
      ticks={ticks}
      bands={bands}
      onStop={onStop}
    />
  );
}

function isTick(row: TimelineRow): boolean {
  return (
    row.event !== null && (row.tone === 'bad' || row.event.type === 'view' || row.event.type === 'action')
  );
}

function tickOf(row: TimelineRow): Tick {
  return { id: row.id, at: row.at, label: `${row.label} ${row.detail}`, isBad: row.tone === 'bad' };
}

function bandOf(trace: TraceSummary, replay: Replay | undefined): Band {
  const start = traceStartOnPage(trace, replay?.clock ?? null);
  return { id: trace.trace_id, start, end: start + trace.duration_ms, label: trace.name };
}
