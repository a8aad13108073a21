import type { TraceContext } from "../correlation.js";
import type { View } from "../view_history.js";

/** Why an answer ended: `hidden` = the page was left while it was still coming. */
export type AnswerEnd = "done" | "stopped" | "network" | "hidden" | "error";

/** A streamed AI answer as the page sees it; shared by the parts that measure it and those that watch what follows. */
export interface Answer {
  id: string;
  url: string;
  method: string;
  /** Page milliseconds of the request. */
  askedMs: number;
  /** Page milliseconds of the end; absent while it is coming. */
  endedMs?: number;
  endReason?: AnswerEnd;
  trace?: TraceContext | undefined;
  view: View | undefined;
  /** Element in which the answer is shown, where it is known. */
  element?: Element | undefined;
}
