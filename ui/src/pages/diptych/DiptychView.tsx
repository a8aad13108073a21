import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { commentsQuery } from '../../api/comments.ts';
import type { Comment, Replay, Session, TraceSummary, Turn } from '../../api/types.ts';
import { useKeys } from '../../parts/keys.ts';
import type { TimelineRow } from '../../parts/session/timeline.ts';
import { AgentPanel } from './AgentPanel.tsx';
import styles from './DiptychView.module.css';
import { Head } from './Head.tsx';
import { PersonPanel } from './PersonPanel.tsx';
import { PlayBar } from './PlayBar.tsx';
import type { DiptychPlace } from './place.ts';
import { storyOf } from './story.ts';
import { TurnStrip } from './TurnStrip.tsx';
import { usePlayhead } from './usePlayhead.ts';

export interface Properties {
  sessionId: string;
  /** Null where no RUM of the id is stored. */
  session: Session | null;
  replay: Replay | null;
  rows: TimelineRow[];
  traces: TraceSummary[];
  turns: Turn[];
  /** There will be some that are not known yet: their place is kept. */
  awaitsTurns: boolean;
  place: DiptychPlace;
  /** When the trace that is linked to was asked for, epoch ms on the page's clock; null where none is, or it is not known. */
  askedAt: number | null;
  onMove: (place: DiptychPlace) => void;
  onLeave: () => void;
}

const NO_COMMENTS: Comment[] = [];

/** Left what the person saw, right what the agent did, and one playhead over both. */
export function DiptychView(properties: Properties) {
  const { sessionId, session, replay, rows, traces, turns, place, askedAt, onMove, onLeave } = properties;
  const story = useMemo(() => storyOf({ replay, rows, traces, turns }), [replay, rows, traces, turns]);
  const playhead = usePlayhead({ sessionId, replay, story, place, askedAt, onMove });
  const { player } = playhead;
  const comments = useQuery(commentsQuery({ session_id: sessionId })).data ?? NO_COMMENTS;
  const { full, tray } = place;
  const fill = (panel: 'person' | 'agent') => onMove({ full: full === panel ? undefined : panel });
  useKeys({
    f: () => fill('person'),
    a: () => fill('agent'),
    escape: () => {
      if (full) onMove({ full: undefined });
      else if (tray) onMove({ tray: undefined });
      else onLeave();
    },
  });
  return (
    <section className={styles.view} aria-label="Diptych" data-testid="diptych">
      <Head sessionId={sessionId} session={session} traces={traces} turns={turns} playhead={playhead} />
      <TurnStrip
        asked={story.asked}
        isAwaited={properties.awaitsTurns}
        player={player}
        onTurn={playhead.toTurn}
      />
      <div className={styles.two} data-full={full ?? 'none'} data-list={tray ? 'open' : 'none'}>
        <PersonPanel
          sessionId={sessionId}
          session={session}
          replay={replay}
          rows={rows}
          comments={comments}
          start={story.whole.start}
          playhead={playhead}
          tray={tray}
          onTray={(next) => onMove({ tray: next === tray ? undefined : next })}
          isFull={full === 'person'}
          onFull={() => fill('person')}
        />
        <div className={styles.hinge} aria-hidden="true">
          <i />
          <i />
        </div>
        <AgentPanel
          sessionId={sessionId}
          traces={traces}
          playhead={playhead}
          place={place}
          onMove={onMove}
          isFull={full === 'agent'}
          onFull={() => fill('agent')}
        />
      </div>
      <PlayBar
        session={session}
        clock={replay?.clock ?? null}
        story={story}
        comments={comments}
        playhead={playhead}
        onComment={(at) => {
          playhead.toMoment(at);
          onMove({ tray: 'comments' });
        }}
      />
    </section>
  );
}
