import type { Comment } from '../../api/types.ts';
import type { Stretch } from '../../parts/player/playlist.ts';
import { positionWords } from '../../parts/times.ts';
import styles from './CommentMarks.module.css';

interface Properties {
  comments: Comment[];
  whole: Stretch;
  onChoose: (at: number) => void;
}

/** The team's comments on the line of time; they lie over the bar, not in it: a slider holds no buttons. */
export function CommentMarks({ comments, whole, onChoose }: Properties) {
  const length = Math.max(1, whole.end - whole.start);
  return (
    <div className={styles.marks}>
      {comments.map(({ comment_id, author, text, moment_ms }) => {
        if (moment_ms === null || moment_ms < whole.start || moment_ms > whole.end) return null;
        const where = positionWords(moment_ms - whole.start);
        return (
          <button
            type="button"
            key={comment_id}
            className={styles.mark}
            style={{ left: `${((moment_ms - whole.start) / length) * 100}%` }}
            title={`${author}: ${text}`}
            aria-label={`Comment of ${author} at ${where}`}
            onClick={() => onChoose(moment_ms)}
            data-testid="comment-mark"
          />
        );
      })}
    </div>
  );
}
