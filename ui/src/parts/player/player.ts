import type { ReplayView } from '../../api/types.ts';
import { type FromFrame, readFromFrame, sealed, type ToFrame } from '../../replay-frame/protocol.ts';
import { ClipLoader } from './loader.ts';
import { type Stretch, viewAt } from './playlist.ts';

export const SPEEDS = [1, 2, 4, 8] as const;

export interface PlayerState {
  /** The playhead, epoch ms on the page's clock. */
  at: number;
  viewId: string | null;
  isPlaying: boolean;
  isLoading: boolean;
  speed: number;
  skipsIdle: boolean;
  problem: string | null;
}

/** Recording kept loaded ahead of the playhead. */
const AHEAD_MS = 30_000;

/**
 * Plays the views of one tab as one timeline in the replay frame: finds the view of a moment, has its segments
 * loaded, and goes on to the next view where one ends.
 */
export class Player {
  readonly #sessionId: string;
  #views: ReplayView[];
  #kept: [number, number][] = [];
  #frame: Window | null = null;
  #isFrameReady = false;
  readonly #loaders = new Map<string, ClipLoader>();
  readonly #listeners = new Set<() => void>();
  #state: PlayerState;
  /** Grows with each seek, so that one overtaken while loading does nothing. */
  #seeks = 0;

  constructor(sessionId: string, views: ReplayView[], startAt: number) {
    this.#sessionId = sessionId;
    this.#views = views;
    this.#state = {
      at: startAt,
      viewId: null,
      isPlaying: false,
      isLoading: true,
      speed: 1,
      skipsIdle: true,
      problem: null,
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): PlayerState => this.#state;

  /** Ties the player to its frame; gives the function that unties it. */
  attach(frame: Window): () => void {
    const listen = (event: MessageEvent) => {
      if (event.source !== frame || event.origin !== window.location.origin) return;
      const message = readFromFrame(event.data);
      if (message) this.#hear(message);
    };
    this.#frame = frame;
    window.addEventListener('message', listen);
    return () => {
      window.removeEventListener('message', listen);
      for (const loader of this.#loaders.values()) loader.stop();
      this.#loaders.clear();
      this.#frame = null;
      this.#isFrameReady = false;
    };
  }

  /** Learns of views and segments that arrived since. */
  update(views: ReplayView[]): void {
    this.#views = views;
    for (const view of views) this.#loaders.get(view.view_id)?.update(view);
  }

  toggle(): void {
    if (this.#state.isPlaying) this.pause();
    else this.play();
  }

  play(): void {
    const end = this.#views.at(-1)?.end ?? 0;
    const start = this.#views[0]?.start ?? 0;
    void this.#go(this.#state.at >= end ? start : this.#state.at, true);
  }

  pause(): void {
    this.#seeks += 1;
    this.#tell({ type: 'pause' });
    this.#set({ isPlaying: false, isLoading: false });
  }

  seek(at: number): void {
    void this.#go(at, this.#state.isPlaying);
  }

  setPace(pace: { speed?: number; skipsIdle?: boolean }): void {
    this.#set(pace);
    this.#tellPace();
  }

  /** Learns when answers were given: these stretches are never skipped as idle. */
  keep(stretches: Stretch[]): void {
    this.#kept = stretches.map(({ start, end }) => [start, end]);
    this.#tellPace();
  }

  async #go(at: number, play: boolean): Promise<void> {
    const view = viewAt(this.#views, at);
    if (!view) return;
    this.#seeks += 1;
    const seek = this.#seeks;
    const target = Math.min(Math.max(at, view.start), view.end);
    this.#set({ at: target, viewId: view.view_id, isPlaying: play, isLoading: true, problem: null });
    if (!this.#isFrameReady) return;
    try {
      await this.#loaderOf(view).reach(target);
    } catch (error) {
      if (seek === this.#seeks)
        this.#set({ isPlaying: false, isLoading: false, problem: (error as Error).message });
      return;
    }
    if (seek !== this.#seeks) return;
    this.#tell({ type: 'show', clip: view.view_id, at: target, play });
    this.#set({ isLoading: false });
    this.#loadAhead(view, target);
  }

  #hear(message: FromFrame): void {
    if (message.type === 'ready') {
      this.#isFrameReady = true;
      this.#tellPace();
      void this.#go(this.#state.at, this.#state.isPlaying);
    } else if (message.clip !== this.#state.viewId) {
      return;
    } else if (message.type === 'time') {
      this.#moved(message.at, message.isWaiting);
    } else if (message.type === 'ended') {
      this.#ended(message.clip);
    } else {
      this.#set({ isPlaying: false, isLoading: false, problem: message.detail });
    }
  }

  #moved(at: number, isWaiting: boolean): void {
    const view = this.#views.find((one) => one.view_id === this.#state.viewId);
    if (!view || !this.#state.isPlaying) return;
    this.#set({ at: Math.min(at, view.end), isLoading: isWaiting });
    this.#loadAhead(view, at);
  }

  #ended(clip: string): void {
    const index = this.#views.findIndex((view) => view.view_id === clip);
    const next = this.#views[index + 1];
    if (next && this.#state.isPlaying) void this.#go(next.start, true);
    else this.#set({ isPlaying: false, at: this.#views[index]?.end ?? this.#state.at });
  }

  #loadAhead(view: ReplayView, at: number): void {
    this.#loaderOf(view)
      .reach(at + AHEAD_MS)
      .catch((error: Error) => {
        if (error.name !== 'AbortError') this.#set({ problem: error.message });
      });
  }

  #loaderOf(view: ReplayView): ClipLoader {
    let loader = this.#loaders.get(view.view_id);
    if (!loader) {
      loader = new ClipLoader(this.#sessionId, view, ({ events, isComplete }) =>
        this.#tell({ type: 'events', clip: view.view_id, events, isComplete }),
      );
      this.#loaders.set(view.view_id, loader);
    }
    return loader;
  }

  #tellPace(): void {
    const { speed, skipsIdle } = this.#state;
    this.#tell({ type: 'pace', speed, skipsIdle, kept: this.#kept });
  }

  #tell(message: ToFrame): void {
    if (this.#isFrameReady) this.#frame?.postMessage(sealed(message), window.location.origin);
  }

  #set(change: Partial<PlayerState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
