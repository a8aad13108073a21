import type { Options, SessionPersistence } from './options.js';

/** What all tabs of an origin share about the session. */
export interface StoredSession {
  /** Session id; absent when the session has ended. */
  id?: string | undefined;
  /** Epoch milliseconds. */
  createdMs: number;
  /** Epoch milliseconds of the end by inactivity. */
  expireMs: number;
  /** Random id of the browser, kept from session to session. */
  anonymousId?: string | undefined;
  /** The replay was asked for although the session was not sampled for it. */
  forcedReplay?: boolean;
}

/** A place for the session that is read and written within the same tick. */
export interface SessionStore {
  read(): StoredSession | undefined;
  write(session: StoredSession): void;
  clear(): void;
}

/** A place for texts by name; an empty text is as good as none. */
interface Shelf {
  get(name: string): string | null | undefined;
  put(name: string, text: string): void;
}

const KEY = '_diptych_s';
/** Written and read back to see whether a place works. */
const PROBE = '_diptych_probe';
/** With an anonymous id the cookie outlives the session by a year, else it lasts one session at most (seconds). */
const ONE_YEAR_S = 365 * 24 * 3600;
const FOUR_HOURS_S = 4 * 3600;

/** The first place of the option's list that works here; memory always does. */
export function openSessionStore(options: Options): SessionStore {
  const memory = new Map<string, string>();
  const shelves: Record<SessionPersistence, () => Shelf> = {
    cookie: () => cookieShelf(options),
    'local-storage': () => ({
      get: (name) => localStorage.getItem(name),
      put: (name, text) => localStorage.setItem(name, text),
    }),
    memory: () => ({ get: (name) => memory.get(name), put: (name, text) => memory.set(name, text) }),
  };
  const kinds = [options.sessionPersistence, 'memory' as const].flat();
  const shelf = kinds.map((kind) => shelves[kind]()).find(works) as Shelf;
  return {
    read: () => decode(shelf.get(KEY)),
    write: (session) => shelf.put(KEY, encode(session)),
    clear: () => shelf.put(KEY, ''),
  };
}

function works(shelf: Shelf): boolean {
  try {
    shelf.put(PROBE, '1');
    const isKept = shelf.get(PROBE) === '1';
    shelf.put(PROBE, '');
    return isKept;
  } catch {
    return false; // blocked by the browser's settings, or a sandboxed frame
  }
}

function encode({ id, createdMs, expireMs, anonymousId, forcedReplay }: StoredSession): string {
  return [id, createdMs, expireMs, anonymousId, forcedReplay ? 1 : ''].join('&');
}

/** Undefined for what is not ours: the text may have been cut or edited by anybody. */
function decode(text: string | null | undefined): StoredSession | undefined {
  const parts = /^([\w-]{0,128})&(\d+)&(\d+)&([\w-]{0,128})&(1?)$/.exec(text ?? '');
  if (!parts) return undefined;
  const [, id, created, expire, anonymousId, forced] = parts;
  return {
    id: id || undefined,
    createdMs: Number(created),
    expireMs: Number(expire),
    anonymousId: anonymousId || undefined,
    forcedReplay: Boolean(forced),
  };
}

function cookieShelf(options: Options): Shelf {
  const shelf = (domain: string): Shelf => ({
    get: (name) => new RegExp(`(?:^|; )${name}=([^;]*)`).exec(document.cookie)?.[1],
    put(name, text) {
      const lifetimeS = text ? (options.trackAnonymousUser ? ONE_YEAR_S : FOUR_HOURS_S) : 0;
      const { useSecureSessionCookie, usePartitionedCrossSiteSessionCookie: isPartitioned } = options;
      const rest =
        (isPartitioned ? 'none;partitioned' : 'strict') +
        (useSecureSessionCookie || isPartitioned ? ';secure' : '');
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is asynchronous, and the id must be there in the tick of init
      document.cookie = `${name}=${text};path=/;max-age=${lifetimeS}${domain};samesite=${rest}`;
    },
  });
  const labels = location.hostname.split('.');
  // Browsers refuse cookies of public suffixes: the widest domain that takes one is the site's own.
  const domains = options.trackSessionAcrossSubdomains
    ? labels.map((_, index) => `;domain=${labels.slice(-1 - index).join('.')}`)
    : [];
  return domains.map(shelf).find(works) ?? shelf('');
}
