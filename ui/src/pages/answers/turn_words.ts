import type { Turn } from '../../api/types.ts';
import type { Verdict } from '../../parts/Chip.tsx';

type Kind = Turn['reactions'][number]['kind'];

const REACTIONS: Record<Kind, [words: string, tone: Verdict]> = {
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
export function reactionWords(kind: Kind): string {
  return REACTIONS[kind][0];
}

export function reactionTone(kind: Kind): Verdict {
  return REACTIONS[kind][1];
}

const ENDS: Record<string, string> = {
  done: 'to its end',
  stopped: 'stopped by the person',
  network: 'connection lost',
  hidden: 'page put away',
  error: 'failed',
};

/** How an answer ended. */
export function endWords(reason: string | null | undefined): string | null {
  return reason ? (ENDS[reason] ?? reason) : null;
}

/** How many evaluations of a turn passed and failed. */
export function verdictsOf(turn: Turn): { passed: number; failed: number } {
  const count = (assessment: string) =>
    turn.evaluations.filter((evaluation) => evaluation.assessment === assessment).length;
  return { passed: count('pass'), failed: count('fail') };
}
