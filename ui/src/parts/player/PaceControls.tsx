import { ActionIcon, Button, Tooltip } from '@mantine/core';
import type { Clock } from '../../api/types.ts';
import { Chip } from '../Chip.tsx';
import { Icon } from '../Icon.tsx';
import { positionWords } from '../times.ts';
import styles from './PaceControls.module.css';
import { type Player, SPEEDS } from './player.ts';
import type { Stretch } from './playlist.ts';
import { usePlayer } from './usePlayer.ts';

/** Play, where the playhead is, how fast, and whether idle stretches are skipped. */
export function PaceControls({
  player,
  whole,
  onToggle,
}: {
  player: Player;
  whole: Stretch;
  onToggle: () => void;
}) {
  const isPlaying = usePlayer(player, (state) => state.isPlaying);
  const seconds = usePlayer(player, (state) => positionWords(state.at - whole.start));
  const speed = usePlayer(player, (state) => state.speed);
  const skipsIdle = usePlayer(player, (state) => state.skipsIdle);
  return (
    <>
      <ActionIcon
        variant="filled"
        radius={15}
        size={30}
        onClick={onToggle}
        aria-label={isPlaying ? 'Pause' : 'Play'}
        data-testid="replay-play"
      >
        <Icon name={isPlaying ? 'pause' : 'play'} size={14} filled={!isPlaying} />
      </ActionIcon>
      <span className={styles.position} data-testid="replay-position">
        <b>{seconds}</b> of {positionWords(whole.end - whole.start)}
      </span>
      <Tooltip label="Speed">
        <Button
          variant="subtle"
          c="dimmed"
          onClick={() => player.setPace({ speed: speedAfter(speed) })}
          aria-label={`Speed ${speed}×`}
        >
          {speed}×
        </Button>
      </Tooltip>
      <Button
        variant="subtle"
        c={skipsIdle ? 'var(--dip-ink)' : 'dimmed'}
        className={skipsIdle ? (styles.on ?? '') : ''}
        aria-pressed={skipsIdle}
        onClick={() => player.setPace({ skipsIdle: !skipsIdle })}
      >
        Skip idle
      </Button>
    </>
  );
}

/** The next speed; after the fastest the slowest. */
export function speedAfter(speed: number): number {
  return SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1;
}

/** How surely a moment of the page is laid on a moment of the agent. */
export function ClockChip({ clock }: { clock: Clock }) {
  const { error_ms, offset_ms } = clock;
  const hint = `The page's clock was ${Math.abs(Math.round(offset_ms))} ms ${offset_ms < 0 ? 'ahead of' : 'behind'} the server's; corrected.`;
  if (error_ms === null)
    return (
      <Chip title={`${hint} How surely is not known: no request ties both clocks.`}>clock not tied</Chip>
    );
  return <Chip title={hint}>clock ± {Math.ceil(error_ms)} ms</Chip>;
}
