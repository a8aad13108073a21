import { ActionIcon, Button, Textarea, TextInput, Tooltip } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, type SyntheticEvent, useState } from 'react';
import { type CommentTarget, commentsQuery, deleteComment, writeComment } from '../../api/comments.ts';
import type { Comment } from '../../api/types.ts';
import { Icon } from '../Icon.tsx';
import { Failed, Loading } from '../States.tsx';
import { clockWords, exactWords, whenWords } from '../times.ts';
import { recallAuthor, rememberAuthor } from './author.ts';
import styles from './Comments.module.css';

interface Properties {
  target: CommentTarget;
  /** The moment of the session that is shown, page clock, epoch ms: a comment then stands at it. */
  moment?: number | null;
  /** Goes to the moment of a comment. */
  onMoment?: (ms: number) => void;
  /** How a moment is told; the time of day by default. */
  momentWords?: (ms: number) => string;
}

/** What the team wrote at a thing, the oldest first, and a place to write. */
export function Comments({ target, moment = null, onMoment, momentWords = clockWords }: Properties) {
  const comments = useQuery(commentsQuery(target));
  const queries = useQueryClient();
  const renew = () => queries.invalidateQueries({ queryKey: ['comments'] });
  const removed = useMutation({ mutationFn: deleteComment, onSuccess: renew });
  return (
    <div className={styles.comments} data-testid="comments">
      {comments.isPending && <Loading rows={2} />}
      {comments.error && <Failed error={comments.error} retry={() => void comments.refetch()} />}
      {comments.data && comments.data.length > 0 && (
        <ol className={styles.list}>
          {comments.data.map((comment) => (
            <Line
              key={comment.comment_id}
              comment={comment}
              onMoment={onMoment}
              momentWords={momentWords}
              onDelete={() => removed.mutate(comment.comment_id)}
            />
          ))}
        </ol>
      )}
      {removed.error && (
        <p role="alert" className={styles.error}>
          {removed.error.message}
        </p>
      )}
      <CommentForm target={target} moment={moment} momentWords={momentWords} onWritten={renew} />
    </div>
  );
}

function Line({
  comment,
  onMoment,
  momentWords,
  onDelete,
}: {
  comment: Comment;
  onMoment: ((ms: number) => void) | undefined;
  momentWords: (ms: number) => string;
  onDelete: () => void;
}) {
  const { author, text, created_at, moment_ms } = comment;
  return (
    <li className={styles.comment} data-testid="comment">
      <div className={styles.head}>
        <b>{author}</b>
        <time title={exactWords(created_at)}>{whenWords(created_at)}</time>
        {moment_ms !== null && (
          <button
            type="button"
            className={styles.moment}
            disabled={!onMoment}
            onClick={() => onMoment?.(moment_ms)}
            title={exactWords(moment_ms)}
          >
            at {momentWords(moment_ms)}
          </button>
        )}
        <Tooltip label="Delete">
          <ActionIcon size={20} onClick={onDelete} aria-label={`Delete the comment of ${author}`}>
            <Icon name="close" size={13} />
          </ActionIcon>
        </Tooltip>
      </div>
      <p className={styles.text}>{text}</p>
    </li>
  );
}

function CommentForm({
  target,
  moment,
  momentWords,
  onWritten,
}: {
  target: CommentTarget;
  moment: number | null;
  momentWords: (ms: number) => string;
  onWritten: () => void;
}) {
  const [author, setAuthor] = useState(recallAuthor);
  const [text, setText] = useState('');
  const written = useMutation({
    mutationFn: writeComment,
    onSuccess: () => {
      rememberAuthor(author.trim());
      setText('');
      onWritten();
    },
  });
  const canSend = author.trim() !== '' && text.trim() !== '' && !written.isPending;
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    if (canSend) written.mutate({ author: author.trim(), target, text: text.trim(), moment_ms: moment });
  };
  const sendByKeys = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(event);
  };
  return (
    <form className={styles.form} onSubmit={send}>
      <Textarea
        aria-label="Comment"
        placeholder={moment === null ? 'Write a comment' : `Write a comment at ${momentWords(moment)}`}
        autosize
        minRows={2}
        maxRows={10}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={sendByKeys}
      />
      <div className={styles.row}>
        <TextInput
          aria-label="Your name"
          placeholder="Your name"
          value={author}
          maxLength={100}
          onChange={(event) => setAuthor(event.currentTarget.value)}
          onKeyDown={sendByKeys}
        />
        <span className={styles.mute}>Ctrl + Enter</span>
        <Button type="submit" disabled={!canSend}>
          Comment
        </Button>
      </div>
      {written.error && (
        <p role="alert" className={styles.error}>
          {written.error.message}
        </p>
      )}
    </form>
  );
}
