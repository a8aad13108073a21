import { addressOf } from './client.ts';
import type { Signal } from './explore.ts';

/** How long after the server refused a stream (as many are open as it keeps, an older server) it is asked again. */
const REFUSED_MS = 30_000;

/**
 * Calls `onArrival` each time the list of a signal may hold something new, until the function given back is
 * called; `onState` says whether the server tells of arrivals just now. Who was cut off hears of what was missed.
 */
export function watchArrivals(
  signal: Signal,
  onArrival: () => void,
  onState: (isTold: boolean) => void,
): () => void {
  let source: EventSource | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource(addressOf('/live', { signal }));
    source.addEventListener('arrival', onArrival);
    source.addEventListener('watching', () => {
      onState(true);
      // What came since the list was asked for.
      onArrival();
    });
    source.onerror = () => {
      onState(false);
      // A connection that broke is opened again by the browser, with the id of the last event.
      if (source?.readyState !== EventSource.CLOSED) return;
      retry = setTimeout(open, REFUSED_MS);
    };
  };
  open();
  return () => {
    clearTimeout(retry);
    source?.close();
  };
}
