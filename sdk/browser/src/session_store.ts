import { tried } from './guard.js';
import type { Options, SessionPersistence } from './options.js';

/** What all tabs of an origin share about the session. */
export interface StoredSession {
  /** Session id; empty when the session has ended. */
  id: string;
  /** Epoch milliseconds. */
  createdMs: number;
  /** Epoch milliseconds of the end by inactivity. */
  expireMs: number;
  /** Random id of the browser, kept from session to session; empty where none is wanted. */
  anonymousId: string;
  /** The replay was asked for although the session was not sampled for it. */
  forcedReplay?: boolean;
}

/** A place for the session that is read and written within the same tick. */
export interface SessionStore {
  read(): StoredSession | undefined;
  write(session: StoredSession): void;
  clear(): void;
}

/** A place for the text of a session; an empty text is as good as none. */
interface Shelf {
  get(): string | null | undefined;
  put(text: string): void;
}

const KEY = '_diptych_s';
/** With an anonymous id the cookie outlives the session by a year, else it lasts one session at most (seconds). */
const ONE_YEAR_S = 365 * 24 * 3600;
const FOUR_HOURS_S = 4 * 3600;

/** The first place of the option's list that keeps what is written; memory always does. */
export function openSessionStore(options: Options): SessionStore {
  let inMemory: string;
  const shelves: Record<SessionPersistence, () => Shelf[]> = {
    cookie: () => cookieShelves(options),
    'local-storage': () => [
      { get: () => localStorage.getItem(KEY), put: (text) => localStorage.setItem(KEY, text) },
    ],
    memory: () => [
      {
        get: () => inMemory,
        put(text) {
          inMemory = text;
        },
      },
    ],
  };
  const places = [options.sessionPersistence, 'memory' as const].flat().flatMap((kind) => shelves[kind]());
  const read = (): StoredSession | undefined => decode(tried(() => places[0]?.get()));
  const put = (text: string): unknown => tried(() => places[0]?.put(text));
  return {
    read,
    write({ id, createdMs, expireMs, anonymousId, forcedReplay }) {
      const text = [id, createdMs, expireMs, anonymousId, forcedReplay ? 1 : ''].join('&');
      put(text);
      // A place that does not give back what was put is blocked by the browser's settings, or a sandboxed frame.
      while (places.length > 1 && !read()) {
        places.shift();
        put(text);
      }
    },
    clear: () => put(''),
  };
}

/** Undefined for what is not ours: the text may have been cut or edited by anybody. */
function decode(text: string | null | undefined): StoredSession | undefined {
  const [, id, created, expire, anonymousId = '', forced] =
    /^([\w-]{0,128})&(\d+)&(\d+)&([\w-]{0,128})&(1?)$/.exec(text ?? '') ?? [];
  if (id === undefined) return undefined;
  return {
    id,
    createdMs: Number(created),
    expireMs: Number(expire),
    anonymousId,
    forcedReplay: Boolean(forced),
  };
}

function cookieShelves(options: Options): Shelf[] {
  const shelf = (domain: string): Shelf => ({
    get: () => new RegExp(`(?:^|; )${KEY}=([^;]*)`).exec(document.cookie)?.[1],
    put(text) {
      const lifetimeS = text ? (options.trackAnonymousUser ? ONE_YEAR_S : FOUR_HOURS_S) : 0;
      const { useSecureSessionCookie, usePartitionedCrossSiteSessionCookie: isPartitioned } = options;
      const rest =
        (isPartitioned ? 'none;partitioned' : 'strict') +
        (useSecureSessionCookie || isPartitioned ? ';secure' : '');
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is asynchronous, and the id must be there in the tick of init
      document.cookie = `${KEY}=${text};path=/;max-age=${lifetimeS}${domain};samesite=${rest}`;
    },
  });
  const labels = location.hostname.split('.');
  // Browsers refuse cookies of public suffixes: the widest domain that takes one is the site's own.
  const domains = options.trackSessionAcrossSubdomains
    ? labels.map((_, index) => `;domain=${labels.slice(-1 - index).join('.')}`)
    : [];
  return [...domains, ''].map(shelf);
}
