/** What of an explorer stands in the URL. Everything is text, so that a link reads as it was written. */
export interface ExploreSearch {
  from?: string | undefined;
  to?: string | undefined;
  query?: string | undefined;
  /** Ids of the columns shown, with commas between; left out: those that fit. */
  columns?: string | undefined;
  density?: Density | undefined;
  /** `off`: what arrives is not shown; left out: live where the range goes on. */
  live?: 'off' | undefined;
  /** Id of the saved view that this was, or began as. */
  saved?: string | undefined;
  selected?: string | undefined;
}

/** What of an explorer a saved view holds, in the order in which it is written. */
const SAVED = ['from', 'to', 'query', 'columns', 'density', 'live'] as const;

/** What a saved view holds of a list: the search part of a URL. */
export function savedPart(search: ExploreSearch): string {
  const part = new URLSearchParams();
  for (const name of SAVED) if (search[name]) part.set(name, search[name]);
  return part.toString();
}

/** The change that puts a saved view's part in place of the list's own. */
export function changeTo(savedSearch: string, saved: string | undefined): Partial<ExploreSearch> {
  const nothing = Object.fromEntries(SAVED.map((name) => [name, undefined]));
  const part = exploreSearch(Object.fromEntries(new URLSearchParams(savedSearch)));
  return { ...nothing, ...part, saved, selected: undefined };
}

export type Density = 'cosy' | 'compact';

/** Reads an explorer's part of a URL; what is not understood is left out. For `validateSearch` of a route. */
export function exploreSearch(search: Record<string, unknown>): ExploreSearch {
  const { from, to, query, columns, density, live, saved, selected } = search;
  const known = {
    from: text(from),
    to: text(to),
    query: text(query),
    columns: text(columns),
    density: density === 'compact' || density === 'cosy' ? (density as Density) : undefined,
    live: live === 'off' ? ('off' as const) : undefined,
    saved: text(saved),
    selected: text(selected),
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
