import { ActionIcon, SegmentedControl } from '@mantine/core';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Replay, ReplayView } from '../../api/types.ts';
import { Icon } from '../Icon.tsx';
import { useKeys } from '../keys.ts';
import { ClockChip, PaceControls } from './PaceControls.tsx';
import { Player } from './player.ts';
import {
  type Band,
  gapsOf,
  type Stretch,
  type Tick,
  tabAt,
  tabsOf,
  viewsOfTab,
  wholeOf,
} from './playlist.ts';
import { ReplayFrame } from './ReplayFrame.tsx';
import styles from './ReplayPlayer.module.css';
import { SeekBar } from './SeekBar.tsx';

interface Properties {
  replay: Replay;
  startAt: number | null;
  ticks: Tick[];
  bands: Band[];
  /** Called with the page-clock moment when the person stops or jumps: what a link to here must hold. */
  onStop: (at: number) => void;
}

/** How far an arrow key jumps. */
const JUMP_MS = 5_000;

/** The replay of a session with its controls; one tab of the browser at a time. */
export function ReplayPlayer(properties: Properties) {
  const { replay, startAt } = properties;
  const [tab, setTab] = useState(() => tabAt(replay.views, startAt));
  const views = useMemo(() => viewsOfTab(replay.views, tab), [replay.views, tab]);
  const tabs = tabsOf(replay.views);
  return (
    <>
      {tabs.length > 1 && (
        <SegmentedControl
          size="xs"
          className={styles.tabs ?? ''}
          value={tab ?? ''}
          onChange={setTab}
          data={tabs.map((id, index) => ({ value: id, label: `Tab ${index + 1}` }))}
        />
      )}
      <TabPlayer key={`${replay.session_id} ${tab}`} {...properties} views={views} />
    </>
  );
}

function TabPlayer({ replay, views, startAt, ticks, bands, onStop }: Properties & { views: ReplayView[] }) {
  const whole = wholeOf(views);
  const [player] = useState(() => {
    const made = new Player(replay.session_id, views, startAt ?? whole.start, whole);
    if (startAt === null) made.openAtContent();
    return made;
  });
  const state = useSyncExternalStore(player.subscribe, player.state);
  useEffect(() => player.update(views, wholeOf(views)), [player, views]);
  useEffect(() => player.keep(bands), [player, bands]);

  /** The last moment this player itself put into the URL; another one there comes from a link. */
  const told = useRef(startAt);
  useEffect(() => {
    if (startAt === null || startAt === told.current) return;
    told.current = startAt;
    player.seek(startAt);
  }, [player, startAt]);
  const tell = (at: number) => {
    told.current = Math.round(at);
    onStop(told.current);
  };
  const seek = (at: number) => {
    player.seek(at);
    tell(at);
  };
  const toggle = () => {
    if (state.isPlaying) tell(state.at);
    player.toggle();
  };
  useKeys({
    ' ': toggle,
    arrowleft: () => seek(Math.max(whole.start, state.at - JUMP_MS)),
    arrowright: () => seek(Math.min(whole.end, state.at + JUMP_MS)),
  });

  const view = views.find((one) => one.view_id === state.viewId);
  return (
    <section className={styles.player} aria-label="Replay">
      <div className={styles.caption}>
        <span className={styles.dot} />
        <b>What the person saw</b>
        <span className={styles.url}>{view?.view_url}</span>
        <span className={styles.loading}>{state.isLoading && !state.problem ? 'loading…' : ''}</span>
      </div>
      <ReplayFrame player={player} views={views} start={whole.start} onClick={toggle} onSeek={seek} />
      <SeekBar
        whole={whole}
        at={state.at}
        ticks={ticks}
        bands={bands}
        gaps={[...gapsOf(views), ...state.rests]}
        onSeek={seek}
      />
      <Controls player={player} whole={whole} views={views} onToggle={toggle} onSeek={seek} replay={replay} />
    </section>
  );
}

function Controls({
  player,
  whole,
  views,
  replay,
  onToggle,
  onSeek,
}: {
  player: Player;
  whole: Stretch;
  views: ReplayView[];
  replay: Replay;
  onToggle: () => void;
  onSeek: (at: number) => void;
}) {
  const state = useSyncExternalStore(player.subscribe, player.state);
  const index = views.findIndex((view) => view.view_id === state.viewId);
  const next = views[index + 1];
  return (
    <div className={styles.controls}>
      <PaceControls player={player} whole={whole} onToggle={onToggle} />
      {views.length > 1 && (
        <span className={styles.views}>
          <ActionIcon
            disabled={index < 1}
            onClick={() => onSeek(views[index - 1]?.start ?? whole.start)}
            aria-label="Previous view"
          >
            <Icon name="left" size={14} />
          </ActionIcon>
          view {index + 1} of {views.length}
          <ActionIcon
            disabled={!next}
            onClick={() => onSeek(next?.start ?? whole.end)}
            aria-label="Next view"
          >
            <Icon name="right" size={14} />
          </ActionIcon>
        </span>
      )}
      <ClockChip clock={replay.clock} />
      <span className={styles.keys}>
        <kbd>space</kbd> play <kbd>←</kbd> <kbd>→</kbd> 5 s
      </span>
    </div>
  );
}
