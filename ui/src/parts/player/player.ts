import type { ReplayView } from '../../api/types.ts';
import {
  type FromFrame,
  readFromFrame,
  sealed,
  type ToFrame,
  type Written,
} from '../../replay-frame/protocol.ts';
import { contentAt } from './content.ts';
import { ClipLoader, loadingStart } from './loader.ts';
import { nextView, placeAt, type Stretch } from './playlist.ts';

export const SPEEDS: readonly number[] = [1, 2, 4, 8];

export interface PlayerState {
  /** The playhead, epoch ms on the page's clock. */
  at: number;
  /** Whose picture is shown; null where nothing of the tab was recorded. */
  viewId: string | null;
  /** Whether there is a recording of this moment; where there is none, the last picture before it or the first of all is shown. */
  isRecorded: boolean;
  isPlaying: boolean;
  isLoading: boolean;
  speed: number;
  skipsIdle: boolean;
  /** Whether playing waits at the end for what is still being recorded. */
  isLive: boolean;
  /** How large the page is shown, 1 as it was; null until something is shown. */
  scale: number | null;
  /** Where the recorder rested to spare the page, as far as it is loaded. */
  rests: Stretch[];
  problem: string | null;
}

/** Recording kept loaded ahead of the playhead. */
const AHEAD_MS = 30_000;
/** How often the playhead moves where there is no recording to move it. */
const WALK_MS = 100;
/** Kept before what ends a stretch that is skipped. */
const LEAD_MS = 1_000;

/**
 * Plays the views of one tab as one timeline in the replay frame: finds the view of a moment, has its segments
 * loaded, and goes on to the next view where one ends. Where nothing was recorded the playhead walks on by
 * itself, so that the agent's side can be watched there too.
 */
export class Player {
  readonly #sessionId: string;
  #views: ReplayView[];
  #whole: Stretch;
  #kept: [number, number][] = [];
  #frame: Window | null = null;
  #isFrameReady = false;
  /** What was loaded before the frame could take it. */
  #unsent: ToFrame[] = [];
  /** The clips of each view, by its id. */
  readonly #loaders = new Map<string, ClipLoader[]>();
  /** The one that is shown, or will be once it is loaded. */
  #shown: ClipLoader | null = null;
  readonly #listeners = new Set<() => void>();
  #state: PlayerState;
  /** Grows with each seek, so that one overtaken while loading does nothing. */
  #seeks = 0;
  #walk: number | undefined;
  /** Whether the frame was told to pause and has not said where it stands. */
  #isPausing = false;
  /** Whether no moment was asked for yet, so that the first that has something to see is shown. */
  #looksForContent = false;
  /** Who asked what stands at a place, by the number of the question. */
  readonly #pointers = new Map<number, (written: Written | null) => void>();
  #points = 0;
  readonly #contents = new Map<ClipLoader, number | null>();

  /** `whole` is the timeline to play over; it may reach beyond what was recorded. */
  constructor(sessionId: string, views: ReplayView[], startAt: number, whole: Stretch) {
    this.#sessionId = sessionId;
    this.#views = views;
    this.#whole = whole;
    this.#state = {
      at: startAt,
      viewId: null,
      isRecorded: true,
      isPlaying: false,
      isLoading: views.length > 0,
      speed: 1,
      skipsIdle: true,
      isLive: false,
      scale: null,
      rests: [],
      problem: null,
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): PlayerState => this.#state;

  /** Opens at the first moment that has something to see, if nobody goes elsewhere before it is loaded. */
  openAtContent(): void {
    this.#looksForContent = true;
  }

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
      for (const loader of [...this.#loaders.values()].flat()) loader.stop();
      this.#loaders.clear();
      this.#shown = null;
      this.#unsent = [];
      this.#stopWalking();
      this.#frame = null;
      this.#isFrameReady = false;
      for (const answer of this.#pointers.values()) answer(null);
      this.#pointers.clear();
    };
  }

  /** Learns of views and segments that arrived since, or of those of another tab. */
  update(views: ReplayView[], whole: Stretch): void {
    this.#views = views;
    this.#whole = whole;
    for (const view of views) for (const loader of this.#loaders.get(view.view_id) ?? []) loader.update(view);
    const place = placeAt(views, this.#state.at);
    const isOther =
      (place.view?.view_id ?? null) !== this.#state.viewId || place.isRecorded !== this.#state.isRecorded;
    if (isOther || this.#isWaitingForMore(place.view)) void this.#go(this.#state.at, this.#state.isPlaying);
  }

  toggle(): void {
    if (this.#state.isPlaying) this.pause();
    else this.play();
  }

  play(): void {
    this.#looksForContent = false;
    const { start, end } = this.#whole;
    void this.#go(this.#state.at >= end && !this.#state.isLive ? start : this.#state.at, true);
  }

  pause(): void {
    this.#seeks += 1;
    this.#stopWalking();
    this.#isPausing = this.#state.isPlaying && this.#state.isRecorded;
    this.#tell({ type: 'pause' });
    this.#set({ isPlaying: false, isLoading: false });
  }

  seek(at: number): void {
    this.#looksForContent = false;
    void this.#go(at, this.#state.isPlaying);
  }

  setPace(pace: { speed?: number; skipsIdle?: boolean }): void {
    this.#set(pace);
    this.#tellPace();
  }

  /** Goes to what was recorded last and plays on as more of it arrives, or stops doing so. */
  follow(isLive: boolean): void {
    this.#looksForContent = false;
    this.#set({ isLive });
    const last = this.#views.at(-1);
    if (isLive) void this.#go(last?.segments.at(-1)?.start ?? this.#whole.end, true);
  }

  /** Learns when answers were given: these stretches are never skipped as idle. */
  keep(stretches: Stretch[]): void {
    this.#kept = stretches.map(({ start, end }) => [start, end]);
    this.#tellPace();
  }

  /** The moment of the next change of the picture (by 1) or of the one before (by -1), as far as it is loaded. */
  changeBeside(by: 1 | -1): number | null {
    return this.#shown?.changeBeside(this.#state.at, by) ?? null;
  }

  /** When the answer that stands at a place of the frame (px) was written; null where none does, or it is not known. */
  writtenAt(x: number, y: number): Promise<Written | null> {
    if (!this.#isFrameReady) return Promise.resolve(null);
    this.#points += 1;
    const number = this.#points;
    const answer = new Promise<Written | null>((resolve) => this.#pointers.set(number, resolve));
    this.#tell({ type: 'point', number, x, y });
    return answer;
  }

  async #go(at: number, play: boolean): Promise<void> {
    const place = placeAt(this.#views, at);
    const { view, isRecorded } = place;
    this.#seeks += 1;
    this.#isPausing = false;
    const seek = this.#seeks;
    this.#stopWalking();
    this.#set({
      at: isRecorded ? place.at : at,
      viewId: view?.view_id ?? null,
      isRecorded,
      isPlaying: play,
      isLoading: view !== null,
      problem: null,
    });
    if (!isRecorded) this.#tell({ type: 'pause' });
    if (play && !isRecorded) this.#startWalking();
    if (!view || !this.#frame) return;
    const loader = this.#loaderOf(view, place.at);
    this.#shown = loader;
    try {
      await loader.reach(place.at);
    } catch (error) {
      if (seek === this.#seeks)
        this.#set({ isPlaying: false, isLoading: false, problem: (error as Error).message });
      return;
    }
    if (seek !== this.#seeks) return;
    const opening = this.#openingOf(loader, view);
    if (opening !== null) return this.#go(opening, play);
    this.#tell({ type: 'show', clip: loader.clip, at: place.at, play: play && isRecorded });
    this.#loadAhead(loader, place.at);
  }

  /** Where to open instead, now that a view is loaded; null where the moment stands. */
  #openingOf(loader: ClipLoader, view: ReplayView): number | null {
    if (!this.#looksForContent) return null;
    const at = this.#contents.get(loader) ?? null;
    const next = nextView(this.#views, view.end);
    this.#looksForContent = at === null && next !== undefined;
    if (at !== null) return Math.min(Math.max(at, view.start), view.end);
    return next?.start ?? this.#views[0]?.start ?? null;
  }

  #hear(message: FromFrame): void {
    if (message.type === 'ready') {
      this.#isFrameReady = true;
      for (const loaded of this.#unsent) this.#tell(loaded);
      this.#unsent = [];
      this.#tellPace();
      void this.#go(this.#state.at, this.#state.isPlaying);
    } else if (message.type === 'scale') {
      this.#set({ scale: message.scale });
    } else if (message.type === 'pointed') {
      this.#pointers.get(message.number)?.(message.written);
      this.#pointers.delete(message.number);
    } else if (message.clip !== this.#shown?.clip) {
      return;
    } else if (message.type === 'shown') {
      this.#set({ isLoading: false });
    } else if (message.type === 'paused') {
      if (this.#isPausing) this.#set({ at: message.at });
      this.#isPausing = false;
    } else if (message.type === 'time') {
      this.#moved(message.at, message.isWaiting);
    } else if (message.type === 'ended') {
      this.#ended();
    } else {
      this.#set({ isPlaying: false, isLoading: false, problem: message.detail });
    }
  }

  #moved(at: number, isWaiting: boolean): void {
    const view = this.#views.find((one) => one.view_id === this.#state.viewId);
    if (!view || !this.#shown || !this.#state.isPlaying || !this.#state.isRecorded) return;
    this.#set({ at: Math.min(at, view.end), isLoading: isWaiting });
    this.#loadAhead(this.#shown, at);
  }

  #ended(): void {
    const view = this.#views.find((one) => one.view_id === this.#state.viewId);
    if (!view || !this.#state.isPlaying) return;
    const next = nextView(this.#views, view.end);
    this.#set({ at: view.end });
    if (next && placeAt(this.#views, view.end + 1).view === next) void this.#go(next.start, true);
    else if (this.#state.isLive && !next) this.#set({ isLoading: true });
    else if (view.end >= this.#whole.end) this.#set({ isPlaying: false });
    else void this.#go(view.end + 1, true);
  }

  /** Whether playing stands at the end of what had arrived, and more has arrived now. */
  #isWaitingForMore(view: ReplayView | null): boolean {
    const { isLive, isPlaying, isLoading, isRecorded, at } = this.#state;
    if (!isLive || !isPlaying) return false;
    if (!isRecorded) return this.#walk === undefined && this.#whole.end > at;
    return isLoading && view !== null && view.end > at;
  }

  #startWalking(): void {
    let last = performance.now();
    const step = () => {
      const now = performance.now();
      this.#walkTo(this.#state.at + (now - last) * this.#state.speed);
      last = now;
    };
    this.#walk = window.setInterval(step, WALK_MS);
  }

  #walkTo(moment: number): void {
    const view = nextView(this.#views, this.#state.at);
    const isKept = this.#kept.some(([start, end]) => start - LEAD_MS <= moment && moment <= end);
    let at = moment;
    if (this.#state.skipsIdle && !isKept) {
      const answers = this.#kept.map(([start]) => start - LEAD_MS);
      const coming = [...answers, view?.start ?? this.#whole.end].filter((one) => one > moment);
      at = Math.min(...coming, this.#whole.end);
    }
    if (view && at >= view.start) {
      void this.#go(view.start, true);
    } else if (at >= this.#whole.end) {
      this.#stopWalking();
      this.#set({ at: this.#whole.end, isPlaying: this.#state.isLive });
    } else {
      this.#set({ at });
    }
  }

  #stopWalking(): void {
    window.clearInterval(this.#walk);
    this.#walk = undefined;
  }

  #loadAhead(loader: ClipLoader, at: number): void {
    loader.reach(at + AHEAD_MS).catch((error: Error) => {
      if (error.name !== 'AbortError') this.#set({ problem: error.message });
    });
  }

  /** The clip to show a moment of a view by: the one that is shown where it suits, else another, else a new one. */
  #loaderOf(view: ReplayView, at: number): ClipLoader {
    const known = this.#loaders.get(view.view_id) ?? [];
    const shown = known.find((loader) => loader === this.#shown && loader.suits(at));
    const suiting = shown ?? known.find((loader) => loader.suits(at));
    if (suiting) return suiting;
    const loader = new ClipLoader(
      this.#sessionId,
      view,
      loadingStart(view, at),
      ({ events, isComplete, rests }) => {
        this.#learnRests(rests);
        if (this.#looksForContent && !this.#contents.has(loader))
          this.#contents.set(loader, contentAt(events));
        this.#tell({ type: 'events', clip: loader.clip, events, isComplete });
      },
    );
    this.#loaders.set(view.view_id, [...known, loader]);
    return loader;
  }

  /** Clips of one view overlap: a rest is known by its start. */
  #learnRests(rests: readonly Stretch[]): void {
    if (rests.length === 0) return;
    const known = new Map([...this.#state.rests, ...rests].map((rest) => [rest.start, { ...rest }]));
    this.#set({ rests: [...known.values()].sort((a, b) => a.start - b.start) });
  }

  #tellPace(): void {
    const { speed, skipsIdle } = this.#state;
    this.#tell({ type: 'pace', speed, skipsIdle, kept: this.#kept });
  }

  #tell(message: ToFrame): void {
    if (this.#isFrameReady) this.#frame?.postMessage(sealed(message), window.location.origin);
    else if (message.type === 'events') this.#unsent.push(message);
  }

  #set(change: Partial<PlayerState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
