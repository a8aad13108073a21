import type { Evaluation, Turn } from '../../api/types.ts';
import { reactionOf } from '../reactions.ts';

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

/** What somebody made of an answer; what the person did with it stands apart, thumbs too. */
export function isVerdict(evaluation: Evaluation): boolean {
  return reactionOf(evaluation) === null && evaluation.source !== 'behaviour';
}

/** How many judgements of a turn passed and failed. */
export function verdictsOf(turn: Turn): { passed: number; failed: number } {
  const count = (assessment: string) =>
    turn.evaluations.filter((one) => isVerdict(one) && one.assessment === assessment).length;
  return { passed: count('pass'), failed: count('fail') };
}

/** Felt first word less the server's first token; null where one is not known. */
export function gapOf({ felt, served }: Turn): number | null {
  const word = felt?.first_word_ms ?? null;
  const token = served?.ttft_ms ?? null;
  return word === null || token === null ? null : word - token;
}
