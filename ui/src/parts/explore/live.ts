import { useEffect, useRef, useState } from 'react';
import type { Signal } from '../../api/explore.ts';
import { watchArrivals } from '../../api/live.ts';

/** Whether the page can be seen; what cannot be seen is not kept up to date. */
export function useIsVisible(): boolean {
  const [isVisible, setVisible] = useState(() => document.visibilityState === 'visible');
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return isVisible;
}

/** Calls `onArrival` when the list of a signal may hold something new; gives whether the server tells of it. */
export function useArrivalEvents(signal: Signal, isWanted: boolean, onArrival: () => void): boolean {
  const [isTold, setTold] = useState(false);
  const latest = useRef(onArrival);
  latest.current = onArrival;
  useEffect(() => {
    if (!isWanted) return;
    const stop = watchArrivals(signal, () => latest.current(), setTold);
    return () => {
      stop();
      setTold(false);
    };
  }, [signal, isWanted]);
  return isTold;
}
