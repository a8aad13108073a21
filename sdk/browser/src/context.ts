import { listen, tellOnce } from './guard.js';

export type Context = Record<string, unknown>;

/** A bag of values that goes with every event: the user, the account, the global context. */
export interface ContextBag {
  get(): Context;
  set(context: unknown): void;
  setProperty(key: string, value: unknown): void;
  removeProperty(key: string): void;
  clear(): void;
  /** From now on what is in it is kept in localStorage, for the next page and the other tabs; what is kept there is added. */
  keepIn(key: string): void;
  /** Nothing of it stays in localStorage. */
  forget(): void;
}

/** What goes with every event; exists before `init`. */
export interface Bags {
  user: ContextBag;
  account: ContextBag;
  global: ContextBag;
}

/** Keeps copies, so that what the page changes later does not change what was said. */
export function createContextBag(name: string, textKeys: string[] = []): ContextBag {
  let kept: Context = {};
  let storageKey: string | undefined;
  const put = (key: string, value: unknown): void => {
    kept[key] =
      textKeys.includes(key) && value !== undefined && value !== null ? String(value) : copyJson(value);
  };
  const save = (): void => {
    if (storageKey) localStorage.setItem(storageKey, JSON.stringify(kept));
  };
  return {
    get: () => copyJson(kept) as Context,
    set(context) {
      if (!isPlain(context)) {
        tellOnce('warn', `the ${name} must be an object`);
        return;
      }
      kept = {};
      for (const [key, value] of Object.entries(context)) put(key, value);
      save();
    },
    setProperty(key, value) {
      put(key, value);
      save();
    },
    removeProperty(key) {
      delete kept[key];
      save();
    },
    clear() {
      kept = {};
      save();
    },
    keepIn(key) {
      kept = { ...JSON.parse(localStorage.getItem(key) ?? '{}'), ...kept };
      storageKey = key;
      save();
      listen<StorageEvent>(window, ['storage'], (event) => {
        if (event.key === storageKey) kept = JSON.parse(event.newValue ?? '{}');
      });
    },
    forget() {
      if (storageKey) localStorage.removeItem(storageKey);
      storageKey = undefined;
    },
  };
}

/** Depth beyond which a value is left out: deep host objects (DOM nodes, stores) would fill the event. */
const MAX_DEPTH = 10;

/** Values that are copied at most; an event has no room for more. A store of the page's whose parts know each other has no end. */
const MAX_VALUES = 10_000;

/** A copy of plain data: what JSON cannot hold, what repeats itself, what is too deep and what is too much is left out. */
export function copyJson(
  value: unknown,
  depth = 0,
  seen: unknown[] = [],
  room = { left: MAX_VALUES },
): unknown {
  if (room.left-- < 1) return undefined;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH || seen.includes(value) || value instanceof Node) return undefined;
  if (value instanceof Date) return value.toJSON();
  const path = [...seen, value];
  if (Array.isArray(value))
    return value.slice(0, room.left).map((each) => copyJson(each, depth + 1, path, room) ?? null);
  const copy: Context = {};
  for (const [key, each] of Object.entries(value)) copy[key] = copyJson(each, depth + 1, path, room);
  return copy;
}

/** Deep merge of plain objects; what `from` has wins, lists are replaced. */
export function merge(into: Context, from: Context): Context {
  for (const [key, value] of Object.entries(from)) {
    const old = into[key];
    if (value !== undefined) into[key] = isPlain(old) && isPlain(value) ? merge(old, value) : value;
  }
  return into;
}

function isPlain(value: unknown): value is Context {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
