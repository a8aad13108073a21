import { driftMs, toEpochMs } from './clock.js';
import { type Context, copyJson, merge, orAbsent } from './context.js';
import type { Captured, Emit, RumEvent } from './events.js';
import { guarded, reportInternalError } from './guard.js';
import type { Hub } from './hub.js';
import type { Options } from './options.js';
import { tabId } from './page_life.js';
import type { Session } from './types/session.js';
import { SDK_VERSION } from './version.js';
import type { View, ViewHistory } from './view_history.js';
import { viewportSize } from './viewport.js';

/** Where an assembled event goes: the queue. */
export type Accept = (event: RumEvent) => void;

/** What every event needs to know about the page, asked at the moment it is assembled. */
export interface Sources {
  options: Options;
  views: ViewHistory;
  session(): Session | undefined;
  user(): Context;
  account(): Context;
  globalContext(): Context;
  /** Ids of the clicks in progress at a page moment. */
  actionIdsAt(startMs: number): string[];
  /** Whether the replay of this view is being recorded. */
  isRecorded(view: View): boolean;
  /** Counts of what was lost so far, by reason. */
  dropped(): Record<string, number>;
  countDrop(reason: string): void;
}

/** At most this many errors, and as many of each other kind, leave in one minute: a loop in the page must not flood the server. */
const MAX_PER_MINUTE = 3000;

/** Events that say whether the page was in sight. */
const SEEN_BY_USERS = ['action', 'error'];
/** Events that carry the feature flags of their view. */
const WITH_FLAGS = ['view', 'error'];
/** Events that happened inside a click carry its id. */
const CHILDREN_OF_ACTIONS = ['resource', 'error', 'long_task', 'vital'];

/** Gives the function that completes what a capture saw, asks `beforeSend`, and passes it on. */
export function createAssembly(sources: Sources, hub: Hub, accept: Accept): Emit {
  const isTooMuch = createLimiter();
  const assemble = (captured: Captured): boolean => {
    // What the page says it measured may have begun before the page itself.
    const view = captured.view ?? sources.views.at(Math.max(0, captured.startMs));
    if (!view) {
      sources.countDrop('no_view');
      return false;
    }
    if (captured.type !== 'view' && isTooMuch(captured.type)) {
      sources.countDrop('rate_limit');
      return false;
    }
    const event = complete(captured, view, sources);
    if (!mayLeave(event, captured, sources.options)) {
      sources.countDrop('before_send');
      return false;
    }
    accept(event);
    hub.tell('event', event);
    return true;
  };
  return (captured) => guarded(assemble)(captured) ?? false;
}

function complete(captured: Captured, view: View, sources: Sources): RumEvent {
  const { options } = sources;
  const { type, data, startMs } = captured;
  const service = view.service ?? options.service;
  const version = view.version ?? options.version;
  const account = sources.account();
  const shared: RumEvent = {
    type,
    date: toEpochMs(startMs),
    application: { id: options.applicationId },
    session: { id: view.sessionId, type: 'user' },
    view: { id: view.id, url: view.url, referrer: view.referrer, name: view.name },
    tab: { id: tabId() },
    source: 'browser',
    service,
    version,
    ddtags: tagsOf(service, version, options.env),
    usr: { anonymous_id: sources.session()?.anonymousId, ...sources.user() },
    account: account.id === undefined ? undefined : account,
    context: orAbsent({
      ...sources.globalContext(),
      ...view.context,
      ...(copyJson(captured.context) as Context),
    }),
    display: viewportSize(),
    connectivity: connectivity(),
    _dd: {
      format_version: 2,
      drift: driftMs(),
      sdk_name: 'diptych',
      configuration: {
        session_sample_rate: options.sessionSampleRate,
        session_replay_sample_rate: options.sessionReplaySampleRate,
      },
    },
  };
  if ([...WITH_FLAGS, ...options.trackFeatureFlagsForEvents].includes(type))
    shared.feature_flags = orAbsent({ ...view.flags });
  if (SEEN_BY_USERS.includes(type)) shared.view.in_foreground = !document.hidden;
  if (sources.isRecorded(view)) shared.session.has_replay = true;
  if (CHILDREN_OF_ACTIONS.includes(type)) {
    const ids = sources.actionIdsAt(startMs);
    if (ids.length > 0) shared.action = { id: ids };
  }
  return merge(shared as unknown as Context, data) as unknown as RumEvent;
}

function tagsOf(service: string | undefined, version: string | undefined, env: string | undefined): string {
  const tags = Object.entries({ sdk_version: SDK_VERSION, env, service, version });
  return tags.flatMap(([name, value]) => (value ? `${name}:${value}` : [])).join();
}

function connectivity(): Context {
  const { connection } = navigator as { connection?: { effectiveType?: string; type?: string } };
  return {
    status: navigator.onLine ? 'connected' : 'not_connected',
    effective_type: connection?.effectiveType,
    interfaces: connection?.type && [connection.type],
  };
}

/** Asks `beforeSend`; what says who and when cannot be changed by it, and a view cannot be dropped. */
function mayLeave(event: RumEvent, captured: Captured, options: Options): boolean {
  if (!options.beforeSend) return true;
  const { type, date, application, session, _dd } = event;
  const fixed = { type, date, application: { ...application }, session: { ...session }, _dd };
  const viewId = event.view.id;
  let verdict: unknown;
  try {
    verdict = options.beforeSend(event, captured.source ?? {});
  } catch (error) {
    reportInternalError(error);
  }
  Object.assign(event, fixed);
  event.view.id = viewId;
  return verdict !== false || type === 'view';
}

/** Counts what leaves by type; true when it is too much for this minute. */
function createLimiter(): (type: string) => boolean {
  let minute = 0;
  let counts: Record<string, number> = {};
  return (type) => {
    const now = Math.floor(Date.now() / 60_000);
    if (now !== minute) counts = {};
    minute = now;
    counts[type] = (counts[type] ?? 0) + 1;
    return counts[type] > MAX_PER_MINUTE;
  };
}
