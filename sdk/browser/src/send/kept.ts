import type { Item } from './queue.js';
import type { Door } from './transport.js';

/** What a page could not send before its end: texts by door, and how many more there were no room for. */
type Kept = Record<Door, string[]> & { lost: number; at: number };

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
  let kept = empty();
  let length = 0;

  function put(door: Door, items: Item[]): void {
    for (const { text } of items) {
      length += text.length;
      if (length > MAX_LENGTH) kept.lost += 1;
      else kept[door].push(text);
    }
  }

  return {
    put,
    close() {
      if (length === 0) return;
      sessionStorage.setItem(key, JSON.stringify(kept));
      kept = empty();
      length = 0;
    },
    take() {
      const text = sessionStorage.getItem(key);
      if (!text) return undefined;
      sessionStorage.removeItem(key);
      const found = JSON.parse(text) as Kept;
      return Date.now() - found.at < MAX_AGE_MS ? found : undefined;
    },
  };
}

function empty(): Kept {
  return { rum: [], replay: [], lost: 0, at: Date.now() };
}
