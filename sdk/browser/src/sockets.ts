import { nowMs } from './clock.js';
import type { HeadersFor } from './correlation.js';
import { guarded } from './guard.js';
import type { Hub } from './hub.js';
import type { PageRequest } from './types/request.js';

type Constructor = new (...args: unknown[]) => EventSource | WebSocket;

/**
 * EventSource and WebSocket cannot carry headers: their address gets `dip-session` and `dip-traceparent` instead,
 * by the same rules as the headers of fetch.
 */
export function watchSockets(hub: Hub, headersFor: HeadersFor): void {
  const globals = window as unknown as Record<string, Constructor | undefined>;
  const prepare = guarded((asked: unknown) => {
    const address = new URL(String(asked), document.baseURI);
    const { href } = address;
    // A WebSocket's origin is that of the page but for its scheme.
    const traced = headersFor(href.replace(/^ws/, 'http'), new Headers());
    const query = { 'dip-session': traced?.sessionId, 'dip-traceparent': traced?.headers.traceparent };
    // `searchParams.set` would write the page's own query anew, and break what is signed.
    for (const [key, value] of Object.entries(query))
      if (value && !address.searchParams.has(key))
        address.search += `${address.search && '&'}${key}=${value}`;
    const request: PageRequest = { method: 'GET', url: href, trace: traced?.trace, startMs: nowMs() };
    return { request, url: traced ? address.href : asked };
  });
  for (const [name, signal] of [
    ['EventSource', 'event_source'],
    ['WebSocket', 'web_socket'],
  ] as const) {
    const original = globals[name];
    if (!original) continue;
    const watched = new Proxy(original, {
      construct(target, [asked, ...rest]: unknown[], newTarget) {
        const { request, url = asked } = prepare(asked) ?? {};
        const source = Reflect.construct(target, [url, ...rest], newTarget) as EventSource | WebSocket;
        if (request) hub.tell(signal, { ...request, source });
        return source;
      },
    });
    // Not where the page has frozen it.
    Reflect.set(globals, name, watched);
  }
}
