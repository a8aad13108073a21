import { nowMs } from './clock.js';
import type { TraceContext } from './correlation.js';
import { guarded } from './guard.js';
import type { Hub } from './hub.js';
import type { PageRequest } from './types/request.js';

/** What the address of a connection gets, or undefined when it is to be left alone. */
export type QueryFor = (url: string) => { query: Record<string, string>; trace: TraceContext } | undefined;

/**
 * EventSource and WebSocket cannot carry headers: their address gets `dip-session` and `dip-traceparent` instead,
 * by the same rules as the headers of fetch.
 */
export function watchSockets(hub: Hub, queryFor: QueryFor): void {
  wrap('EventSource', queryFor, (opened) => hub.tell('event_source', opened));
  wrap('WebSocket', queryFor, (opened) => hub.tell('web_socket', opened));
}

type Connection = EventSource | WebSocket;

function wrap(
  name: 'EventSource' | 'WebSocket',
  queryFor: QueryFor,
  opened: (request: PageRequest) => void,
): void {
  const globals = window as unknown as Record<string, unknown>;
  const original = globals[name] as (new (...args: unknown[]) => Connection) | undefined;
  if (!original) return;
  const addressed = guarded((url: unknown) => {
    const address = new URL(String(url), document.baseURI);
    const asked = address.href;
    // A WebSocket's origin is that of the page but for its scheme.
    const found = queryFor(address.href.replace(/^ws/, 'http'));
    for (const [key, value] of Object.entries(found?.query ?? {})) {
      if (!address.searchParams.has(key)) address.searchParams.set(key, value);
    }
    return { url: address.href, asked, trace: found?.trace };
  });
  const tell = guarded((source: Connection, url: string, trace: TraceContext | undefined) =>
    opened({ source, method: 'GET', url, trace, startMs: nowMs() }),
  );
  globals[name] = new Proxy(original, {
    construct(target, args: unknown[], newTarget) {
      const changed = addressed(args[0]);
      const made = Reflect.construct(
        target,
        changed?.trace ? [changed.url, ...args.slice(1)] : args,
        newTarget,
      ) as Connection;
      if (changed) tell(made, changed.asked, changed.trace);
      return made;
    },
  });
}
