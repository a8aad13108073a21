import { useEffect } from 'react';

/** What the browser's tab says while a page is shown. */
export function useTitle(words: string): void {
  useEffect(() => {
    document.title = `${words} · Diptych`;
  }, [words]);
}
