import { tellOnce } from './guard.js';

export type Context = Record<string, unknown>;

/** A bag of values that goes with every event: the user, the account, the global context. */
export interface ContextBag {
  get(): Context;
  set(context: unknown): void;
  setProperty(key: string, value: unknown): void;
  removeProperty(key: string): void;
  clear(): void;
}

/** Keeps copies, so that what the page changes later does not change what was said. */
export function createContextBag(name: string, textKeys: string[] = []): ContextBag {
  let kept: Context = {};
  const put = (key: string, value: unknown): void => {
    kept[key] =
      textKeys.includes(key) && value !== undefined && value !== null ? String(value) : copyJson(value);
  };
  return {
    get: () => copyJson(kept) as Context,
    set(context) {
      if (typeof context !== 'object' || context === null) {
        tellOnce('warn', `the ${name} must be an object; the call is ignored`);
        return;
      }
      kept = {};
      for (const [key, value] of Object.entries(context)) put(key, value);
    },
    setProperty: put,
    removeProperty(key) {
      delete kept[key];
    },
    clear() {
      kept = {};
    },
  };
}

/** The object, or undefined when it is empty. */
export function orAbsent<T extends object>(value: T): T | undefined {
  return Object.keys(value).length > 0 ? value : undefined;
}

/** Depth beyond which a value is left out: deep host objects (DOM nodes, stores) would fill the event. */
const MAX_DEPTH = 10;

/** A copy of plain data: what JSON cannot hold, what repeats itself and what is too deep is left out. */
export function copyJson(value: unknown, depth = 0, seen: unknown[] = []): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH || seen.includes(value) || value instanceof Node) return undefined;
  if (value instanceof Date) return value.toJSON();
  const path = [...seen, value];
  if (Array.isArray(value)) return value.map((each) => copyJson(each, depth + 1, path) ?? null);
  const copy: Context = {};
  for (const [key, each] of Object.entries(value)) copy[key] = copyJson(each, depth + 1, path);
  return copy;
}
