import { useSyncExternalStore } from 'react';
import { setZone, type Zone, zone } from '../times.ts';
import { recall, remember } from './recent.ts';

const listeners = new Set<() => void>();

/** Shows all times in this zone from now on; remembered by this browser. */
export function chooseZone(next: Zone): void {
  remember('zone', next);
  setZone(next);
  for (const listener of listeners) listener();
}

/** The zone of the times on the page; whoever holds times is drawn anew when it changes. */
export function useZone(): Zone {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, zone);
}

/** What the URL says (`?zone=utc`), else what was last chosen here. */
export function firstZone(): Zone {
  const said = new URLSearchParams(window.location.search).get('zone') ?? recall('zone');
  return said === 'utc' ? 'utc' : 'local';
}

setZone(firstZone());
