import { tried } from '../guard.js';
import type { Item } from './queue.js';
import type { Door } from './transport.js';

/** What a page could not send before its end, and how many more there was no room for. */
export interface Kept {
  texts: [door: Door, text: string][];
  lost: number;
}

const KEY = '_diptych_kept';
/** Characters that are kept; a tab may have 5 MiB in all, and the page wants its share. */
const MAX_LENGTH = 1024 * 1024;
/** Nothing is sent of a session that is long over. */
const MAX_AGE_MS = 12 * 3600 * 1000;

/** Keeps, in the tab's own storage, what did not fit into the last requests of a page; the next page sends it. */
export interface Shelf {
  put(door: Door, items: Item[]): void;
  /** Writes down what was put. */
  close(): void;
  /** Gives what a page before (or this one, back from the back/forward cache) has left, and forgets it. */
  take(): Kept | undefined;
}

export function createShelf(clientToken: string): Shelf {
  const key = `${KEY}_${clientToken}`;
  let texts: Kept['texts'] = [];
  let length = 0;
  let lost = 0;

  return {
    put(door, items) {
      for (const { text } of items) {
        length += text.length;
        if (length > MAX_LENGTH) lost += 1;
        else texts.push([door, text]);
      }
    },
    close() {
      if (length > 0) sessionStorage.setItem(key, JSON.stringify([Date.now(), lost, texts]));
      texts = [];
      length = lost = 0;
    },
    take() {
      // Blocked by the browser's settings, or by a sandbox.
      const text = tried(() => sessionStorage.getItem(key));
      if (!text) return undefined;
      sessionStorage.removeItem(key);
      const [at, lost, texts] = JSON.parse(text) as [number, number, Kept['texts']];
      return Date.now() - at < MAX_AGE_MS ? { lost, texts } : undefined;
    },
  };
}
