/** The SDK must never break its host: our own failures are caught, told once and counted. */

/** The console as it was before anything (we included) wrapped it. */
const console_ = { ...console };

type Level = 'debug' | 'warn' | 'error';

const PREFIX = 'Diptych: ';
/** Different messages told at most once each; beyond this many the console is left alone. */
const MAX_DIFFERENT_MESSAGES = 50;
const told = new Set<string>();

/** Writes one line to the console, past our own console capture. */
export function tell(level: Level, message: string): void {
  console_[level]?.(PREFIX + message);
}

/** As {@link tell}, but each message only once a page. */
export function tellOnce(level: Level, message: string): void {
  if (told.size < MAX_DIFFERENT_MESSAGES && !told.has(message)) {
    told.add(message);
    tell(level, message);
  }
}

let internalErrors = 0;

/** How many failures of our own code were swallowed so far. */
export function internalErrorCount(): number {
  return internalErrors;
}

/** Counts and tells a failure of our own code. */
export function reportInternalError(error: unknown): void {
  internalErrors += 1;
  tellOnce('debug', `internal error: ${(error as Error)?.stack ?? error}`);
}

/** Angular draws its page anew after each timer, listener or promise of its zone: ours are of the zone around all. */
interface Zoned {
  Zone?: { root: { run<A extends unknown[], R>(fn: (...args: A) => R, self: unknown, args: A): R } };
}

/** The same function, except that it returns `undefined` where the original would throw. */
export function guarded<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R | undefined {
  return (...args) => {
    try {
      const zone = (globalThis as Zoned).Zone?.root;
      return zone ? zone.run(fn, zone, args) : fn(...args);
    } catch (error) {
      reportInternalError(error);
      return undefined;
    }
  };
}

/** What a function gives, or undefined where it throws: for what a browser or a page may well refuse. */
export function tried<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}

/** Adds a guarded listener that sees events before the page can stop them. Hooks stay for the life of the page. */
export function listen<E extends Event>(
  target: EventTarget,
  types: string[],
  handler: (event: E) => void,
): void {
  const safe = guarded(handler) as EventListener;
  for (const type of types) target.addEventListener(type, safe, { capture: true, passive: true });
}

/** Lets `seen` have each performance entry of a type, those of the past too; nothing where the browser has none. */
export function observeEntries(
  type: string,
  seen: (entry: PerformanceEntry) => unknown,
  buffered = true,
  durationThreshold?: number,
): () => void {
  const safe = guarded(seen);
  // Some pages, and what guards people against being told apart, take it away.
  const observer = tried(() => new PerformanceObserver((list) => list.getEntries().forEach(safe)));
  if (observer && PerformanceObserver.supportedEntryTypes.includes(type))
    observer.observe({ type, buffered, durationThreshold } as PerformanceObserverInit);
  return () => observer?.disconnect();
}
