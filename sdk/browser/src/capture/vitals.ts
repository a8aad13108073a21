import { nowMs, toNs } from '../clock.js';
import { selectorOf } from '../element_name.js';
import { afterFrame } from '../first_paint.js';
import { observeEntries } from '../guard.js';
import type { Hub } from '../hub.js';
import { pageLoad, shownMs, watchReturn, whenLoaded } from '../page_life.js';
import type { View, ViewHistory } from '../view_history.js';
import { wireFields } from '../wire_fields.js';

type Fields = Record<string, unknown>;

interface VitalParts {
  hub: Hub;
  history: ViewHistory;
  /** Adds wire fields to a view, nested objects merged. */
  addFields(view: View | undefined, fields: Fields): void;
  /** Page milliseconds at which the page first went out of sight: what is drawn later is not waited for. */
  firstHiddenMs(): number;
}

/** Shifts less than this apart make one window… */
const WINDOW_GAP_MS = 1000;
/** …which lasts this long at most (https://web.dev/articles/evolving-cls). */
const MAX_WINDOW_MS = 5000;
/** Of each 50 interactions the slowest is an outlier (https://web.dev/articles/inp): ten are enough for 500. */
const INTERACTIONS_AN_OUTLIER = 50;
const MAX_SLOWEST = 10;
/** Faster interactions are good whatever the rest (the value of Google's web-vitals library). */
const SLOW_FROM_MS = 40;

interface Interaction extends PerformanceEntry {
  interactionId?: number;
  target?: Node | null;
}
interface LargestPaint extends PerformanceEntry {
  element?: Element | null;
  url?: string;
}
interface LayoutShift extends PerformanceEntry {
  value: number;
  hadRecentInput: boolean;
  sources?: { node?: Node | null; currentRect: DOMRectReadOnly; previousRect: DOMRectReadOnly }[];
}

/** What the metrics that go on as long as a view does have to remember. */
interface Going {
  /** The window of layout shifts that is open: its sum, its first, latest and largest shift. */
  sum: number;
  firstMs: number;
  latestMs: number;
  largest?: LayoutShift;
  worst: number;
  /** The largest shift of the worst window, and the selector of what it moved: words that come in shift a page again and again. */
  told?: LayoutShift;
  selector?: string | undefined;
  /** Interactions of the page before the view. */
  before: number;
  /** The slowest interactions, slowest first. */
  slowest: Interaction[];
}

/** The two names of a metric in rum-events-format v2. */
type Names = [long: string, short: string];
const FCP: Names = ['first_contentful_paint', 'fcp'];
const LCP: Names = ['largest_contentful_paint', 'lcp'];

/**
 * Web Vitals by their published rules, and the times of the page load, in the view's wire fields. FCP and LCP are of
 * the page load (or of the return from the back/forward cache). CLS and INP are of each view, as in Datadog's SDK:
 * Google's library, whose values are of the page, would never tell those of a second view. A test holds the first
 * view's values against that library's.
 */
export function captureVitals({ hub, history, addFields, firstHiddenMs }: VitalParts): void {
  const going = new WeakMap<View, Going>();
  const load = pageLoad();

  const paint = (view: View | undefined, names: Names, ms: number, more?: LargestPaint): void =>
    addFields(view, vital(names, 'timestamp', toNs(ms), undefined, selectorIn(more?.element), more?.url));
  /** A page that was rendered in advance was waited for only since it was shown. */
  const loadPaint = (names: Names, entry: PerformanceEntry): void => {
    const { startTime } = entry;
    if (startTime < firstHiddenMs()) paint(history.at(0), names, Math.max(0, startTime - shownMs()), entry);
  };

  function onShift(entry: LayoutShift): void {
    const { startTime, value, hadRecentInput } = entry;
    const view = history.at(startTime);
    const state = view && going.get(view);
    if (!state || hadRecentInput) return;
    if (startTime - state.latestMs >= WINDOW_GAP_MS || startTime - state.firstMs >= MAX_WINDOW_MS) {
      state.sum = 0;
      state.firstMs = startTime;
      state.largest = entry;
    }
    state.latestMs = startTime;
    state.sum += value;
    const { sum, largest = entry } = state;
    const worst = value > largest.value ? entry : largest;
    state.largest = worst;
    if (sum <= state.worst) return;
    state.worst = sum;
    if (worst !== state.told)
      state.selector = selectorIn(worst.sources?.find(({ node }) => node instanceof Element)?.node);
    state.told = worst;
    const score = Math.round(sum * 1e4) / 1e4;
    const atNs = toNs(worst.startTime - view.startMs);
    addFields(view, vital(['cumulative_layout_shift', 'cls'], 'score', score, atNs, state.selector));
  }

  function onInteraction(entry: Interaction): void {
    const view = history.at(entry.startTime);
    const state = view && going.get(view);
    if (!state || !entry.interactionId) return;
    const same = state.slowest.find((each) => each.interactionId === entry.interactionId);
    if (!same || same.duration < entry.duration)
      state.slowest = [...state.slowest.filter((each) => each !== same), entry]
        .sort((a, b) => b.duration - a.duration)
        .slice(0, MAX_SLOWEST);
    const outliers = Math.floor((interactionCount() - state.before) / INTERACTIONS_AN_OUTLIER);
    const { startTime, duration, target } = state.slowest.slice(0, outliers + 1).pop() as Interaction;
    const atNs = toNs(startTime - view.startMs);
    addFields(
      view,
      vital(['interaction_to_next_paint', 'inp'], 'duration', toNs(duration), atNs, selectorIn(target)),
    );
  }

  const begin = (view: View | undefined): void => {
    if (!view) return;
    const before = interactionCount();
    going.set(view, { sum: 0, firstMs: 0, latestMs: -MAX_WINDOW_MS, worst: 0, before, slowest: [] });
    addFields(view, { cumulative_layout_shift: 0, performance: { cls: { score: 0 } } });
  };
  begin(history.at());
  hub.on('view_start', begin);
  observeEntries('paint', (entry) => entry.name === 'first-contentful-paint' && loadPaint(FCP, entry));
  observeEntries('largest-contentful-paint', (entry) => loadPaint(LCP, entry));
  observeEntries('layout-shift', (entry) => onShift(entry as LayoutShift));
  for (const type of ['event', 'first-input'])
    observeEntries(type, (entry) => onInteraction(entry as Interaction), true, SLOW_FROM_MS);
  watchReturn((atMs) =>
    afterFrame(() => {
      for (const names of [FCP, LCP]) paint(history.at(), names, nowMs() - atMs);
    }),
  );
  whenLoaded(() => load && addFields(history.at(0), loadTimes(load)));
}

function selectorIn(node: Node | null | undefined): string | undefined {
  return node instanceof Element ? selectorOf(node) : undefined;
}

/** The fields of one metric, in both forms of rum-events-format v2. */
function vital(
  [long, short]: Names,
  key: string,
  value: number,
  timestamp?: number,
  target_selector?: string,
  url?: string,
): Fields {
  return {
    [long]: value,
    [`${long}_time`]: timestamp,
    [`${long}_target_selector`]: target_selector,
    performance: { [short]: { timestamp, [key]: value, target_selector, resource_url: url || undefined } },
  };
}

/** Interactions of the page so far; 0 where the browser does not count them. */
function interactionCount(): number {
  return (performance as { interactionCount?: number }).interactionCount ?? 0;
}

function loadTimes(entry: PerformanceNavigationTiming): Fields {
  return {
    first_byte: toNs(Math.max(0, entry.responseStart - shownMs())),
    dom_content_loaded: toNs(entry.domContentLoadedEventEnd),
    load_event: toNs(entry.loadEventEnd),
    ...wireFields(entry, 'domInteractive domComplete', toNs),
  };
}
