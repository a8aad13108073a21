import { fetchReplayEvents } from '../../api/replay.ts';
import type { ReplayView } from '../../api/types.ts';

/** Segments asked for in one request: about a minute and a half of recording. */
const SEGMENTS_A_REQUEST = 20;

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
    this.#take({ events: answer.events, isComplete: this.#next >= this.#view.segments.length });
  }
}
