import { nowMs } from './clock.js';
import type { OwnHeaders, TracedHeaders } from './correlation.js';
import { guarded } from './guard.js';
import type { Hub } from './hub.js';
import type { PageRequest } from './types/request.js';

/** Gives what is to be added to a request, or undefined when it is to be left alone. */
export type HeadersFor = (url: string, own: OwnHeaders) => TracedHeaders | undefined;

/** `fetch` as it was before we wrapped it: our own requests leave by it and are never captured. */
export const nativeFetch: typeof fetch = globalThis.fetch?.bind(globalThis);

/**
 * Wraps `fetch` and `XMLHttpRequest` once: adds headers, tells the hub. The page gets the very promise and the
 * very response that the browser made; nothing is cloned, read or awaited on its way.
 */
export function watchRequests(hub: Hub, headersFor: HeadersFor): void {
  wrapFetch(hub, headersFor);
  wrapXhr(hub, headersFor);
}

interface Prepared {
  request: PageRequest;
  init: RequestInit | undefined;
}

function wrapFetch(hub: Hub, headersFor: HeadersFor): void {
  const original = window.fetch;
  const prepare = guarded((input: RequestInfo | URL, init?: RequestInit) =>
    prepareFetch(input, init, hub, headersFor),
  );
  const finish = guarded((request: PageRequest, response?: Response, failure?: unknown) => {
    request.endMs = nowMs();
    request.status = response?.status ?? 0;
    if (response) {
      request.response = response;
      request.contentType = mediaType(response.headers.get('content-type'));
    }
    request.aborted = failure instanceof DOMException && failure.name === 'AbortError';
    hub.tell('request_end', request);
  });
  window.fetch = function (this: unknown, input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const prepared = prepare(input, init);
    const promise: Promise<Response> = original.call(
      (this as Window) ?? window,
      input,
      prepared ? prepared.init : init,
    );
    if (prepared) {
      // A branch of its own: the page's promise is returned as it is, not one microtask later.
      promise.then(
        (response) => finish(prepared.request, response),
        (failure) => finish(prepared.request, undefined, failure),
      );
    }
    return promise;
  };
}

function prepareFetch(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  hub: Hub,
  headersFor: HeadersFor,
): Prepared {
  const asRequest = input instanceof Request ? input : undefined;
  const request = {
    method: (init?.method ?? asRequest?.method ?? 'GET').toUpperCase(),
    url: absolute(asRequest ? asRequest.url : String(input)),
    startMs: nowMs(),
    body: init?.body,
    signal: init?.signal ?? asRequest?.signal ?? null,
    headers: new Headers(init?.headers ?? asRequest?.headers),
  };
  const { headers } = request;
  const traced = headersFor(request.url, headers);
  Object.assign(request, { trace: traced?.trace });
  for (const [name, value] of Object.entries(traced?.headers ?? {})) headers.append(name, value);
  hub.tell('request_start', request);
  return { request, init: traced ? { ...init, headers } : init };
}

interface OpenXhr {
  request: PageRequest;
  /** What the page has set, as far as it concerns us. */
  own: Headers;
}

function wrapXhr(hub: Hub, headersFor: HeadersFor): void {
  const proto = XMLHttpRequest.prototype;
  const { open, send, setRequestHeader } = proto;
  const opened = new WeakMap<XMLHttpRequest, OpenXhr>();

  const onOpen = guarded((xhr: XMLHttpRequest, method: string, url: string | URL) => {
    const request = { method: String(method).toUpperCase(), url: absolute(String(url)), startMs: 0, xhr };
    opened.set(xhr, { request, own: new Headers() });
  });
  const onHeader = guarded((xhr: XMLHttpRequest, name: string, value: string) => {
    opened.get(xhr)?.own.append(name, value);
  });
  const onSend = guarded((xhr: XMLHttpRequest, body: unknown) => {
    const { request, own } = opened.get(xhr) ?? {};
    if (!request || !own) return;
    Object.assign(request, { startMs: nowMs(), body, headers: own });
    const traced = headersFor(request.url, own);
    request.trace = traced?.trace;
    // As Headers.append: a header that the page has set already gets one value more.
    for (const [name, value] of Object.entries(traced?.headers ?? {}))
      setRequestHeader.call(xhr, name, value);
    hub.tell('request_start', request);
    xhr.addEventListener('abort', () => {
      request.aborted = true;
    });
    const onEnd = guarded(() => {
      request.endMs = nowMs();
      request.status = xhr.status;
      request.contentType = mediaType(xhr.getResponseHeader('content-type'));
      hub.tell('request_end', request);
    });
    xhr.addEventListener('loadend', onEnd, { once: true });
  });

  proto.open = function (this: XMLHttpRequest, ...args: [string, string | URL]) {
    onOpen(this, args[0], args[1]);
    return open.apply(this, args as unknown as Parameters<typeof open>);
  } as typeof open;
  proto.setRequestHeader = function (name, value) {
    onHeader(this, name, value);
    return setRequestHeader.call(this, name, value);
  };
  proto.send = function (body) {
    onSend(this, body);
    return send.call(this, body);
  };
}

function absolute(url: string): string {
  try {
    return new URL(url, document.baseURI).href;
  } catch {
    return url; // the browser will refuse it, and says so to the page
  }
}

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
