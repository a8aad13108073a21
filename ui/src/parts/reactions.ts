import type { Evaluation, Turn } from '../api/types.ts';
import type { Verdict } from './Chip.tsx';

export type ReactionKind = Turn['reactions'][number]['kind'];

const REACTIONS: Record<ReactionKind, [words: string, tone: Verdict]> = {
  copy: ['copied', 'ok'],
  thumbs_up: ['thumbs up', 'ok'],
  thumbs_down: ['thumbs down', 'bad'],
  retry: ['asked again', 'warn'],
  rephrase: ['rephrased', 'warn'],
  edit: ['edited the question', 'warn'],
  stop: ['stopped it', 'warn'],
  rage_click: ['rage click', 'bad'],
  leave: ['left', 'warn'],
};

/** What the person did, in words. */
export function reactionWords(kind: ReactionKind): string {
  return REACTIONS[kind][0];
}

export function isReactionKind(kind: unknown): kind is ReactionKind {
  return typeof kind === 'string' && Object.hasOwn(REACTIONS, kind);
}

export function reactionTone(kind: ReactionKind): Verdict {
  return REACTIONS[kind][1];
}

/** The kind of reaction that an evaluation is, or null: it then is somebody's judgement. */
export function reactionOf({ evaluation_id, metadata }: Evaluation): ReactionKind | null {
  const { kind } = metadata as { kind?: unknown };
  return evaluation_id.startsWith('reaction:') && isReactionKind(kind) ? kind : null;
}
