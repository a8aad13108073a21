/** What of an explorer stands in the URL. Everything is text, so that a link reads as it was written. */
export interface ExploreSearch {
  from?: string | undefined;
  to?: string | undefined;
  query?: string | undefined;
  /** Ids of the columns shown, with commas between; left out: those that fit. */
  columns?: string | undefined;
  density?: Density | undefined;
  selected?: string | undefined;
}

export type Density = 'cosy' | 'compact';

/** Reads an explorer's part of a URL; what is not understood is left out. For `validateSearch` of a route. */
export function exploreSearch(search: Record<string, unknown>): ExploreSearch {
  const { from, to, query, columns, density, selected } = search;
  const known = {
    from: text(from),
    to: text(to),
    query: text(query),
    columns: text(columns),
    density: density === 'compact' || density === 'cosy' ? (density as Density) : undefined,
    selected: text(selected),
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
