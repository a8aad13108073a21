/**
 * What the page and its replay frame say to each other, by postMessage. Both sides check every message: the
 * frame because it must obey its own page only, the page because the frame handles recorded, foreign content.
 *
 * A *clip* is the recording of one view, or the rest of it from a full snapshot on, and is playable alone. Times are
 * epoch ms on the clock of the recorded page.
 */
import type { Kept } from './idle.ts';

/** Marks our messages among any others; the number grows when the meaning changes. */
const PROTOCOL = 'diptych-replay-1';

export type ToFrame =
  /** More events of a clip, in order; `isComplete` when no more are known. */
  | { type: 'events'; clip: string; events: unknown[]; isComplete: boolean }
  /** Put this moment of a clip on the stage. */
  | { type: 'show'; clip: string; at: number; play: boolean }
  | { type: 'pause' }
  /** Which answer stands at a place of the frame, px: answered by `pointed` with the same number. */
  | { type: 'point'; number: number; x: number; y: number }
  /** `kept`: when an answer was given; never skipped as idle. */
  | { type: 'pace'; speed: number; skipsIdle: boolean; kept: readonly Kept[] };

export type FromFrame =
  | { type: 'ready' }
  /** The moment asked for stands on the stage. */
  | { type: 'shown'; clip: string; at: number }
  | { type: 'time'; clip: string; at: number; isWaiting: boolean }
  /** It stands still; it may have gone on a little since it was asked to. */
  | { type: 'paused'; clip: string; at: number }
  | { type: 'ended'; clip: string }
  /**
   * When the answer at the place was written, first and last, up to the moment that is shown; null where none stands there
   * or none of it was recorded as it was written.
   */
  | { type: 'pointed'; number: number; written: Written | null }
  /** How large the page is shown, 1 as it was. */
  | { type: 'scale'; scale: number }
  | { type: 'failed'; clip: string; detail: string };

/** Epoch ms on the clock of the recorded page. */
export type Written = readonly [first: number, last: number];

export function sealed(message: ToFrame | FromFrame): object {
  return { protocol: PROTOCOL, ...message };
}

/** The message for the frame, or null when it is not one of ours, well formed. */
export function readToFrame(data: unknown): ToFrame | null {
  const message = ours(data);
  switch (message?.type) {
    case 'events':
      return isText(message.clip) && Array.isArray(message.events) && isFlag(message.isComplete)
        ? (message as ToFrame)
        : null;
    case 'show':
      return isText(message.clip) && isNumber(message.at) && isFlag(message.play)
        ? (message as ToFrame)
        : null;
    case 'pause':
      return { type: 'pause' };
    case 'point':
      return isNumber(message.number) && isNumber(message.x) && isNumber(message.y)
        ? (message as ToFrame)
        : null;
    case 'pace':
      return isNumber(message.speed) && isFlag(message.skipsIdle) && isKept(message.kept)
        ? (message as ToFrame)
        : null;
    default:
      return null;
  }
}

/** The message for the page, or null when it is not one of ours, well formed. */
export function readFromFrame(data: unknown): FromFrame | null {
  const message = ours(data);
  switch (message?.type) {
    case 'ready':
      return { type: 'ready' };
    case 'shown':
    case 'paused':
      return isText(message.clip) && isNumber(message.at) ? (message as FromFrame) : null;
    case 'time':
      return isText(message.clip) && isNumber(message.at) && isFlag(message.isWaiting)
        ? (message as FromFrame)
        : null;
    case 'pointed':
      return isNumber(message.number) && (message.written === null || isMoments(message.written))
        ? (message as FromFrame)
        : null;
    case 'scale':
      return isNumber(message.scale) ? { type: 'scale', scale: message.scale } : null;
    case 'ended':
      return isText(message.clip) ? { type: 'ended', clip: message.clip } : null;
    case 'failed':
      return isText(message.clip) && isText(message.detail) ? (message as FromFrame) : null;
    default:
      return null;
  }
}

type Loose = Record<string, unknown> & { type: string };

function ours(data: unknown): Loose | null {
  if (typeof data !== 'object' || data === null) return null;
  const message = data as Record<string, unknown>;
  return message.protocol === PROTOCOL && isText(message.type) ? (message as Loose) : null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isKept(value: unknown): value is Kept[] {
  return Array.isArray(value) && value.every(isMoments);
}

function isMoments(value: unknown): boolean {
  return Array.isArray(value) && isNumber(value[0]) && isNumber(value[1]);
}
