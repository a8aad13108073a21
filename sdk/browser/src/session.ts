import { nowMs as pageMs } from './clock.js';
import type { Hub } from './hub.js';
import { uuid } from './ids.js';
import type { Options } from './options.js';
import type { SessionStore, StoredSession } from './session_store.js';
import type { Session } from './types/session.js';

/** A browser session ends after this long without a click, key, touch or scroll, and with the page hidden. */
export const INACTIVITY_MS = 15 * 60 * 1000;
/** No session is longer than this. */
export const MAX_DURATION_MS = 4 * 60 * 60 * 1000;
/** Activity is written at most this often, and other tabs' changes are seen this fast. */
const CHECK_EVERY_MS = 1000;

export interface Sessions {
  /** The first session begins when it is first asked for. */
  begin(): void;
  /** The live session, sampled or not. */
  current(): Session | undefined;
  /** The user did something: extends the session, or begins the next one. */
  touch(): void;
  /** The page is visible: extends a live session, never begins one. */
  keepAlive(): void;
  /** Ends the session now; the next activity begins a new one. */
  stop(): void;
  /** Records the replay of this session although it was not sampled. */
  forceReplay(): void;
  /** Without consent: ends the session, forgets the browser's anonymous id, begins no other. */
  setConsent(isGiven: boolean): void;
}

/**
 * Whether an id falls into the first `rate` percent: the same answer in every tab and for every SDK version,
 * with the arithmetic of Datadog's browser SDK (Knuth's multiplicative hash over the last UUID group).
 */
export function isSampled(id: string, rate: number): boolean {
  // An id that somebody else made may end in anything: it is in.
  const group = Number.parseInt(id.slice(id.lastIndexOf('-') + 1), 16) || 0;
  const hash = BigInt.asUintN(64, BigInt(group) * 1111111111111111111n);
  return rate > 0 && Number(hash) <= (rate / 100) * 2 ** 64;
}

/** Keeps the session of this tab in step with what all tabs share. */
export function startSessions(store: SessionStore, options: Options, hub: Hub): Sessions {
  let current: Session | undefined;
  /** Below zero until a session has been looked for. */
  let checkedMs = -1;
  let isAllowed = true;

  function adopt({ id, anonymousId, forcedReplay }: StoredSession): void {
    if (current?.id === id) return;
    end();
    const { sessionSampleRate, sessionReplaySampleRate, sessionReplayOnErrorSampleRate } = options;
    const sampled = isSampled(id, sessionSampleRate);
    const replayRate = (sessionSampleRate * sessionReplaySampleRate) / 100;
    const errorRate = replayRate + ((sessionSampleRate - replayRate) * sessionReplayOnErrorSampleRate) / 100;
    current = {
      id,
      anonymousId: (options.trackAnonymousUser && anonymousId) || undefined,
      sampled,
      onErrorSampled: isSampled(id, errorRate),
      replaySampled: sampled && (forcedReplay || isSampled(id, replayRate)),
    };
    hub.tell('session_start', current);
  }

  function end(): void {
    const ended = current;
    current = undefined;
    if (ended) hub.tell('session_end', ended);
  }

  /** Reads what the tabs share; ends or changes our session when another tab did. Gives the live one. */
  function sync(nowMs: number): StoredSession | undefined {
    checkedMs = pageMs();
    const stored = store.read();
    // One that was extended by a wrong clock would not end for long; clocks are also put right by some minutes.
    const isLive =
      stored?.id &&
      Math.abs(stored.expireMs - nowMs - INACTIVITY_MS) < INACTIVITY_MS &&
      nowMs < stored.createdMs + MAX_DURATION_MS;
    if (!isLive) end();
    else if (current) adopt(stored);
    return isLive ? stored : undefined;
  }

  function extend(mayBegin: boolean): void {
    const nowMs = Date.now();
    const expireMs = nowMs + INACTIVITY_MS;
    let live = sync(nowMs);
    if (live) store.write({ ...live, expireMs });
    else if (mayBegin) {
      const anonymousId = options.trackAnonymousUser ? store.read()?.anonymousId || uuid() : '';
      live = { id: uuid(), createdMs: nowMs, expireMs, anonymousId };
      store.write(live);
      // Another tab may have written in between: what is stored now is what all tabs agree on.
      const agreed = store.read();
      if (agreed?.id) live = agreed;
    }
    if (live && mayBegin) adopt(live);
  }

  function begin(): void {
    if (isAllowed && checkedMs < 0) extend(true);
  }

  function stop(): void {
    begin();
    const stored = store.read();
    if (stored) store.write({ ...stored, id: '', forcedReplay: false, expireMs: 1 });
    end();
  }

  const isDue = (): boolean => pageMs() - checkedMs >= CHECK_EVERY_MS;

  return {
    begin,
    current() {
      begin();
      if (isDue()) sync(Date.now());
      return current;
    },
    touch() {
      if (isAllowed && (!current || isDue())) extend(true);
    },
    keepAlive() {
      begin();
      extend(false);
    },
    stop,
    forceReplay() {
      begin();
      const stored = store.read();
      if (current && stored?.id === current.id) {
        store.write({ ...stored, forcedReplay: true });
        current.replaySampled = current.sampled;
      }
    },
    setConsent(isGiven) {
      isAllowed = isGiven;
      if (isGiven) extend(true);
      else {
        store.clear();
        end();
      }
    },
  };
}
