import type { ReplayView } from '../../api/types.ts';

/** A stretch of a timeline, epoch ms on the page's clock. */
export interface Stretch {
  start: number;
  end: number;
}

/** Something the person did, at a moment of the page's clock. */
export interface Tick {
  id: string;
  at: number;
  label: string;
  isBad: boolean;
}

/** Something the agent did meanwhile. */
export interface Band extends Stretch {
  id: string;
  label: string;
}

/** A pause between recordings shorter than this is not worth showing. */
export const SHOWN_GAP_MS = 1_000;

/** The tabs that have something to play, the first opened first. */
export function tabsOf(views: ReplayView[]): string[] {
  return [...new Set(inOrder(views).map((view) => view.tab_id))];
}

/** The views of a tab in order of time; those of one tab never overlap. */
export function viewsOfTab(views: ReplayView[], tabId: string | null): ReplayView[] {
  return inOrder(views).filter((view) => tabId === null || view.tab_id === tabId);
}

/** The tab that was recording at a moment, or the first. */
export function tabAt(views: ReplayView[], at: number | null): string | null {
  const ordered = inOrder(views);
  const hit = at === null ? undefined : ordered.findLast((view) => view.start <= at && at <= view.end);
  return (hit ?? ordered[0])?.tab_id ?? null;
}

/** What there is to see at a moment. */
export interface Place {
  /** Whose picture to show, that of another moment where nothing was recorded; null where there is none at all. */
  view: ReplayView | null;
  /** The moment to show of it. */
  at: number;
  isRecorded: boolean;
}

/** Finds the view of a moment; what was not recorded shows the last picture before it, or else the first of all. */
export function placeAt(views: ReplayView[], at: number): Place {
  const within = views.findLast((view) => view.start <= at && at <= view.end);
  if (within) return { view: within, at, isRecorded: true };
  const next = nextView(views, at);
  if (next && next.start - at < SHOWN_GAP_MS) return { view: next, at: next.start, isRecorded: true };
  const last = views.findLast((view) => view.end < at);
  const view = last ?? views[0] ?? null;
  return { view, at: last?.end ?? view?.start ?? at, isRecorded: false };
}

/** The first view that begins after a moment. */
export function nextView(views: ReplayView[], at: number): ReplayView | undefined {
  return views.find((view) => view.start > at);
}

export function wholeOf(views: ReplayView[]): Stretch {
  return {
    start: Math.min(...views.map((view) => view.start)),
    end: Math.max(...views.map((view) => view.end)),
  };
}

/** Where nothing can be played: between views, and where segments of a view never arrived. */
export function gapsOf(views: ReplayView[]): Stretch[] {
  const gaps: Stretch[] = [];
  let end = Number.POSITIVE_INFINITY;
  for (const view of views) {
    if (view.start - end >= SHOWN_GAP_MS) gaps.push({ start: end, end: view.start });
    gaps.push(...missingIn(view));
    end = view.end;
  }
  return gaps;
}

/** Where segments of a view never arrived. */
export function missingIn(view: ReplayView): Stretch[] {
  return view.gaps.map((gap) => ({
    start: view.segments.findLast((segment) => segment.index < gap.from_index)?.end ?? view.start,
    end: view.segments.find((segment) => segment.index > gap.to_index)?.start ?? view.end,
  }));
}

function inOrder(views: ReplayView[]): ReplayView[] {
  return views.filter((view) => view.segments.length > 0).sort((a, b) => a.start - b.start);
}
