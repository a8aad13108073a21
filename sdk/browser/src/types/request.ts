import type { TraceContext } from '../correlation.js';

/** One fetch or XHR of the page, filled in as it goes. */
export interface PageRequest {
  method: string;
  /** Absolute. */
  url: string;
  /** Page milliseconds. */
  startMs: number;
  /** Page milliseconds of the response headers (fetch) or the end (XHR). */
  endMs?: number;
  /** 0 when no response came. */
  status?: number;
  /** Lower-case media type of the response, without parameters. */
  contentType?: string;
  /** The page cancelled it. */
  isAborted?: boolean;
  /** Our headers went out, or the page's own `traceparent`. */
  trace?: TraceContext | undefined;
  /** The page's response object; never read from here. */
  response?: Response | undefined;
  /** Headers that the page has set (and ours, on fetch). */
  headers?: Headers;
  /** What was sent, where it is text; used only when answers may keep their question. */
  body?: unknown;
  signal?: AbortSignal | null;
  xhr?: XMLHttpRequest;
  /** It is an answer that has begun already. */
  told?: boolean;
  /** The connection, where it is no request that ends with its response. */
  source?: EventSource | WebSocket;
}
