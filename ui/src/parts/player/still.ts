import type { ReplayView } from '../../api/types.ts';
import { positionWords } from '../times.ts';
import { missingIn, nextView, type Stretch } from './playlist.ts';

/** Why the picture on the stage is not that of the playhead's moment. */
export interface Still {
  words: string;
  /** Where the recording begins or goes on, epoch ms on the page's clock; null where it does not. */
  next: number | null;
}

interface Recorded {
  views: ReplayView[];
  /** Where the recorder held still to spare the page. */
  rests: Stretch[];
  /** What positions are told from: the beginning of the timeline, epoch ms on the page's clock. */
  start: number;
  /** Whether the session goes on, so that more may be recorded. */
  isActive: boolean;
}

/** What to say of a moment that has no picture of its own; null where it has one. */
export function stillAt({ views, rests, start, isActive }: Recorded, at: number): Still | null {
  const told = (moment: number) => positionWords(moment - start);
  const view = views.findLast((one) => one.start <= at && at <= one.end);
  const rest = rests.find((one) => one.start < at && at < one.end);
  if (view) {
    if (rest) return { words: restWords(told(rest.start), told(rest.end)), next: rest.end };
    const lost = missingIn(view).find((one) => one.start < at && at < one.end);
    return lost
      ? {
          words: `The recording from ${told(lost.start)} to ${told(lost.end)} did not arrive`,
          next: lost.end,
        }
      : null;
  }
  const next = nextView(views, at);
  const last = views.findLast((one) => one.end < at);
  if (!last) return next ? { words: `The recording begins at ${told(next.start)}`, next: next.start } : null;
  if (next) {
    const words = rest
      ? restWords(told(last.end), told(next.start))
      : `Nothing was recorded from ${told(last.end)} to ${told(next.start)}`;
    return { words, next: next.start };
  }
  const soFar = isActive ? ' so far' : '';
  return { words: `The recording ends at ${told(last.end)}${soFar}; this is its last picture`, next: null };
}

function restWords(from: string, to: string): string {
  return `Recording rested from ${from} to ${to}: it took too much of the page’s time`;
}
