import { SegmentedControl } from '@mantine/core';
import type { Comment, Replay, Session } from '../../api/types.ts';
import { pathOf } from '../../parts/addresses.ts';
import { ReplayFrame } from '../../parts/player/ReplayFrame.tsx';
import { usePlayer } from '../../parts/player/usePlayer.ts';
import { Empty } from '../../parts/States.tsx';
import type { TimelineRow } from '../../parts/session/timeline.ts';
import { CommentTray } from './CommentTray.tsx';
import { FullButton } from './FullButton.tsx';
import styles from './panels.module.css';
import type { Tray } from './place.ts';
import { TrayList, TrayTabs } from './TrayList.tsx';
import type { OnePlayhead } from './usePlayhead.ts';

interface Properties {
  sessionId: string;
  session: Session | null;
  replay: Replay | null;
  rows: TimelineRow[];
  comments: Comment[];
  /** Where the timeline begins, epoch ms on the page's clock. */
  start: number;
  playhead: OnePlayhead;
  tray: Tray | undefined;
  onTray: (tray: Tray) => void;
  isFull: boolean;
  onFull: () => void;
}

/** The left half: the recorded page, and what it said, fetched and failed at. */
export function PersonPanel(properties: Properties) {
  const { session, replay, rows, comments, playhead, tray, onTray, isFull, onFull } = properties;
  const { player, tab, tabs, views } = playhead;
  const viewId = usePlayer(player, (state) => state.viewId);
  const scale = usePlayer(player, (state) => state.scale);
  const isLoading = usePlayer(player, (state) => state.isLoading && !state.problem);
  const isLive = usePlayer(player, (state) => state.isLive);
  const state = isLoading ? (isLive ? 'live' : 'loading…') : scale && `${Math.round(scale * 100)} %`;
  const view = views.find((one) => one.view_id === viewId);
  return (
    <section
      className={styles.panel}
      data-side="person"
      data-tabs={tabs.length > 1}
      aria-label="What the person saw"
    >
      <div className={styles.caption}>
        <i className={styles.dot} />
        <b>What {callName(session)} saw</b>
        <span className={styles.address} title={view?.view_url}>
          {view ? pathOf(view.view_url) : ''}
        </span>
        {tabs.length > 1 && (
          <SegmentedControl
            size="xs"
            value={tab ?? ''}
            onChange={playhead.toTab}
            data={tabs.map((id, index) => ({ value: id, label: `Tab ${index + 1}` }))}
          />
        )}
        <span className={styles.space} />
        <TrayTabs rows={rows} comments={comments.length} tray={tray} onTray={onTray} />
        <span className={styles.quiet}>{state}</span>
        <FullButton isFull={isFull} onClick={onFull} label="replay" keyName="f" />
      </div>
      <Picture session={session} replay={replay} start={properties.start} playhead={playhead} />
      {tray === 'comments' && (
        <CommentTray sessionId={properties.sessionId} start={properties.start} playhead={playhead} />
      )}
      {tray && tray !== 'comments' && (
        <TrayList tray={tray} rows={rows} start={properties.start} playhead={playhead} />
      )}
    </section>
  );
}

/** What to call the person in a sentence: the first of their names. */
function callName(session: Session | null): string {
  return session?.user.name?.trim().split(/\s+/)[0] || 'the person';
}

/** The replay, or in plain words why there is none. */
function Picture(properties: Pick<Properties, 'session' | 'replay' | 'start' | 'playhead'>) {
  const { session, replay, start, playhead } = properties;
  if (replay?.views.some((view) => view.segments.length > 0)) {
    return (
      <ReplayFrame
        player={playhead.player}
        views={playhead.views}
        start={start}
        isActive={session?.is_active ?? false}
        onClick={playhead.toggle}
        onAnswer={playhead.toWriter}
        onSeek={playhead.toMoment}
      />
    );
  }
  if (session === null) {
    return (
      <Empty title="No browser session with this id is stored">
        <p>
          It was not sampled, has expired, or is still on its way: this page looks again every two seconds.
          The playhead runs on the agent’s own clock.
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="This session has no replay">
      <p>
        Recording was not sampled or not started{session.is_active && ', or its first segment is on its way'}.
        In the page, <code>sessionReplaySampleRate: 100</code> records every session. What the person did is
        listed under Events.
      </p>
    </Empty>
  );
}
