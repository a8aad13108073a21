import type { Options, SessionPersistence } from './options.js';

/** What all tabs of an origin share about the session. */
export interface StoredSession {
  /** Session id; absent when the session has ended. */
  id?: string;
  /** Epoch milliseconds. */
  createdMs: number;
  /** Epoch milliseconds of the end by inactivity. */
  expireMs: number;
  /** Random id of the browser, kept from session to session. */
  anonymousId?: string;
  /** The replay was asked for although the session was not sampled for it. */
  forcedReplay?: boolean;
}

/** A place for the session that is read and written within the same tick. */
export interface SessionStore {
  kind: SessionPersistence;
  read(): StoredSession | undefined;
  write(session: StoredSession): void;
  clear(): void;
}

const KEY = '_diptych_s';
/** With an anonymous id the cookie outlives the session by a year, else it lasts one session at most (seconds). */
const ONE_YEAR_S = 365 * 24 * 3600;
const FOUR_HOURS_S = 4 * 3600;

/** The first store of the list that works here; memory always does. */
export function openSessionStore(options: Options): SessionStore {
  const wanted = [options.sessionPersistence].flat();
  for (const kind of [...wanted, 'memory' as const]) {
    const store =
      kind === 'cookie' ? cookieStore_(options) : kind === 'local-storage' ? localStore() : memoryStore();
    if (store) return store;
  }
  return memoryStore();
}

function encode(session: StoredSession): string {
  const parts = [`created=${session.createdMs}`, `expire=${session.expireMs}`];
  if (session.id) parts.push(`id=${session.id}`);
  if (session.anonymousId) parts.push(`aid=${session.anonymousId}`);
  if (session.forcedReplay) parts.push('replay=1');
  return parts.join('&');
}

/** Undefined for what is not ours: the value may have been cut or edited by anybody. */
function decode(text: string | null | undefined): StoredSession | undefined {
  if (!text) return undefined;
  const parts = new URLSearchParams(text);
  const createdMs = Number(parts.get('created'));
  const expireMs = Number(parts.get('expire'));
  if (!createdMs || !expireMs) return undefined;
  const session: StoredSession = { createdMs, expireMs };
  const id = parts.get('id');
  const anonymousId = parts.get('aid');
  if (id && isId(id)) session.id = id;
  if (anonymousId && isId(anonymousId)) session.anonymousId = anonymousId;
  if (parts.get('replay') === '1') session.forcedReplay = true;
  return session;
}

const isId = (text: string): boolean => /^[\w-]{1,128}$/.test(text);

function readCookie(name: string): string | undefined {
  for (const pair of document.cookie.split('; ')) {
    if (pair.startsWith(`${name}=`)) return pair.slice(name.length + 1);
  }
  return undefined;
}

function cookieStore_(options: Options): SessionStore | undefined {
  const lifetimeS = options.trackAnonymousUser ? ONE_YEAR_S : FOUR_HOURS_S;
  const secure = options.useSecureSessionCookie ? ';secure' : '';
  const domain = options.trackSessionAcrossSubdomains ? widestCookieDomain() : '';
  const put = (name: string, value: string, seconds: number): void => {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is asynchronous, and the id must be there in the tick of init
    document.cookie = `${name}=${value};path=/;samesite=strict;max-age=${seconds}${domain}${secure}`;
  };
  try {
    const probe = `${KEY}_probe`;
    put(probe, '1', 60);
    const works = readCookie(probe) === '1';
    put(probe, '', 0);
    if (!works) return undefined;
  } catch {
    return undefined; // a sandboxed frame throws on any access to cookies
  }
  return {
    kind: 'cookie',
    read: () => decode(readCookie(KEY)),
    write: (session) => put(KEY, encode(session), lifetimeS),
    clear: () => put(KEY, '', 0),
  };
}

/** `;domain=…` of the widest domain that takes a cookie: browsers refuse public suffixes, so we try from the right. */
function widestCookieDomain(): string {
  const labels = location.hostname.split('.');
  const probe = `${KEY}_domain`;
  for (let from = labels.length - 1; from >= 0; from -= 1) {
    const domain = `;domain=${labels.slice(from).join('.')}`;
    // biome-ignore lint/suspicious/noDocumentCookie: as above, must answer in this tick
    document.cookie = `${probe}=1;path=/;samesite=strict;max-age=60${domain}`;
    if (readCookie(probe) === '1') {
      // biome-ignore lint/suspicious/noDocumentCookie: as above
      document.cookie = `${probe}=;path=/;max-age=0${domain}`;
      return domain;
    }
  }
  return '';
}

function localStore(): SessionStore | undefined {
  try {
    const storage = window.localStorage;
    storage.setItem(`${KEY}_probe`, '1');
    storage.removeItem(`${KEY}_probe`);
    return {
      kind: 'local-storage',
      read: () => decode(storage.getItem(KEY)),
      write: (session) => storage.setItem(KEY, encode(session)),
      clear: () => storage.removeItem(KEY),
    };
  } catch {
    return undefined; // blocked by the browser's settings
  }
}

function memoryStore(): SessionStore {
  let kept: StoredSession | undefined;
  return {
    kind: 'memory',
    read: () => kept && { ...kept },
    write: (session) => {
      kept = { ...session };
    },
    clear: () => {
      kept = undefined;
    },
  };
}
