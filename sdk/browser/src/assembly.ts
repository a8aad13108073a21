import { driftMs, nowMs, toEpochMs } from './clock.js';
import { type Bags, type Context, copyJson, merge } from './context.js';
import type { Captured, Emit, RumEvent } from './events.js';
import { guarded } from './guard.js';
import type { Hub } from './hub.js';
import type { Options } from './options.js';
import { isHidden, tabId } from './page_life.js';
import type { Session } from './types/session.js';
import { SDK_VERSION } from './version.js';
import type { View, ViewHistory } from './view_history.js';
import { viewportSize } from './viewport.js';
import { orAbsent, wireFields } from './wire_fields.js';

/** Where an assembled event goes: the queue. */
export type Accept = (event: RumEvent) => void;

/** What every event needs to know about the page, asked at the moment it is assembled. */
export interface Sources {
  options: Options;
  hub: Hub;
  history: ViewHistory;
  /** The queue. */
  accept: Accept;
  session(): Session | undefined;
  bags: Bags;
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
const MINUTE_MS = 60_000;

/** Events that say whether the page was in sight. */
const SEEN_BY_USERS = ['action', 'error'];
/** Events that carry the feature flags of their view. */
const WITH_FLAGS = ['view', 'error'];
/** Events that happened inside a click carry its id. */
const CHILDREN_OF_ACTIONS = ['resource', 'error', 'long_task', 'vital'];

/** Gives the function that completes what a capture saw, asks `beforeSend`, and passes it on. */
export function createAssembly(sources: Sources): Emit {
  const isTooMuch = createLimiter();
  const configuration = wireFields(sources.options, 'sessionSampleRate sessionReplaySampleRate');
  const drop = (reason: string): false => {
    sources.countDrop(reason);
    return false;
  };
  const assemble = (captured: Captured): boolean => {
    const { type, startMs } = captured;
    const view = captured.view ?? sources.history.at(startMs);
    if (!view) return drop('no_view');
    if (type !== 'view' && isTooMuch(type)) return drop('rate_limit');
    const event = complete(captured, view, sources, configuration);
    if (!mayLeave(event, captured, sources.options)) return drop('before_send');
    sources.accept(event);
    sources.hub.tell('event', event);
    return true;
  };
  return (captured) => guarded(assemble)(captured) ?? false;
}

function complete(
  { type, wire, startMs, context }: Captured,
  view: View,
  sources: Sources,
  configuration: Context,
): RumEvent {
  const { options, bags } = sources;
  const { service = options.service, version = options.version } = view;
  const account = bags.account.get();
  const ids = CHILDREN_OF_ACTIONS.includes(type) ? sources.actionIdsAt(startMs) : [];
  const flagged = [...WITH_FLAGS, ...options.trackFeatureFlagsForEvents];
  const shared: Context = {
    type,
    date: toEpochMs(startMs),
    application: { id: options.applicationId },
    session: { id: view.sessionId, type: 'user', has_replay: sources.isRecorded(view) || undefined },
    view: {
      id: view.id,
      url: view.url,
      referrer: view.referrer,
      name: view.name,
      in_foreground: SEEN_BY_USERS.includes(type) ? !isHidden() : undefined,
    },
    tab: { id: tabId() },
    source: 'browser',
    service,
    version,
    ddtags: tagsOf({ sdk_version: SDK_VERSION, env: options.env, service, version }),
    usr: { anonymous_id: sources.session()?.anonymousId, ...bags.user.get() },
    account: account.id === undefined ? undefined : account,
    context: orAbsent({ ...bags.global.get(), ...view.context, ...(copyJson(context) as Context) }),
    feature_flags: flagged.includes(type) ? orAbsent(view.flags) : undefined,
    action: ids.length > 0 ? { id: ids } : undefined,
    display: viewportSize(),
    connectivity: connectivity(),
    _dd: {
      format_version: 2,
      drift: driftMs(),
      sdk_name: 'diptych',
      configuration,
    },
  };
  return merge(shared, wire) as unknown as RumEvent;
}

/** The facts that have a value, as `name:value` with commas between. */
function tagsOf(facts: Record<string, string | undefined>): string {
  return Object.entries(facts)
    .flatMap(([name, value]) => (value ? `${name}:${value}` : []))
    .join();
}

function connectivity(): Context {
  const { connection } = navigator as { connection?: { effectiveType?: string; type?: string } };
  return {
    status: `${navigator.onLine ? '' : 'not_'}connected`,
    effective_type: connection?.effectiveType,
    interfaces: connection?.type && [connection.type],
  };
}

/** Asks `beforeSend`; what says who and when cannot be changed by it, and a view cannot be dropped. */
function mayLeave(event: RumEvent, captured: Captured, { beforeSend }: Options): boolean {
  const { type, date, application, session, _dd, view } = event;
  const fixed = { type, date, application: { ...application }, session: { ...session }, _dd };
  const { id } = view;
  const isWanted = !beforeSend || guarded(beforeSend)(event, captured.behind ?? {}) !== false;
  Object.assign(event, fixed);
  event.view.id = id;
  return isWanted || type === 'view';
}

/** Counts what leaves by type; true when it is too much for the minute that began with the first of it. */
function createLimiter(): (type: string) => boolean {
  let untilMs = 0;
  let counts: Record<string, number> = {};
  return (type) => {
    if (nowMs() > untilMs) {
      counts = {};
      untilMs = nowMs() + MINUTE_MS;
    }
    const count = (counts[type] ?? 0) + 1;
    counts[type] = count;
    return count > MAX_PER_MINUTE;
  };
}
