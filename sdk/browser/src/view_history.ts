/** A view as other parts of the SDK see it. */
export interface View {
  id: string;
  sessionId: string;
  /** Page milliseconds. */
  startMs: number;
  /** Page milliseconds; absent while it is the current view. */
  endMs?: number;
  name?: string;
  url: string;
  referrer: string;
  service?: string;
  version?: string;
  /** Context of the view alone (`setViewContext`). */
  context: Record<string, unknown>;
  /** Feature flags that were asked for in it. */
  flags: Record<string, unknown>;
}

/** Ended views that late events may still belong to. */
const MAX_VIEWS = 50;

export interface ViewHistory {
  add(view: View): void;
  /** The view in which `startMs` fell, for what was before all of them the first; the current one without an argument. */
  at(startMs?: number): View | undefined;
}

/** The views of this page, so that an event finds the view of its own time. `begin` is called before one is looked for. */
export function createViewHistory(begin: () => void): ViewHistory {
  const views: View[] = [];
  return {
    add(view) {
      views.unshift(view);
      views.length = Math.min(views.length, MAX_VIEWS);
    },
    at(startMs = Number.POSITIVE_INFINITY) {
      begin();
      const view = views.find((each) => each.startMs <= startMs) ?? views.at(-1);
      return view && (view.endMs === undefined || startMs < view.endMs) ? view : undefined;
    },
  };
}
