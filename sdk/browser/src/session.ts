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
  if (rate >= 100) return true;
  if (rate <= 0) return false;
  const group = Number.parseInt(id.slice(id.lastIndexOf('-') + 1), 16);
  if (Number.isNaN(group)) return Math.random() * 100 < rate;
  const hash = (BigInt(group) * BigInt('1111111111111111111')) % BigInt('0x10000000000000000');
  return Number(hash) <= (rate / 100) * 2 ** 64;
}

/** Keeps the session of this tab in step with what all tabs share; has one from the first moment on. */
export function startSessions(store: SessionStore, options: Options, hub: Hub): Sessions {
  let current: Session | undefined;
  let checkedMs = 0;
  let isAllowed = true;

  function adopt(stored: StoredSession, id: string): void {
    if (current?.id === id) return;
    end();
    const sampled = isSampled(id, options.sessionSampleRate);
    const { sessionSampleRate, sessionReplaySampleRate, sessionReplayOnErrorSampleRate } = options;
    const replayRate = (sessionSampleRate * sessionReplaySampleRate) / 100;
    const errorRate = replayRate + ((sessionSampleRate - replayRate) * sessionReplayOnErrorSampleRate) / 100;
    current = {
      id,
      anonymousId: options.trackAnonymousUser ? stored.anonymousId : undefined,
      sampled,
      onErrorSampled: isSampled(id, errorRate),
      replaySampled: sampled && (stored.forcedReplay === true || isSampled(id, replayRate)),
    };
    hub.tell('session_start', current);
  }

  function end(): void {
    const ended = current;
    current = undefined;
    if (ended) hub.tell('session_end', ended);
  }

  /** Reads what the tabs share; ends or changes our session when another tab did. */
  function sync(nowMs: number): StoredSession | undefined {
    const stored = store.read();
    const live = stored?.id && isLive(stored, nowMs) ? stored : undefined;
    if (!live?.id) end();
    else if (current) adopt(live, live.id);
    return stored;
  }

  function extend(nowMs: number, mayBegin: boolean): void {
    const stored = sync(nowMs);
    checkedMs = nowMs;
    if (stored?.id && isLive(stored, nowMs)) {
      store.write({ ...stored, expireMs: nowMs + INACTIVITY_MS });
      if (mayBegin) adopt(stored, stored.id);
    } else if (mayBegin) {
      begin(stored, nowMs);
    }
  }

  function begin(previous: StoredSession | undefined, nowMs: number): void {
    const fresh: StoredSession = { id: uuid(), createdMs: nowMs, expireMs: nowMs + INACTIVITY_MS };
    if (options.trackAnonymousUser) fresh.anonymousId = previous?.anonymousId ?? uuid();
    store.write(fresh);
    // Another tab may have written in between: what is stored now is what all tabs agree on.
    const agreed = store.read() ?? fresh;
    adopt(agreed, agreed.id ?? uuid());
  }

  function stop(): void {
    const stored = store.read();
    if (stored) store.write({ ...stored, id: undefined, forcedReplay: undefined, expireMs: 1 });
    end();
  }

  extend(Date.now(), true);
  return {
    current() {
      const nowMs = Date.now();
      if (nowMs - checkedMs >= CHECK_EVERY_MS) {
        checkedMs = nowMs;
        sync(nowMs);
      }
      return current;
    },
    touch() {
      const nowMs = Date.now();
      if (isAllowed && (!current || nowMs - checkedMs >= CHECK_EVERY_MS)) extend(nowMs, true);
    },
    keepAlive: () => extend(Date.now(), false),
    stop,
    forceReplay() {
      const stored = store.read();
      if (stored?.id && stored.id === current?.id) {
        store.write({ ...stored, forcedReplay: true });
        current.replaySampled = current.sampled;
      }
    },
    setConsent(isGiven) {
      isAllowed = isGiven;
      if (isGiven) extend(Date.now(), true);
      else {
        store.clear();
        end();
      }
    },
  };
}

function isLive(stored: StoredSession, nowMs: number): boolean {
  return nowMs < stored.expireMs && nowMs < stored.createdMs + MAX_DURATION_MS;
}
