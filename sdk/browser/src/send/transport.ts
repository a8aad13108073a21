import { absolute, nativeFetch } from '../requests.js';

export type Door = 'rum' | 'replay';

export type Body = string | Uint8Array<ArrayBuffer>;

/** What became of a request. */
export interface Outcome {
  ok: boolean;
  /** Whether it may be tried again, where it is not ok. */
  retry: boolean;
  /** 0 when no answer came. */
  status: number;
  /** How long the server asks us to wait, in milliseconds; 0 when it does not. */
  retryAfterMs?: number;
}

export interface Transport {
  send(door: Door, body: Body): Promise<Outcome>;
  /** Whether a request with this body would outlive the page. */
  outlives(body: Body): boolean;
  /** Whether an address is one of ours. */
  isOurs(url: string): boolean;
}

/** No answer within this time: the connection hangs. */
const TIMEOUT_MS = 30_000;
/** https://fetch.spec.whatwg.org/#http-network-or-cache-fetch: keepalive bodies in flight may hold 64 KiB; part is left to the page. */
const KEEPALIVE_BYTES = 60 * 1024;
/** Address and headers count too in Chromium. */
const KEEPALIVE_OVERHEAD_BYTES = 1024;
/** Longest wait that a server may ask for. */
const MAX_RETRY_AFTER_MS = 5 * 60_000;

const RETRIED = [408, 429];

/**
 * Posts to the server's client doors. The browser itself calls text `text/plain` and bytes nothing, and the facts are in
 * the query, so that no preflight is needed; no cookies are sent. Never rejects. `base` is the server's address, without a slash at its end.
 */
export function createTransport(serverUrl: string, clientToken: string): Transport & { base: string } {
  const base = absolute(serverUrl, location.href).replace(/\/+$/, '');
  let keptAliveBytes = 0;

  const cost = (body: Body): number => byteLength(body) + KEEPALIVE_OVERHEAD_BYTES;
  /** A request that outlives the page, if the browser still has room for it. */
  const outlives = (body: Body): boolean => keptAliveBytes + cost(body) <= KEEPALIVE_BYTES;

  async function send(door: Door, body: Body): Promise<Outcome> {
    const encoding = typeof body === 'string' ? '' : '&encoding=gzip';
    const bytes = cost(body);
    const keepalive = keptAliveBytes + bytes <= KEEPALIVE_BYTES;
    if (keepalive) keptAliveBytes += bytes;
    try {
      const response = await nativeFetch(
        `${base}/v1/${door}?key=${encodeURIComponent(clientToken)}&sent_at=${Date.now()}${encoding}`,
        {
          method: 'POST',
          body,
          credentials: 'omit',
          keepalive,
          signal: AbortSignal.timeout?.(TIMEOUT_MS) ?? null,
        },
      );
      return outcomeOf(response);
    } catch {
      return { ok: false, retry: true, status: 0 };
    } finally {
      if (keepalive) keptAliveBytes -= bytes;
    }
  }

  return { base, send, outlives, isOurs: (url) => url.startsWith(`${base}/v1/`) };
}

function outcomeOf({ ok, status, headers }: Response): Outcome {
  const retryAfterMs = Math.min(Number(headers.get('retry-after')) * 1000 || 0, MAX_RETRY_AFTER_MS);
  return { ok, status, retry: status >= 500 || RETRIED.includes(status), retryAfterMs };
}

/** Length as it travels: text is sent in UTF-8. */
export function byteLength(body: Body): number {
  return (typeof body === 'string' ? new TextEncoder().encode(body) : body).byteLength;
}
