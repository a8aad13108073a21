import { nowMs } from './clock.js';
import { elementOf } from './element_name.js';
import { guarded, observeEntries } from './guard.js';
import type { Hub } from './hub.js';
import { fits, type Options } from './options.js';
import type { PageRequest } from './types/request.js';

/** How the page reacted to something. */
export interface ActivityResult {
  /** Page milliseconds of the last activity; absent when there was none. */
  endMs?: number;
}

/** Nothing within this time: there was no reaction. */
export const VALIDATION_MS = 100;
/** This long without activity (and without an open request): the reaction is over. */
const QUIET_MS = 100;
/** Changes below such elements do not count (clocks, tickers). */
const EXCLUDED = '[data-dip-excluded-activity-mutations],[data-dd-excluded-activity-mutations]';

export interface Activity {
  /**
   * Tells `done` once when the page has come to rest after now, at the latest after `maxMs`.
   * Gives a function that ends the wait early and tells `done` at once.
   */
  whenQuiet(maxMs: number, done: (result: ActivityResult) => void): () => void;
}

type Listener = (open: number) => void;

interface ActivityParts {
  hub: Hub;
  options: Options;
  /** Our own requests. */
  isOurs(url: string): boolean;
}

/**
 * Watches DOM changes, requests and resources while somebody waits for the page to come to rest.
 * Rules and times as published for Datadog's browser SDK, but the headers of a streamed answer end its request.
 */
export function createActivity({ hub, options, isOurs }: ActivityParts): Activity {
  const isExcluded = (url: string): boolean => isOurs(url) || fits(options.excludedActivityUrls, url);
  const waiting = new Set<Listener>();
  const open = new Set<PageRequest>();
  let stopObservers: (() => void) | undefined;
  const active = guarded(() => {
    for (const listener of [...waiting]) listener(open.size);
  });

  hub.on('request_start', (request) => {
    if (isExcluded(request.url)) return;
    open.add(request);
    active();
  });
  hub.on('request_end', (request) => {
    if (open.delete(request)) active();
  });

  return {
    whenQuiet(maxMs, done) {
      let lastMs: number | undefined;
      let timer = setTimeout(finish, VALIDATION_MS);
      const limit = setTimeout(finish, maxMs);
      const listener: Listener = (stillOpen) => {
        lastMs = nowMs();
        clearTimeout(timer);
        if (stillOpen === 0) timer = setTimeout(finish, QUIET_MS);
      };
      function finish(): void {
        clearTimeout(timer);
        clearTimeout(limit);
        if (!waiting.delete(listener)) return;
        if (waiting.size === 0) {
          stopObservers?.();
          stopObservers = undefined;
        }
        guarded(done)(lastMs === undefined ? {} : { endMs: lastMs });
      }
      waiting.add(listener);
      stopObservers ??= observePage(active, isExcluded);
      return finish;
    },
  };
}

function observePage(active: () => void, isExcluded: (url: string) => boolean): () => void {
  const dom = new MutationObserver((records) => {
    if (records.some(counts)) active();
  });
  dom.observe(document, { attributes: true, characterData: true, childList: true, subtree: true });
  const stop = observeEntries('resource', (entry) => isExcluded(entry.name) || active(), false);
  return () => {
    dom.disconnect();
    stop();
  };
}

function counts(record: MutationRecord): boolean {
  return !elementOf(record.target)?.closest(EXCLUDED);
}
