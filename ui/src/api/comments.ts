import { queryOptions } from '@tanstack/react-query';
import { get, post, remove } from './client.ts';
import type { Comment, Page } from './types.ts';

/** What a comment stands at: one of these; a span with its trace. */
export interface CommentTarget {
  session_id?: string;
  trace_id?: string;
  span_id?: string;
  turn_id?: string;
}

/** Comments of one answer; more than anybody writes at one thing. */
const LIMIT = 500;

/** The comments at a thing, the oldest first; those of a trace are with those of its spans. */
export function commentsQuery(target: CommentTarget) {
  return queryOptions({
    queryKey: ['comments', target],
    queryFn: async ({ signal }) =>
      (await get<Page<Comment>>('/comments', { ...target, limit: LIMIT }, signal)).items,
  });
}

/** Writes a comment; `moment` is a moment of the page's clock, epoch ms. */
export async function writeComment(comment: {
  author: string;
  target: CommentTarget;
  text: string;
  moment_ms: number | null;
}): Promise<void> {
  await post('/comments', comment);
}

export async function deleteComment(id: string): Promise<void> {
  await remove(`/comments/${encodeURIComponent(id)}`);
}
