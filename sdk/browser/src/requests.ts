import { nowMs } from './clock.js';
import type { HeadersFor } from './correlation.js';
import { guarded, listen, observeEntries, tried } from './guard.js';
import type { Hub } from './hub.js';
import { hookMethod } from './method_hook.js';
import type { PageRequest } from './types/request.js';

/** `fetch` as it was before we wrapped it: our own requests leave by it and are never captured. */
export const nativeFetch: typeof fetch = globalThis.fetch?.bind(globalThis);

/**
 * Wraps `fetch` and `XMLHttpRequest` once: adds headers, tells the hub. The page gets the very promise and the
 * very response that the browser made; nothing is cloned, read or awaited on its way.
 */
export function watchRequests(hub: Hub, headersFor: HeadersFor, isOurs: (url: string) => boolean): void {
  wrapFetch(hub, headersFor);
  wrapXhr(hub, headersFor);
  // In a task of its own: what has been loaded so far need not take time of `init`.
  setTimeout(() =>
    observeEntries('resource', (entry) => {
      if (!isOurs(entry.name)) hub.tell('resource_timing', entry as PerformanceResourceTiming);
    }),
  );
}

type Members = Record<string, unknown>;
/** Headers as a page may give them. */
type Given = (HeadersInit & { next?: unknown }) | undefined;

function wrapFetch(hub: Hub, headersFor: HeadersFor): void {
  hookMethod(window, 'fetch', (_, args) => {
    const [input, init] = args as Parameters<typeof fetch>;
    // A request, which may be of a frame's own class; an address has none of its members.
    const asked = Object(input) as Partial<Request>;
    const given = (init?.headers ?? asked.headers) as Given;
    const headers = new Headers(given);
    const request: PageRequest = {
      method: (init?.method ?? asked.method ?? 'GET').toUpperCase(),
      url: absolute(asked.url ?? String(input)),
      startMs: nowMs(),
      body: init?.body,
      signal: init?.signal ?? asked.signal ?? null,
      headers,
    };
    const traced = headersFor(request.url, headers);
    request.trace = traced?.trace;
    // As the page gave them: a wrapper of `fetch` that was there before us may copy `{ ...init.headers }`.
    const shaped = (given && Symbol.iterator in given ? headers : { ...given }) as unknown as Members;
    for (const [name, value] of Object.entries(traced?.headers ?? {})) {
      headers.append(name, value);
      // With what the page says there of its own. On `Headers` it changes nothing.
      shaped[name] = headers.get(name);
    }
    // What can be read but once (`map.entries()`) we have read.
    if (traced || given?.next) {
      const members: Members = {};
      // A request may stand for them, too: its members are not its own.
      for (const key in init) members[key] = init[key as keyof RequestInit];
      members.headers = shaped;
      args[1] = members;
    }
    hub.tell('request_start', request);
    const end = guarded((response?: Response) => {
      request.response = response;
      ended(hub, request, response?.status ?? 0, response?.headers.get('content-type'));
    });
    // A branch of its own: the page's promise is returned as it is, not one microtask later.
    return (promise: Promise<Response>) => {
      promise.then(end, (failure) => {
        request.isAborted = failure?.name === 'AbortError';
        end();
      });
    };
  });
}

function ended(hub: Hub, request: PageRequest, status: number, contentType: string | null | undefined): void {
  Object.assign(request, { endMs: nowMs(), status, contentType: mediaType(contentType) });
  hub.tell('request_end', request);
}

function wrapXhr(hub: Hub, headersFor: HeadersFor): void {
  const proto = XMLHttpRequest.prototype;
  /** Each with the headers that the page has set. */
  const opened = new WeakMap<XMLHttpRequest, PageRequest & { headers: Headers }>();

  hookMethod(proto, 'open', (xhr, [method, url]) => {
    const headers = new Headers();
    opened.set(xhr, {
      method: String(method).toUpperCase(),
      url: absolute(String(url)),
      startMs: 0,
      xhr,
      headers,
    });
  });
  hookMethod(proto, 'setRequestHeader', (xhr, [name, value]) => {
    opened.get(xhr)?.headers.append(name, value);
  });
  hookMethod(proto, 'send', (xhr, [body]) => {
    const request = opened.get(xhr);
    if (!request) return;
    const traced = headersFor(request.url, request.headers);
    Object.assign(request, { startMs: nowMs(), body, trace: traced?.trace });
    // As Headers.append: a header that the page has set already gets one value more.
    for (const [name, value] of Object.entries(traced?.headers ?? {})) xhr.setRequestHeader(name, value);
    hub.tell('request_start', request);
    listen(xhr, ['abort'], () => {
      request.isAborted = true;
    });
    const onEnd = guarded(() => ended(hub, request, xhr.status, xhr.getResponseHeader('content-type')));
    xhr.addEventListener('loadend', onEnd, { once: true });
  });
}

/** The whole address of what may be a path of the page. */
export function absolute(url: string, base = document.baseURI): string {
  // The browser will refuse what is no address, and says so to the page.
  return tried(() => new URL(url, base).href) ?? url;
}

/** Media types whose body comes in pieces, as long as the server likes: server-sent events and lines of JSON. */
export const STREAMED =
  /^text\/event-stream$|^application\/(x-)?(ndjson|jsonl|jsonlines|stream\+json|json-seq|json-stream)$/;

/** The lower-case media type of a Content-Type, without its parameters. */
export function mediaType(contentType: string | null | undefined): string | undefined {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase();
}

/** The browser's start of a request may lie this much before our own. */
const START_TOLERANCE_MS = 1;

/** Whether the browser's timing may be of this request: the same address, not started earlier, and answered. */
export function isTimingOf(entry: PerformanceEntry, request: PageRequest): boolean {
  const [url, own] = [entry.name, request.url].map((each) => each.split('#', 1)[0]);
  return (
    request.endMs !== undefined && url === own && entry.startTime >= request.startMs - START_TOLERANCE_MS
  );
}
