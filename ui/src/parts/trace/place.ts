/** Where in a trace the person is: the part of the URL that a trace view reads and writes. */
export interface TracePlace {
  /** The chosen span; left out: the trace chooses. */
  span?: string | undefined;
  /** The tab of what the chosen span says; left out: the first. */
  detail?: string | undefined;
  /** The model call that its prompt is set against; left out: the one before it. */
  against?: string | undefined;
  /** How the spans are drawn; left out: as a tree. */
  shape?: 'flame' | undefined;
  /** Words to find in the trace. */
  find?: string | undefined;
}

/** The beginning of a trace. */
export const TRACE_START: TracePlace = {
  span: undefined,
  detail: undefined,
  against: undefined,
  shape: undefined,
  find: undefined,
};

/** The change that chooses a span: what was open of another is closed. */
export function toSpan(span: string): TracePlace {
  return { span, detail: undefined, against: undefined };
}
