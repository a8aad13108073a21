import type { Span } from '../../api/types.ts';

/** One line of the tree: a span, how deep it stands, and whether it has children to fold. */
export interface SpanRow {
  span: Span;
  depth: number;
  children: number;
}

/**
 * The spans as lines of a tree, parents before children, siblings in order of start. A span whose parent has not
 * arrived stands as a root. Folded spans hide what is below them.
 */
export function spanRows(spans: Span[], folded: ReadonlySet<string>): SpanRow[] {
  const ids = new Set(spans.map((span) => span.span_id));
  const children = new Map<string | null, Span[]>();
  for (const span of [...spans].sort((a, b) => a.start_ns - b.start_ns)) {
    const parent =
      span.parent_id !== null && ids.has(span.parent_id) && span.parent_id !== span.span_id
        ? span.parent_id
        : null;
    const siblings = children.get(parent);
    if (siblings) siblings.push(span);
    else children.set(parent, [span]);
  }
  const rows: SpanRow[] = [];
  const seen = new Set<string>();
  // A stack in place of recursion: a trace may be thousands deep.
  const stack = (children.get(null) ?? []).map((span) => ({ span, depth: 0 })).reverse();
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { span, depth } = next;
    if (seen.has(span.span_id)) continue;
    seen.add(span.span_id);
    const below = children.get(span.span_id) ?? [];
    rows.push({ span, depth, children: below.length });
    if (!folded.has(span.span_id))
      for (const child of below.toReversed()) stack.push({ span: child, depth: depth + 1 });
  }
  return rows;
}

/** All words of a span, made once: with thousands of spans each key pressed would read megabytes anew. */
const textOf = new WeakMap<Span, string>();

function wordsIn(span: Span): string {
  const known = textOf.get(span);
  if (known !== undefined) return known;
  const said = [...span.input_messages, ...span.output_messages].flatMap(({ parts }) =>
    parts.map((part) => [part.content, part.name, part.arguments, part.response]),
  );
  const text = JSON.stringify([
    [span.kind, span.name, span.model, span.span_id, span.error?.type, span.error?.message],
    [span.input, span.output, span.documents, said],
  ]).toLowerCase();
  textOf.set(span, text);
  return text;
}

interface FoundRows {
  rows: SpanRow[];
  found: number;
  /** Null while nothing is looked for. */
  foundIds: ReadonlySet<string> | null;
}

/** The rows whose span holds all the words, in its names and in what it was told and said, each below the rows that lead to it. */
export function rowsWith(rows: SpanRow[], words: string): FoundRows {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return { rows, found: rows.length, foundIds: null };
  const kept: SpanRow[] = [];
  const foundIds = new Set<string>();
  // From the last row up: a row leads to a found one when it stands above it, one level higher.
  let neededDepth = -1;
  for (const row of rows.toReversed()) {
    const text = wordsIn(row.span);
    const isFound = wanted.every((word) => text.includes(word));
    if (isFound) foundIds.add(row.span.span_id);
    if (isFound || row.depth === neededDepth) {
      kept.push(row);
      neededDepth = row.depth - 1;
    }
  }
  return { rows: kept.reverse(), found: foundIds.size, foundIds };
}

/** First start and last end over the spans, in ns. */
export function extentOf(spans: Span[]): { startNs: number; lengthNs: number } {
  let startNs = Number.POSITIVE_INFINITY;
  let endNs = Number.NEGATIVE_INFINITY;
  for (const span of spans) {
    startNs = Math.min(startNs, span.start_ns);
    endNs = Math.max(endNs, span.start_ns + span.duration_ns);
  }
  return { startNs, lengthNs: Math.max(1, endNs - startNs) };
}

/** The span to open first: the first that failed below the root, else the last model call, else the root. */
export function firstChoice(spans: Span[]): string | null {
  const ordered = [...spans].sort((a, b) => a.start_ns - b.start_ns);
  const failed = ordered.find((span) => span.status === 'error' && span.parent_id !== null);
  const model = ordered.findLast((span) => span.kind === 'llm');
  return (failed ?? model ?? ordered[0])?.span_id ?? null;
}
