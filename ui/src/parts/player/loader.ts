import { fetchReplayEvents } from '../../api/replay.ts';
import type { ReplayView } from '../../api/types.ts';

/** Segments asked for in one request: about a minute and a half of recording. */
const SEGMENTS_A_REQUEST = 20;

/** Changes closer together than this are one step. */
const CHANGES_APART_MS = 2;
/** rrweb's `EventType` of what changes the picture: a full and an incremental snapshot. */
const CHANGE_TYPES: readonly unknown[] = [2, 3];

function isChange(event: Record<string, unknown>): event is { timestamp: number } {
  return CHANGE_TYPES.includes(event.type) && typeof event.timestamp === 'number';
}

export interface LoadedRun {
  events: unknown[];
  isComplete: boolean;
}

/** Fetches one view's recording from its start on, a run of segments at a time, each once. */
export class ClipLoader {
  readonly #sessionId: string;
  #view: ReplayView;
  #next = 0;
  #pending: Promise<void> | null = null;
  readonly #take: (run: LoadedRun) => void;
  readonly #stop = new AbortController();
  /** When the picture changes, epoch ms, in order; of all that is loaded. */
  readonly #changes: number[] = [];

  constructor(sessionId: string, view: ReplayView, take: (run: LoadedRun) => void) {
    this.#sessionId = sessionId;
    this.#view = view;
    this.#take = take;
  }

  /** Learns of segments that arrived since. */
  update(view: ReplayView): void {
    this.#view = view;
  }

  /** Fetches until the recording reaches `at` (epoch ms, page clock) or its known end. */
  async reach(at: number): Promise<void> {
    while (!this.#reaches(at)) {
      this.#pending ??= this.#fetchRun().finally(() => {
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

  #reaches(at: number): boolean {
    const loaded = this.#view.segments[this.#next - 1];
    return this.#next >= this.#view.segments.length || (loaded !== undefined && loaded.end > at);
  }

  async #fetchRun(): Promise<void> {
    const run = this.#view.segments.slice(this.#next, this.#next + SEGMENTS_A_REQUEST);
    const first = run[0];
    const last = run.at(-1);
    if (!first || !last) return;
    const answer = await fetchReplayEvents(
      this.#sessionId,
      { viewId: this.#view.view_id, fromIndex: first.index, toIndex: last.index },
      this.#stop.signal,
    );
    // The server may stop early, where a run holds much: the rest is asked for next.
    const rest = run.findIndex((segment) => segment.index > answer.to_index);
    this.#next += rest > 0 ? rest : run.length;
    for (const event of answer.events) if (isChange(event)) this.#changes.push(event.timestamp);
    this.#take({ events: answer.events, isComplete: this.#next >= this.#view.segments.length });
  }
}
