import { Comments } from '../../parts/comments/Comments.tsx';
import { usePlayer } from '../../parts/player/usePlayer.ts';
import { positionWords } from '../../parts/times.ts';
import styles from './TrayList.module.css';
import type { OnePlayhead } from './usePlayhead.ts';

/** What the team wrote at this session; a new comment stands at the playhead, which holds still while one is written. */
export function CommentTray(properties: { sessionId: string; start: number; playhead: OnePlayhead }) {
  const { sessionId, start, playhead } = properties;
  const at = usePlayer(playhead.player, (state) => Math.round(state.at));
  const hold = () => {
    if (playhead.player.state().isPlaying) playhead.toggle();
  };
  return (
    <section className={styles.list} data-testid="tray" aria-label="Comments" onInput={hold}>
      <div className={styles.comments}>
        <Comments
          target={{ session_id: sessionId }}
          moment={at}
          momentWords={(ms) => positionWords(ms - start)}
          onMoment={playhead.toMoment}
        />
      </div>
    </section>
  );
}
