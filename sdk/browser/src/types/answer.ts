import type { TraceContext } from '../correlation.js';
import type { View } from '../view_history.js';

/** Why an answer ended: `stopped` by the user or the page, `hidden` = the page was left while it was still coming. */
export type AnswerEnd = 'done' | 'stopped' | 'network' | 'hidden' | 'error';

/** A streamed AI answer as the page sees it; shared by the part that measures it and the part that watches what follows. */
export interface Answer {
  id: string;
  url: string;
  method: string;
  /** Page milliseconds of the request. */
  askedMs: number;
  /** What the person asked, where the request tells. In memory only, unless `captureAnswerText` is on. */
  question?: string | undefined;
  /** Page milliseconds of the first piece, its first painting, and the end. */
  firstByteMs?: number;
  firstPaintMs?: number;
  endedMs?: number;
  endReason?: AnswerEnd;
  chunks: number;
  bytes: number;
  trace?: TraceContext | undefined;
  view: View | undefined;
  /** Element in which the answer is shown, where it is known. */
  element?: Element | undefined;
}
