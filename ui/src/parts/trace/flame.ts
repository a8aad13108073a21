import type { Span } from '../../api/types.ts';
import type { SpanRow } from './span_tree.ts';

/** A span's place in the flame: its line, and its stretch of the whole as shares of 1. */
export interface Flame {
  span: Span;
  line: number;
  left: number;
  width: number;
}

/**
 * The spans as bars that lie below the one that called them. Spans of one level that ran at the same time lie
 * below each other, so that none hides another. `rows` are parents before children.
 */
export function flamesOf(rows: SpanRow[], extent: { startNs: number; lengthNs: number }): Flame[] {
  /** For each line, the end of each bar that lies there so far: bars come in order of depth, not of time. */
  const ends: { start: number; end: number }[][] = [];
  const lineOf = new Map<string, number>();
  return rows.map(({ span }) => {
    const start = span.start_ns;
    const end = start + Math.max(span.duration_ns, 1);
    const above = span.parent_id === null ? undefined : lineOf.get(span.parent_id);
    let line = above === undefined ? 0 : above + 1;
    while (ends[line]?.some((bar) => bar.start < end && start < bar.end)) line += 1;
    let bars = ends[line];
    if (!bars) {
      bars = [];
      ends[line] = bars;
    }
    const last = bars.at(-1);
    // What follows on at once grows the bar before it: lines of thousands stay quick to test.
    if (last && start === last.end) last.end = end;
    else bars.push({ start, end });
    lineOf.set(span.span_id, line);
    return {
      span,
      line,
      left: (start - extent.startNs) / extent.lengthNs,
      width: (end - start) / extent.lengthNs,
    };
  });
}

/**
 * The flames worth drawing at a width, px: of those thinner than a pixel, one a pixel and line.
 */
export function visibleFlames(flames: Flame[], widthPx: number, keep: string | null): Flame[] {
  const taken = new Set<string>();
  return flames.filter((flame) => {
    if (flame.width * widthPx >= 1 || flame.span.span_id === keep) return true;
    const place = `${flame.line} ${Math.floor(flame.left * widthPx)}`;
    if (taken.has(place)) return false;
    taken.add(place);
    return true;
  });
}
