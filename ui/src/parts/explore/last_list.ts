/** Where lists were left, so that the way back from one of their rows leads there; kept for this tab. */

import type { Signal } from '../../api/explore.ts';
import type { ExploreSearch } from './explore_search.ts';

const PATHS = { sessions: '/sessions', traces: '/traces', spans: '/spans', turns: '/answers' } as const;

const nameOf = (signal: Signal) => `diptych.list.${signal}`;
const LAST = 'diptych.list';

export function keepList(signal: Signal, search: ExploreSearch): void {
  try {
    window.sessionStorage.setItem(nameOf(signal), JSON.stringify(search));
    window.sessionStorage.setItem(LAST, signal);
  } catch {
    // A browser that keeps nothing leads back to the list as it is at first.
  }
}

/**
 * The way from the page of one thing back to the list that was seen last, as it was left. In the thing's own list,
 * which it is where no list was seen in this tab, the thing is chosen.
 */
export function wayBack(own: 'sessions' | 'traces', id: string) {
  const last = signalOf(kept(LAST)) ?? own;
  const search = searchOf(kept(nameOf(last)));
  return { to: PATHS[last], search: last === own ? { ...search, selected: id } : search };
}

function kept(name: string): string | null {
  try {
    return window.sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

function signalOf(text: string | null): Signal | undefined {
  return (Object.keys(PATHS) as Signal[]).find((signal) => signal === text);
}

function searchOf(text: string | null): ExploreSearch {
  try {
    const search: unknown = JSON.parse(text ?? '{}');
    return typeof search === 'object' && search !== null ? search : {};
  } catch {
    return {};
  }
}
