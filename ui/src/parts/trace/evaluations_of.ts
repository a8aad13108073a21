import type { Evaluation, Span, Trace } from '../../api/types.ts';

/** The evaluations of a span; those of the trace as a whole stand with its roots. */
export function evaluationsOf(trace: Trace, span: Span): Evaluation[] {
  const isRoot = !trace.spans.some((other) => other.span_id === span.parent_id);
  return trace.evaluations.filter(({ span_id }) => span_id === span.span_id || (span_id === null && isRoot));
}
