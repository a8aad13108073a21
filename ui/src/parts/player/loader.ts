import { fetchReplayEvents } from '../../api/replay.ts';
import type { ReplayView } from '../../api/types.ts';
import type { Stretch } from './playlist.ts';

/** Segments asked for in one request at least: about a minute and a half of recording. */
const SEGMENTS_A_REQUEST = 20;
/** And at most, where a moment far ahead is wanted: about ten minutes. */
const MOST_SEGMENTS_A_REQUEST = 120;

/** Changes closer together than this are one step. */
const CHANGES_APART_MS = 2;
/** rrweb's `EventType` of what changes the picture: a full and an incremental snapshot. */
const CHANGE_TYPES: readonly unknown[] = [2, 3];

function isChange(event: Record<string, unknown>): event is { timestamp: number } {
  return CHANGE_TYPES.includes(event.type) && typeof event.timestamp === 'number';
}

/** rrweb's `EventType` of a whole picture, of the window's size that stands before it, and of what others add. */
const FULL_SNAPSHOT = 2;
const META = 4;
const CUSTOM = 5;

/** What our recorder leaves in a recording where it rests, to spare the page. */
const PAUSED = 'dip.paused';

/** For how long the recorder rests from this event on, ms; null where it does not. */
function restOf(event: Record<string, unknown>): number | null {
  if (event.type !== CUSTOM) return null;
  const { tag, payload } = (event.data ?? {}) as { tag?: unknown; payload?: { rest_ms?: unknown } };
  const rest_ms = payload?.rest_ms;
  return tag === PAUSED && typeof rest_ms === 'number' ? rest_ms : null;
}

export interface LoadedRun {
  events: Record<string, unknown>[];
  isComplete: boolean;
  /** Where the recorder rested, of all that is loaded. */
  rests: readonly Stretch[];
}

/**
 * Where to load from, to show a moment of a view: the last segment with a whole picture before it, else the first.
 * Where in its segment a picture stands is not known, so that only what follows the segment is surely after it.
 */
export function loadingStart(view: ReplayView, at: number): number {
  const whole = view.segments.findLast((segment) => segment.has_full_snapshot && segment.end < at);
  return (whole ?? view.segments[0])?.index ?? 0;
}

/** Fetches one view's recording from a segment on, a run of segments at a time, each once: a clip. */
export class ClipLoader {
  /** Its name in the frame. */
  readonly clip: string;
  readonly #sessionId: string;
  #view: ReplayView;
  readonly #from: number;
  /** The first segment, by index, that was not asked for yet. */
  #next: number;
  #pending: Promise<void> | null = null;
  readonly #take: (run: LoadedRun) => void;
  readonly #stop = new AbortController();
  /** When the picture changes, epoch ms, in order; of all that is loaded. */
  readonly #changes: number[] = [];
  readonly #rests: Stretch[] = [];
  /** The rest that no whole picture has ended yet. */
  #resting: Stretch | null = null;

  constructor(sessionId: string, view: ReplayView, from: number, take: (run: LoadedRun) => void) {
    this.clip = `${view.view_id} ${from}`;
    this.#sessionId = sessionId;
    this.#view = view;
    this.#from = from;
    this.#next = from;
    this.#take = take;
  }

  /** Learns of segments that arrived since. */
  update(view: ReplayView): void {
    this.#view = view;
  }

  /** Whether a moment is shown by this clip without loading more than a new one would. */
  suits(at: number): boolean {
    const start = loadingStart(this.#view, at);
    return this.#from <= start && (this.#next >= start || this.#reaches(at));
  }

  /** Fetches until the recording reaches `at` (epoch ms, page clock) or its known end. */
  async reach(at: number): Promise<void> {
    while (!this.#reaches(at)) {
      this.#pending ??= this.#fetchRun(at).finally(() => {
        this.#pending = null;
      });
      await this.#pending;
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  /** The moment of the nearest change after `at` (by 1) or before it (by -1); null where none is loaded. */
  changeBeside(at: number, by: 1 | -1): number | null {
    const isBeside = (moment: number) => (moment - at) * by >= CHANGES_APART_MS;
    return (by === 1 ? this.#changes.find(isBeside) : this.#changes.findLast(isBeside)) ?? null;
  }

  #rest(): ReplayView['segments'] {
    return this.#view.segments.filter(({ index }) => index >= this.#next);
  }

  #reaches(at: number): boolean {
    const loaded = this.#view.segments.findLast(({ index }) => index < this.#next);
    return this.#rest().length === 0 || (this.#next > this.#from && loaded !== undefined && loaded.end > at);
  }

  async #fetchRun(at: number): Promise<void> {
    const rest = this.#rest();
    const wanted = rest.filter(({ start }) => start <= at).length;
    const run = rest.slice(0, Math.min(MOST_SEGMENTS_A_REQUEST, Math.max(SEGMENTS_A_REQUEST, wanted)));
    const first = run[0];
    const last = run.at(-1);
    if (!first || !last) return;
    const answer = await fetchReplayEvents(
      this.#sessionId,
      { viewId: this.#view.view_id, fromIndex: first.index, toIndex: last.index },
      this.#stop.signal,
    );
    const isFirst = this.#next === this.#from;
    const events = isFirst && this.#from > 0 ? fromWhole(answer.events) : answer.events;
    // The server may stop early, where a run holds much: the rest is asked for next.
    this.#next = Math.max(first.index, Math.min(last.index, answer.to_index)) + 1;
    for (const event of events) this.#note(event);
    this.#take({ events, isComplete: this.#rest().length === 0, rests: this.#rests });
  }

  #note(event: Record<string, unknown>): void {
    const { type, timestamp } = event;
    if (typeof timestamp !== 'number') return;
    // A whole picture that renews one shows what is there already.
    const isRenewal = type === FULL_SNAPSHOT && this.#changes.length > 0 && !this.#resting;
    const rest_ms = restOf(event);
    if (rest_ms !== null) {
      this.#resting = { start: timestamp, end: timestamp + rest_ms };
      this.#rests.push(this.#resting);
    } else if (type === FULL_SNAPSHOT && this.#resting) {
      // The recorder goes on with a whole picture: when it could, or sooner where a new view began.
      this.#resting.end = timestamp;
      this.#resting = null;
    }
    if (isChange(event) && !isRenewal) this.#changes.push(timestamp);
  }
}

/** The events from the first whole picture on: what comes before it would change nothing that is there. */
function fromWhole(events: Record<string, unknown>[]): Record<string, unknown>[] {
  const whole = events.findIndex(({ type }) => type === FULL_SNAPSHOT);
  return events.slice(events[whole - 1]?.type === META ? whole - 1 : Math.max(0, whole));
}
