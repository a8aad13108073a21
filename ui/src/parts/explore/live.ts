import { useEffect, useRef, useState } from 'react';
import { liveAddress, type Signal } from '../../api/explore.ts';

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

/**
 * Calls `onChange` whenever the server says that rows of this search changed, while `isWanted`. Gives whether
 * the stream stands; where it does not (an older server, a proxy that holds streams), the caller asks by itself.
 */
export function useLiveStream(
  signal: Signal,
  query: string,
  isWanted: boolean,
  onChange: () => void,
): boolean {
  const [isOpen, setOpen] = useState(false);
  const latest = useRef(onChange);
  latest.current = onChange;
  useEffect(() => {
    if (!isWanted) return;
    const stream = new EventSource(liveAddress(signal, query));
    stream.addEventListener('open', () => {
      setOpen(true);
      latest.current();
    });
    stream.addEventListener('changed', () => latest.current());
    stream.addEventListener('error', () => setOpen(false));
    return () => {
      stream.close();
      setOpen(false);
    };
  }, [signal, query, isWanted]);
  return isOpen;
}
