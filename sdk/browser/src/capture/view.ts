import type { Activity } from '../activity.js';
import { nowMs, toEpochMs, toNs } from '../clock.js';
import { type Context, merge } from '../context.js';
import type { Emit, RumEvent } from '../events.js';
import type { Hub } from '../hub.js';
import { uuid } from '../ids.js';
import { isOtherView, watchNavigation } from '../navigation.js';
import type { Options } from '../options.js';
import { isHidden, pageLoad, shownMs, watchReturn } from '../page_life.js';
import { absolute } from '../requests.js';
import type { Session } from '../types/session.js';
import type { View, ViewHistory } from '../view_history.js';
import { countFields, frustrationsIn, orAbsent } from '../wire_fields.js';

export interface ViewOptions {
  name?: string;
  service?: string;
  version?: string;
  context?: Record<string, unknown>;
  /** In place of the page's address. */
  url?: string;
}

/** A view without changes says that it is still there this often. */
const KEEP_ALIVE_MS = 5 * 60 * 1000;
/** Late events (a slow resource) still count for a view this long after its end. */
const LATE_MS = 5 * 60 * 1000;
/** The longest loading of a view that is waited for. */
const MAX_LOADING_MS = 10_000;

type LoadingType = 'initial_load' | 'route_change' | 'session_renewal' | 'bf_cache';

/** Everything about a view that grows while it lives. */
interface LiveView extends View {
  loadingType: LoadingType;
  /** Epoch milliseconds; fixed when the view starts. */
  dateMs: number;
  documentVersion: number;
  counts: Record<'action' | 'error' | 'resource' | 'long_task' | 'frustration', number>;
  timings: Record<string, number>;
  /** Fields added by others (Web Vitals, page load), in wire names. */
  extra: { view: Context; display: Context };
  loadingTimeNs?: number;
  /** The page was left while it was the current one. */
  isLeft?: boolean;
}

/** Says whose loading is watched; without a view nobody's, and the watch ends. */
type IsLoadOf = (view?: LiveView) => void;

export interface Views {
  /** Ends the current view and starts another. */
  startView(options: ViewOptions): void;
  /** Changes the current view in place: its name or context. */
  change(patch: Partial<Pick<View, 'name' | 'context'>>): void;
  /** Marks a moment of the current view, by default now. */
  addTiming(name: string, atMs?: number): void;
  /** Notes a feature flag of the current view. */
  addFlag(key: string, value: unknown): void;
  /** The current view is loaded, as the page itself judges. */
  setLoadingTime(): void;
  /** Adds wire fields to a view: `view.*`, or another part of the event. Nested objects are merged. */
  addFields(view: View | undefined, fields: Context, part?: 'view' | 'display'): void;
  /** Tells now how far the current view has come; the last time when the page is left. */
  flush(isLast: boolean): void;
}

interface ViewParts {
  hub: Hub;
  emit: Emit;
  history: ViewHistory;
  activity: Activity;
  session(): Session | undefined;
  options: Options;
  dropped(): Record<string, number>;
  /** Something is to be told when the next batch of events leaves. */
  wantBatch(): void;
  /** Counts of the replay of a view so far, in wire names. */
  statsOf(viewId: string): object | undefined;
  /** States of the page in a time, in wire names. */
  pageStates(startMs: number, endMs?: number): object[];
}

/** Follows the views of the page: load, route changes, session renewal, return from the back/forward cache. */
export function captureViews(parts: ViewParts): Views {
  const { hub, history, emit } = parts;
  const live = new Map<string, LiveView>();
  const current = history.at as () => LiveView | undefined;
  const dirty = new Set<LiveView>();
  /** The current view, or the one that ended last. */
  let latest: LiveView | undefined;
  /** The page as it loads is watched from `init` on, where its address is this; its view begins with the session. */
  const initialUrl = location.href;
  let isLoadOf: IsLoadOf | undefined;

  /** The first one is of the load, however it begins; of a session that is asked for here it is another. */
  function begin(how: LoadingType, options: ViewOptions = {}): void {
    const session = parts.session();
    if (!session?.sampled) {
      isLoadOf?.();
      return;
    }
    const loadingType = latest || how === 'bf_cache' ? how : 'initial_load';
    const startMs = loadingType === 'initial_load' ? shownMs() : nowMs();
    const previousUrl = end(startMs);
    const url = options.url || (isLoadOf ? initialUrl : location.href);
    const referrer = previousUrl ?? document.referrer;
    const view = newView(session, loadingType, startMs, { ...options, url: absolute(url) }, referrer);
    (isLoadOf ?? measureLoading())(view);
    isLoadOf = undefined;
    latest = view;
    live.set(view.id, view);
    history.add(view);
    hub.tell('view_start', view);
    changed(view);
  }

  /** The same view goes on in the new session. */
  function renew(): void {
    if (!latest && parts.options.trackViewsManually) return;
    begin('session_renewal', { ...latest, url: '' });
  }

  /** Ends the current view; gives its address, the referrer of the next. */
  function end(endMs: number): string | undefined {
    const ended = current();
    if (!ended) return undefined;
    ended.endMs = endMs;
    hub.tell('view_end', ended);
    send(ended);
    setTimeout(() => live.delete(ended.id), LATE_MS);
    return ended.url;
  }

  function send(view: LiveView): void {
    dirty.delete(view);
    view.documentVersion += 1;
    emit({ type: 'view', startMs: view.startMs, view, wire: wireView(view, parts) });
  }

  function changed(view: LiveView | undefined): void {
    if (!view) return;
    dirty.add(view);
    parts.wantBatch();
  }

  function flush(): void {
    for (const view of [...dirty]) send(view);
  }

  function measureLoading(): IsLoadOf {
    let view: LiveView | undefined;
    const finish = parts.activity.whenQuiet(MAX_LOADING_MS, ({ endMs }) => {
      isLoadOf = undefined;
      if (!view) return;
      const loadEndMs = (view.loadingType === 'initial_load' && pageLoad()?.loadEventEnd) || 0;
      const loadedMs = Math.max(endMs ?? 0, loadEndMs);
      if (loadedMs > view.startMs && view.loadingTimeNs === undefined) {
        view.loadingTimeNs = toNs(loadedMs - view.startMs);
        changed(view);
      }
    });
    return (of) => {
      view = of;
      if (!of) finish();
    };
  }

  hub.on('batch', flush);
  hub.on('session_start', renew);
  hub.on('session_end', () => end(nowMs()));
  hub.on('event', (event) => count(live.get(event.view.id), event, changed));
  watchReturn(() => begin('bf_cache'));
  setInterval(() => isHidden() || changed(current()), KEEP_ALIVE_MS);
  if (!parts.options.trackViewsManually) {
    watchNavigation(() => {
      const view = current();
      if (!view) return;
      if (isOtherView(view.url, location.href)) begin('route_change');
      else view.url = location.href;
    });
    isLoadOf = measureLoading();
  }

  return {
    startView: (options) => begin('route_change', options),
    change(patch) {
      const view = current();
      if (view) changed(Object.assign(view, patch));
    },
    addTiming(name, atMs = nowMs()) {
      const view = current();
      if (view) view.timings[name.replace(/[^\w.@$-]/g, '_')] = toNs(atMs - view.startMs);
      changed(view);
    },
    addFlag(key, value) {
      const view = current();
      if (view) view.flags[key] = value;
      changed(view);
    },
    setLoadingTime() {
      const view = current();
      if (view) view.loadingTimeNs = toNs(nowMs() - view.startMs);
      changed(view);
    },
    addFields(of, fields, part = 'view') {
      const view = live.get(of?.id ?? '');
      if (view) merge(view.extra[part] as Context, fields);
      changed(view);
    },
    flush(isLast) {
      // A page that is left goes out of sight, too: what it has told as its last it does not tell again.
      const view = current();
      if (view && !view.isLeft) dirty.add(Object.assign(view, { isLeft: isLast }));
      flush();
    },
  };
}

function newView(
  session: Session,
  loadingType: LoadingType,
  startMs: number,
  options: ViewOptions & { url: string },
  referrer: string,
): LiveView {
  const view: LiveView = {
    id: uuid(),
    sessionId: session.id,
    startMs,
    dateMs: toEpochMs(startMs),
    url: options.url,
    referrer,
    loadingType,
    documentVersion: 0,
    context: options.context ?? {},
    flags: {},
    counts: { action: 0, error: 0, resource: 0, long_task: 0, frustration: 0 },
    timings: {},
    extra: { view: {}, display: {} },
  };
  for (const key of ['name', 'service', 'version'] as const) {
    const value = options[key];
    if (typeof value === 'string') view[key] = value;
  }
  return view;
}

function wireView(view: LiveView, parts: ViewParts): Record<string, unknown> {
  const { counts, timings } = view;
  const session = parts.session();
  const dropped = orAbsent(parts.dropped());
  return {
    date: view.dateMs,
    session: {
      is_active: session?.id === view.sessionId,
      sampled_for_replay: session?.replaySampled ?? false,
    },
    view: {
      loading_type: view.loadingType,
      time_spent: toNs((view.endMs ?? nowMs()) - view.startMs),
      is_active: view.endMs === undefined,
      loading_time: view.loadingTimeNs,
      custom_timings: orAbsent(timings),
      ...view.extra.view,
      ...countFields(counts),
    },
    display: view.extra.display,
    device: {
      locale: navigator.language,
      locales: navigator.languages,
      // Without Temporal a browser takes up to 60 ms for the first time: not in the first version, which leaves at once.
      time_zone: view.documentVersion > 1 ? timeZone() : undefined,
    },
    privacy: { replay_level: parts.options.defaultPrivacyLevel },
    _dd: {
      document_version: view.documentVersion,
      replay_stats: parts.statsOf(view.id),
      page_states: parts.pageStates(view.startMs, view.endMs),
    },
    dip: dropped && { dropped },
  };
}

function count(view: LiveView | undefined, event: RumEvent, changed: (view: LiveView) => void): void {
  if (!view || !(event.type in view.counts)) return;
  view.counts[event.type as keyof LiveView['counts']] += 1;
  view.counts.frustration += frustrationsIn(event).length;
  changed(view);
}

/** Knows the time zone at once; older browsers make a formatter of dates for it. */
interface TemporalWindow {
  Temporal?: { Now: { timeZoneId(): string } };
}

function timeZone(): string {
  return (
    (window as TemporalWindow).Temporal?.Now.timeZoneId() ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  );
}
