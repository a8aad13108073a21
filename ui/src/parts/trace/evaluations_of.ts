import type { Evaluation, Span, Trace } from '../../api/types.ts';

/** The evaluations of a span; those of the trace as a whole stand with its roots. */
export function evaluationsOf(trace: Trace, span: Span): Evaluation[] {
  const isRoot = !trace.spans.some((other) => other.span_id === span.parent_id);
  return trace.evaluations.filter(({ span_id }) => span_id === span.span_id || (span_id === null && isRoot));
}

/** Who judged found a fault: what the person did with an answer is evidence, and no verdict. */
export function isFault({ assessment, source }: Evaluation): boolean {
  return assessment === 'fail' && source !== 'behaviour';
}

/** The spans that somebody found a fault in; those of a fault in the trace as a whole are its roots. */
export function faultyIds(trace: Trace): ReadonlySet<string> {
  const faults = trace.evaluations.filter(isFault);
  if (faults.length === 0) return NONE;
  const ids = new Set(faults.map(({ span_id }) => span_id));
  const known = new Set(trace.spans.map(({ span_id }) => span_id));
  const isRoot = ({ parent_id }: Span) => parent_id === null || !known.has(parent_id);
  const faulty = trace.spans.filter((span) => ids.has(span.span_id) || (ids.has(null) && isRoot(span)));
  return new Set(faulty.map(({ span_id }) => span_id));
}

const NONE: ReadonlySet<string> = new Set();
