import { Button } from '@mantine/core';
import { type MouseEvent, useEffect, useRef, useSyncExternalStore } from 'react';
import type { ReplayView } from '../../api/types.ts';
import type { Written } from '../../replay-frame/protocol.ts';
import { useKeys } from '../keys.ts';
import type { Player } from './player.ts';
import styles from './ReplayFrame.module.css';
import { stillAt } from './still.ts';

interface Properties {
  player: Player;
  /** Of the tab that is shown. */
  views: ReplayView[];
  /** Where the timeline begins, epoch ms on the page's clock: positions are told from it. */
  start: number;
  /** Whether the session goes on. */
  isActive?: boolean;
  onClick: () => void;
  /** A click on an answer of the recorded page, with when it was written; says whether it is known whose answer that is. */
  onAnswer?: (written: Written) => boolean;
  onSeek: (at: number) => void;
}

/** The recorded page as large as fits, in the sandboxed document that rebuilds it; why it stands still where it does. */
export function ReplayFrame({
  player,
  views,
  start,
  isActive = false,
  onClick,
  onAnswer,
  onSeek,
}: Properties) {
  const { at, rests, problem } = useSyncExternalStore(player.subscribe, player.state);
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => {
    const target = frame.current?.contentWindow;
    return target ? player.attach(target) : undefined;
  }, [player]);
  const still = stillAt({ views, rests, start, isActive }, at);
  const goOn = () => {
    if (still?.next != null) onSeek(still.next);
  };
  useKeys({ r: goOn });
  const click = async ({ clientX, clientY }: MouseEvent) => {
    const box = frame.current?.getBoundingClientRect();
    const written = onAnswer && box ? await player.writtenAt(clientX - box.left, clientY - box.top) : null;
    if (!written || !onAnswer?.(written)) onClick();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the space key does the same, from anywhere on the page
    // biome-ignore lint/a11y/noStaticElementInteractions: the play button is the control, this is its large target
    <div className={styles.stage} onClick={(event) => void click(event)}>
      <iframe
        ref={frame}
        className={styles.frame}
        src="/replay-frame"
        sandbox="allow-scripts allow-same-origin"
        title="Replay of the recorded page"
        data-testid="replay-frame"
        data-still={still !== null}
        tabIndex={-1}
      />
      {still && (
        <div className={styles.still} role="status" data-testid="replay-still">
          <span>{still.words}</span>
          {still.next !== null && (
            <Button
              variant="filled"
              rightSection={<kbd className={styles.key}>r</kbd>}
              onClick={(event) => {
                event.stopPropagation();
                goOn();
              }}
            >
              Go there
            </Button>
          )}
        </div>
      )}
      {problem && <div className={styles.problem}>{problem}</div>}
    </div>
  );
}
