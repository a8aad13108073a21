import { ActionIcon, Button, SegmentedControl, Tooltip } from '@mantine/core';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Replay, ReplayView } from '../../api/types.ts';
import { Chip } from '../Chip.tsx';
import { Icon } from '../Icon.tsx';
import { useKeys } from '../keys.ts';
import { positionWords } from '../times.ts';
import { Player, SPEEDS } from './player.ts';
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
  const [player] = useState(() => new Player(replay.session_id, views, startAt ?? whole.start));
  const state = useSyncExternalStore(player.subscribe, player.state);
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => {
    const target = frame.current?.contentWindow;
    return target ? player.attach(target) : undefined;
  }, [player]);
  useEffect(() => player.update(views), [player, views]);
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
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the space key does the same, from anywhere on the page */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the play button is the control, this is its large target */}
      <div className={styles.stage} onClick={toggle}>
        <iframe
          ref={frame}
          className={styles.frame}
          src="/replay-frame"
          sandbox="allow-scripts allow-same-origin"
          title="Replay of the recorded page"
          data-testid="replay-frame"
          tabIndex={-1}
        />
        {state.problem && <div className={styles.problem}>{state.problem}</div>}
      </div>
      <SeekBar whole={whole} at={state.at} ticks={ticks} bands={bands} gaps={gapsOf(views)} onSeek={seek} />
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
  const speedIndex = SPEEDS.indexOf(state.speed as (typeof SPEEDS)[number]);
  const { error_ms } = replay.clock;
  return (
    <div className={styles.controls}>
      <ActionIcon
        variant="filled"
        radius={15}
        size={30}
        onClick={onToggle}
        aria-label={state.isPlaying ? 'Pause' : 'Play'}
        data-testid="replay-play"
      >
        <Icon name={state.isPlaying ? 'pause' : 'play'} size={14} filled={!state.isPlaying} />
      </ActionIcon>
      <span data-testid="replay-position">
        <b>{positionWords(state.at - whole.start)}</b> of {positionWords(whole.end - whole.start)}
      </span>
      <Tooltip label="Speed">
        <Button
          variant="subtle"
          c="dimmed"
          onClick={() => player.setPace({ speed: SPEEDS[(speedIndex + 1) % SPEEDS.length] ?? 1 })}
          aria-label={`Speed ${state.speed}×`}
        >
          {state.speed}×
        </Button>
      </Tooltip>
      <Button
        variant="subtle"
        c="dimmed"
        className={state.skipsIdle ? (styles.on ?? '') : ''}
        aria-pressed={state.skipsIdle}
        onClick={() => player.setPace({ skipsIdle: !state.skipsIdle })}
      >
        Skip idle
      </Button>
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
      {error_ms !== null && (
        <Chip title="How surely the person's and the agent's clocks are matched">
          clock ± {Math.ceil(error_ms)} ms
        </Chip>
      )}
      <span className={styles.keys}>
        <kbd>space</kbd> play <kbd>←</kbd> <kbd>→</kbd> 5 s
      </span>
    </div>
  );
}
