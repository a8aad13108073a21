import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { Player } from './player.ts';
import styles from './ReplayFrame.module.css';

interface Properties {
  player: Player;
  onClick: () => void;
  /** Why the picture stands still where nothing was recorded. */
  stillWords?: string;
}

/** The recorded page as large as fits, in the sandboxed document that rebuilds it. */
export function ReplayFrame({ player, onClick, stillWords = 'Nothing was recorded here' }: Properties) {
  const { viewId, isRecorded, problem } = useSyncExternalStore(player.subscribe, player.state);
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => {
    const target = frame.current?.contentWindow;
    return target ? player.attach(target) : undefined;
  }, [player]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the space key does the same, from anywhere on the page
    // biome-ignore lint/a11y/noStaticElementInteractions: the play button is the control, this is its large target
    <div className={styles.stage} onClick={onClick}>
      <iframe
        ref={frame}
        className={styles.frame}
        src="/replay-frame"
        sandbox="allow-scripts allow-same-origin"
        title="Replay of the recorded page"
        data-testid="replay-frame"
        data-still={!isRecorded}
        data-empty={viewId === null}
        tabIndex={-1}
      />
      {!isRecorded && (
        <div className={styles.still} data-testid="replay-still">
          {stillWords}
        </div>
      )}
      {problem && <div className={styles.problem}>{problem}</div>}
    </div>
  );
}
