import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { positionWords } from '../times.ts';
import type { Band, Stretch, Tick } from './playlist.ts';
import styles from './SeekBar.module.css';

interface Properties {
  whole: Stretch;
  at: number;
  ticks: Tick[];
  bands: Band[];
  gaps: Stretch[];
  onSeek: (at: number) => void;
}

/** How far a key moves the playhead when the bar has the focus. */
const STEP_MS = 1_000;

/** One line of time: above it what the person did, below it what the agent did, and the playhead over both. */
export function SeekBar({ whole, at, ticks, bands, gaps, onSeek }: Properties) {
  const bar = useRef<HTMLDivElement>(null);
  const length = Math.max(1, whole.end - whole.start);
  const share = (moment: number) => `${Math.min(100, Math.max(0, ((moment - whole.start) / length) * 100))}%`;
  const width = (stretch: Stretch) => `${Math.max(0.4, ((stretch.end - stretch.start) / length) * 100)}%`;
  const isWithin = (moment: number) => moment >= whole.start && moment <= whole.end;

  const momentOf = (event: PointerEvent) => {
    const box = bar.current?.getBoundingClientRect();
    if (!box) return at;
    const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    return whole.start + part * length;
  };
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons === 1) onSeek(momentOf(event));
  };
  const press = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowLeft: -STEP_MS,
      ArrowRight: STEP_MS,
      Home: -length,
      End: length,
    };
    const by = moves[event.key];
    if (by === undefined) return;
    event.preventDefault();
    onSeek(Math.min(whole.end, Math.max(whole.start, at + by)));
  };
  return (
    <div
      ref={bar}
      className={styles.bar}
      role="slider"
      tabIndex={0}
      aria-label="Position in the replay"
      aria-valuemin={0}
      aria-valuemax={Math.round(length)}
      aria-valuenow={Math.round(at - whole.start)}
      aria-valuetext={positionWords(at - whole.start)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        onSeek(momentOf(event));
      }}
      onPointerMove={drag}
      onKeyDown={press}
      data-testid="replay-seek"
    >
      <div className={styles.base} />
      {gaps.map((gap) => (
        <div
          key={gap.start}
          className={styles.gap}
          style={{ left: share(gap.start), width: width(gap) }}
          title="Nothing was recorded here"
        />
      ))}
      {ticks
        .filter((tick) => isWithin(tick.at))
        .map((tick) => (
          <div
            key={tick.id}
            className={tick.isBad ? styles.bad : styles.tick}
            style={{ left: share(tick.at) }}
            title={tick.label}
          />
        ))}
      {bands
        .filter((band) => band.end >= whole.start && band.start <= whole.end)
        .map((band) => (
          <div
            key={band.id}
            className={styles.band}
            style={{ left: share(band.start), width: width(band) }}
            title={band.label}
          >
            <i style={{ width: playedOf(band, at) }} />
          </div>
        ))}
      <div className={styles.playhead} style={{ left: share(at) }} />
    </div>
  );
}

function playedOf(band: Stretch, at: number): string {
  const part = (at - band.start) / Math.max(1, band.end - band.start);
  return `${Math.min(1, Math.max(0, part)) * 100}%`;
}
