import { queryOptions } from '@tanstack/react-query';
import { get, post } from './client.ts';
import type { CommentTarget } from './comments.ts';
import type { Bounds } from './sessions.ts';
import type { EvaluationSummary } from './types.ts';

/** What pass rates are told by. */
export type Group = EvaluationSummary['by'];

const RECOUNT_MS = 15_000;

/** How it was judged in a time range; `label` narrows labels and groups. */
export function evaluationSummaryQuery(
  key: readonly unknown[],
  bounds: () => Bounds,
  label: string,
  by: Group,
  isLive: boolean,
) {
  return queryOptions({
    queryKey: ['evaluations', 'summary', label, by, ...key],
    queryFn: ({ signal }) =>
      get<EvaluationSummary>('/evaluations/summary', { ...bounds(), label, by }, signal),
    refetchInterval: isLive ? RECOUNT_MS : false,
  });
}

/** Judges something by hand; a later judgement of the same label and person takes its place. */
export async function judge(evaluation: {
  submitter: string;
  target: CommentTarget;
  label: string;
  value: string;
  assessment: 'pass' | 'fail' | null;
  reasoning: string | null;
}): Promise<void> {
  await post('/evaluations', evaluation);
}
