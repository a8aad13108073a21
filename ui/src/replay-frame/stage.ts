import { Replayer } from '@rrweb/replay';
import { disarmer } from './disarm.ts';
import { idleEnd, type Kept } from './idle.ts';
import type { FromFrame, ToFrame, Written } from './protocol.ts';
import { writtenBetween } from './written.ts';

type ReplayEvent = Extract<ConstructorParameters<typeof Replayer>[0][number], { timestamp: number }>;

interface Clip {
  events: ReplayEvent[];
  isComplete: boolean;
  disarm: (event: unknown) => unknown;
}

/** rrweb's `EventType` of a whole picture. */
const FULL_SNAPSHOT = 2;
/** What a page marks its answers with, as the browser SDK has it. */
const ANSWER_SELECTOR = '[data-dip-answer]';
/** How often the page hears where the playhead is while it moves. */
const REPORT_MS = 100;
/** A page recorded on a small window stays readable on a large screen, and no more. */
const MAX_SCALE = 2;

/** Shows one moment of one clip at a time and plays on from there; says where it is. */
export class Stage {
  readonly #root: HTMLElement;
  readonly #say: (message: FromFrame) => void;
  readonly #clips = new Map<string, Clip>();
  #shown: { name: string; replayer: Replayer; width: number; height: number } | null = null;
  #isPlaying = false;
  #isWaiting = false;
  #pace: { speed: number; skipsIdle: boolean; kept: readonly Kept[] } = {
    speed: 1,
    skipsIdle: false,
    kept: [],
  };

  readonly #origins: ReadonlySet<string>;

  /** `origins`: where the frame's policy lets style sheets come from. */
  constructor(root: HTMLElement, say: (message: FromFrame) => void, origins: ReadonlySet<string>) {
    this.#root = root;
    this.#say = say;
    this.#origins = origins;
    window.setInterval(() => this.#tick(), REPORT_MS);
    window.addEventListener('resize', () => this.#fit());
  }

  obey(message: ToFrame): void {
    switch (message.type) {
      case 'events':
        this.#take(message.clip, message.events, message.isComplete);
        break;
      case 'show':
        this.#show(message.clip, message.at, message.play);
        break;
      case 'pause':
        this.#pause();
        break;
      case 'point':
        this.#say({
          type: 'pointed',
          number: message.number,
          written: this.#writtenAt(message.x, message.y),
        });
        break;
      case 'pace':
        this.#pace = message;
        this.#shown?.replayer.setConfig({ speed: message.speed });
    }
  }

  #take(name: string, events: unknown[], isComplete: boolean): void {
    const clip = this.#clips.get(name) ?? { events: [], isComplete, disarm: disarmer(this.#origins) };
    this.#clips.set(name, clip);
    clip.isComplete = isComplete;
    const taken = events.filter(isReplayEvent).map(clip.disarm).filter(isReplayEvent);
    const isShown = this.#shown?.name === name;
    for (const event of taken) {
      clip.events.push(event);
      if (isShown) this.#shown?.replayer.addEvent(event);
    }
    // addEvent works in a microtask; playing on must come after it.
    if (isShown && this.#isWaiting) window.setTimeout(() => this.#goOn());
  }

  #show(name: string, at: number, play: boolean): void {
    const clip = this.#clips.get(name);
    const first = clip?.events[0];
    if (!clip || !first || clip.events.length < 2) {
      this.#say({ type: 'failed', clip: name, detail: 'Nothing of this view can be played.' });
      return;
    }
    try {
      if (this.#shown?.name !== name) this.#build(name, clip);
      const length = (clip.events.at(-1)?.timestamp ?? 0) - first.timestamp;
      const picture = clip.events.find(({ type }) => type === FULL_SNAPSHOT)?.timestamp ?? first.timestamp;
      const earliest = picture - first.timestamp;
      // rrweb applies what lies before a moment; one more millisecond takes in what happened at it. Before the
      // first picture it would leave the one that it showed last.
      const offset = Math.min(Math.max(earliest, at - first.timestamp), Math.max(earliest, length)) + 1;
      this.#isPlaying = play;
      this.#isWaiting = false;
      if (play) this.#shown?.replayer.play(offset);
      else this.#shown?.replayer.pause(offset);
      this.#say({ type: 'shown', clip: name, at });
      this.#report();
    } catch (error) {
      this.#say({ type: 'failed', clip: name, detail: String(error) });
    }
  }

  #build(name: string, clip: Clip): void {
    this.#shown?.replayer.destroy();
    const isCalm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    const replayer = new Replayer([...clip.events], {
      root: this.#root,
      speed: this.#pace.speed,
      triggerFocus: false,
      showWarning: false,
      // Its copy of the page, made at each jump, costs more than the changes that it saves: a jump takes a quarter.
      useVirtualDom: false,
      mouseTail: isCalm ? false : { duration: 500, lineCap: 'round', lineWidth: 3, strokeStyle: '#b4552d' },
    });
    // Nothing inside may be focused or followed by keyboard either.
    replayer.iframe.setAttribute('inert', '');
    const shown = { name, replayer, width: 0, height: 0 };
    this.#shown = shown;
    replayer.on('resize', (size) => {
      Object.assign(shown, size);
      this.#fit();
    });
    replayer.on('finish', () => this.#finished(shown.name));
  }

  #finished(name: string): void {
    const clip = this.#clips.get(name);
    if (this.#shown?.name !== name || !clip || !this.#isPlaying) return;
    const { replayer } = this.#shown;
    const lengthMs = (clip.events.at(-1)?.timestamp ?? 0) - (clip.events[0]?.timestamp ?? 0);
    if (replayer.getCurrentTime() < lengthMs) {
      // rrweb stops 50 ms after it showed the last event, also where it plays from another moment by then.
      replayer.play(replayer.getCurrentTime());
    } else if (clip.isComplete) {
      this.#isPlaying = false;
      this.#say({ type: 'ended', clip: name });
    } else {
      this.#isWaiting = true;
      this.#report();
    }
  }

  #goOn(): void {
    if (!this.#shown || !this.#isWaiting) return;
    this.#isWaiting = false;
    this.#shown.replayer.play(this.#shown.replayer.getCurrentTime());
  }

  #pause(): void {
    this.#isPlaying = false;
    this.#isWaiting = false;
    if (!this.#shown) return;
    this.#shown.replayer.pause();
    const first = this.#clips.get(this.#shown.name)?.events[0];
    if (!first) return;
    const at = first.timestamp + this.#shown.replayer.getCurrentTime();
    this.#say({ type: 'paused', clip: this.#shown.name, at });
  }

  /** Of the recorded page only moments are told, never its words. */
  #writtenAt(x: number, y: number): Written | null {
    const clip = this.#shown && this.#clips.get(this.#shown.name);
    const first = clip?.events[0];
    if (!this.#shown || !clip || !first) return null;
    const { replayer, width } = this.#shown;
    const box = replayer.iframe.getBoundingClientRect();
    const scale = box.width / width;
    const recorded = replayer.iframe.contentDocument;
    if (!recorded) return null;
    const place = [(x - box.left) / scale, (y - box.top) / scale] as const;
    const answer = answerAt(recorded, ...place);
    const ids = answer && new Set(withAllIn(answer).map((node) => replayer.getMirror().getId(node)));
    if (!ids) return null;
    return writtenBetween(clip.events, ids, first.timestamp + replayer.getCurrentTime());
  }

  #tick(): void {
    const clip = this.#shown && this.#clips.get(this.#shown.name);
    const first = clip?.events[0];
    if (this.#isPlaying && this.#pace.skipsIdle && this.#shown && clip && first) {
      const now = first.timestamp + this.#shown.replayer.getCurrentTime();
      const end = idleEnd(clip.events, now, this.#pace.kept);
      if (end !== null) this.#shown.replayer.play(end - first.timestamp);
    }
    this.#report();
  }

  #report(): void {
    const first = this.#shown && this.#clips.get(this.#shown.name)?.events[0];
    if (!this.#shown || !first || !(this.#isPlaying || this.#isWaiting)) return;
    const at = first.timestamp + this.#shown.replayer.getCurrentTime();
    this.#say({ type: 'time', clip: this.#shown.name, at, isWaiting: this.#isWaiting });
  }

  /** The recorded window, as large as fits, up to twice as large as it was. */
  #fit(): void {
    if (!this.#shown?.width || !this.#shown.height) return;
    const { width, height, replayer } = this.#shown;
    const scale = Math.min(MAX_SCALE, window.innerWidth / width, window.innerHeight / height);
    const left = (window.innerWidth - width * scale) / 2;
    const top = (window.innerHeight - height * scale) / 2;
    Object.assign(replayer.wrapper.style, { width: `${width}px`, height: `${height}px` });
    replayer.wrapper.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
    this.#say({ type: 'scale', scale });
  }
}

/** By the browser's own functions: a recorded form or picture may be called `elementFromPoint`, a field of a form `closest`. */
function answerAt(recorded: Document, x: number, y: number): Element | null {
  const hit = Document.prototype.elementFromPoint.call(recorded, x, y);
  return hit && Element.prototype.closest.call(hit, ANSWER_SELECTOR);
}

function withAllIn(element: Element): Node[] {
  const walker = document.createTreeWalker(element);
  const nodes: Node[] = [element];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
}

function isReplayEvent(event: unknown): event is ReplayEvent {
  const { type, timestamp } = (event ?? {}) as { type?: unknown; timestamp?: unknown };
  return typeof type === 'number' && typeof timestamp === 'number';
}
