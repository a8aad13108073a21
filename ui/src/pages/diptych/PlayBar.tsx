import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useMemo } from 'react';
import type { Clock, Comment, Session } from '../../api/types.ts';
import { Icon } from '../../parts/Icon.tsx';
import { useKeys } from '../../parts/keys.ts';
import { ClockChip, PaceControls, speedAfter } from '../../parts/player/PaceControls.tsx';
import { gapsOf } from '../../parts/player/playlist.ts';
import { SeekBar } from '../../parts/player/SeekBar.tsx';
import { usePlayer } from '../../parts/player/usePlayer.ts';
import { CommentMarks } from './CommentMarks.tsx';
import styles from './PlayBar.module.css';
import type { Story } from './story.ts';
import type { OnePlayhead } from './usePlayhead.ts';

/** The sheet of all keys is the shell's, and comes on this key. */
const showKeys = () => window.dispatchEvent(new KeyboardEvent('keydown', { key: '?' }));

/** How far an arrow key jumps. */
const JUMP_MS = 5_000;

interface Properties {
  session: Session | null;
  clock: Clock | null;
  story: Story;
  comments: Comment[];
  playhead: OnePlayhead;
  /** To the moment of a comment. */
  onComment: (at: number) => void;
}

/** One line of time for both sides, and what moves the playhead over it. */
export function PlayBar({ session, clock, story, comments, playhead, onComment }: Properties) {
  const { player, views, toMoment } = playhead;
  const { whole } = story;
  const at = usePlayer(player, (state) => state.at);
  const isLive = usePlayer(player, (state) => state.isLive);
  const rests = usePlayer(player, (state) => state.rests);
  const gaps = useMemo(() => [...gapsOf(views), ...rests], [views, rests]);
  const jump = (by: number) => toMoment(Math.min(whole.end, Math.max(whole.start, player.state().at + by)));
  const step = (by: 1 | -1) => {
    const change = player.changeBeside(by);
    if (player.state().isPlaying) player.pause();
    if (change !== null) toMoment(change);
  };
  const follow = () => player.follow(!isLive);
  useKeys({
    ' ': playhead.toggle,
    arrowleft: () => jump(-JUMP_MS),
    arrowright: () => jump(JUMP_MS),
    ',': () => step(-1),
    '.': () => step(1),
    s: () => player.setPace({ speed: speedAfter(player.state().speed) }),
    i: () => player.setPace({ skipsIdle: !player.state().skipsIdle }),
    ...(session?.is_active ? { g: follow } : {}),
  });
  return (
    <footer className={styles.bar}>
      <div className={styles.line}>
        <SeekBar
          whole={whole}
          at={at}
          ticks={story.ticks}
          bands={story.bands}
          gaps={gaps}
          onSeek={toMoment}
        />
        <CommentMarks comments={comments} whole={whole} onChoose={onComment} />
      </div>
      <div className={styles.controls}>
        <PaceControls player={player} whole={whole} onToggle={playhead.toggle} />
        <span className={styles.steps}>
          <Step label="Change before (,)" icon="left" onClick={() => step(-1)} />
          <Step label="Next change (.)" icon="right" onClick={() => step(1)} />
        </span>
        {session?.is_active && (
          <Button
            variant="subtle"
            c="dimmed"
            aria-pressed={isLive}
            onClick={follow}
            className={isLive ? (styles.on ?? '') : ''}
          >
            Follow live
          </Button>
        )}
        {clock && <ClockChip clock={clock} />}
        <span className={styles.keys}>
          <kbd>space</kbd> play <kbd>[</kbd> <kbd>]</kbd> answer <kbd>j</kbd> <kbd>k</kbd> span <kbd>/</kbd>{' '}
          find
        </span>
        <Tooltip label="All keys (?)">
          <ActionIcon size={24} onClick={showKeys} aria-label="All keys" className={styles.help ?? ''}>
            ?
          </ActionIcon>
        </Tooltip>
      </div>
    </footer>
  );
}

function Step({ label, icon, onClick }: { label: string; icon: 'left' | 'right'; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon size={24} onClick={onClick} aria-label={label}>
        <Icon name={icon} size={14} />
      </ActionIcon>
    </Tooltip>
  );
}
