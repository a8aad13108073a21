import { createActivity } from './activity.js';
import { createAssembly } from './assembly.js';
import { type Actions, captureActions } from './capture/action.js';
import { type Answers, captureAnswers } from './capture/answer.js';
import { captureErrors } from './capture/error.js';
import { captureLongTasks } from './capture/long_task.js';
import { capturePageStates } from './capture/page_state.js';
import { captureReactions, type Reactions } from './capture/reaction.js';
import { captureReplay, type Replay } from './capture/replay.js';
import { captureResources } from './capture/resource.js';
import { captureScroll } from './capture/scroll.js';
import { captureViews, type Views } from './capture/view.js';
import { captureVitals } from './capture/vitals.js';
import type { Context, ContextBag } from './context.js';
import { isTraced, tracedHeaders } from './correlation.js';
import { createDropped } from './dropped.js';
import type { Emit } from './events.js';
import { guarded, internalErrorCount } from './guard.js';
import { createHub, type Hub } from './hub.js';
import { fits, type Options } from './options.js';
import { watchActivity, watchExit, watchVisible } from './page_life.js';
import type { PluginTools } from './plugin.js';
import { type HeadersFor, watchRequests } from './requests.js';
import { createShelf } from './send/kept.js';
import { createSender } from './send/sender.js';
import { createTransport } from './send/transport.js';
import { type Sessions, startSessions } from './session.js';
import { openSessionStore } from './session_store.js';
import { type QueryFor, watchSockets } from './sockets.js';
import type { RecorderModule } from './types/recorder.js';
import type { Session } from './types/session.js';
import { createViewHistory, type View, type ViewHistory } from './view_history.js';
import { watchViewport } from './viewport.js';

/** What goes with every event; exists before `init`. */
export interface Bags {
  user: ContextBag;
  account: ContextBag;
  global: ContextBag;
}

export interface Running {
  emit: Emit;
  tools: PluginTools;
  views: Views;
  history: ViewHistory;
  sessions: Sessions;
  replay: Replay;
  answers: Answers;
  reactions: Reactions;
  actionIdsAt(startMs: number): string[];
  dropped(): Record<string, number>;
}

/** Brings the recorder chunk; how depends on how the SDK itself was loaded. */
export type LoadRecorder = () => Promise<RecorderModule>;

/** Wires the parts, in the order of the flow: session → capture → assembly → queue → server. */
export function start(options: Options, bags: Bags, loadRecorder: LoadRecorder): Running {
  const hub = createHub();
  const history = createViewHistory();
  const losses = createDropped();
  const dropped = (): Record<string, number> => withInternalErrors(losses.all());

  const transport = createTransport(options.url, options.clientToken);
  const sender = createSender(transport, losses.count, createShelf(options.clientToken));
  const sessions = startSessions(openSessionStore(options), options, hub);

  const replay = captureReplay({
    hub,
    options,
    currentView: () => history.at(),
    load: loadRecorder,
    send: sender.segment,
    countDrop: losses.count,
  });
  let actions: Actions | undefined;
  const actionIdsAt = (startMs: number): string[] => actions?.idsAt(startMs) ?? [];
  const emit = createAssembly(
    {
      options,
      views: history,
      session: sessions.current,
      user: bags.user.get,
      account: bags.account.get,
      globalContext: bags.global.get,
      actionIdsAt,
      isRecorded: replay.isRecorded,
      dropped,
      countDrop: losses.count,
    },
    hub,
    sender.event,
  );

  const traced = tracedBy(options, history, bags);
  watchRequests(hub, traced);
  watchSockets(hub, socketQuery(traced, history));
  const isNoActivity = (url: string): boolean =>
    transport.isOurs(url) || fits(options.excludedActivityUrls, url);
  const activity = createActivity(hub, isNoActivity);
  watchViewport();
  const pageStates = capturePageStates();
  const views = captureViews({
    hub,
    emit,
    history,
    activity,
    session: sessions.current,
    manual: options.trackViewsManually,
    dropped,
    replayStats: replay.statsOf,
    pageStates: pageStates.between,
    replaySampled: () => sessions.current()?.replaySampled ?? false,
    privacyLevel: options.defaultPrivacyLevel,
  });
  captureErrors(emit, transport.isOurs);
  if (options.trackUserInteractions) actions = captureActions({ hub, emit, activity, options });
  if (options.trackResources) captureResources({ hub, emit, options, isOurs: transport.isOurs });
  const answers = captureAnswers({ hub, emit, history, options });
  const reactions = captureReactions({ hub, emit, options });
  hub.on('answer_end', sender.soon);
  // What the browser remembers for us need not take time of `init`.
  setTimeout(
    guarded(() => {
      captureVitals({ hub, history, addFields: views.addFields, firstHiddenMs: pageStates.firstHiddenMs });
      captureScroll(hub, history, (view, scroll) => views.addFields(view, { scroll }, 'display'));
      if (options.trackLongTasks) captureLongTasks(emit);
    }),
  );
  recordSampledSessions(hub, sessions, replay, options);

  watchActivity(sessions.touch);
  watchVisible(sessions.keepAlive);
  // First the captures hand over what they hold, then everything leaves: events before recordings.
  watchExit((reason) => {
    hub.tell('page_exit', reason);
    views.flush();
    replay.flush(reason);
    sender.sendAllNow(reason === 'before_unload');
  });
  // What was recorded with consent leaves; nothing follows.
  hub.on('session_end', () => sender.sendAllNow());

  const tools: PluginTools = {
    addEvent: (startMs, { type, ...data }, context) =>
      emit({ type, startMs, data, context: context as Context | undefined }),
    addViewFields(atMs, fields) {
      const view = history.at(atMs);
      if (view) views.addFields(view, fields(atMs - view.startMs));
    },
  };
  return { emit, tools, views, history, sessions, replay, answers, reactions, actionIdsAt, dropped };
}

function tracedBy(options: Options, history: ViewHistory, bags: Bags): HeadersFor {
  return (url, own) => {
    const view: View | undefined = history.at();
    if (!view || !isTraced(url, options)) return undefined;
    const { id } = bags.user.get() as { id?: string };
    return tracedHeaders(own, { sessionId: view.sessionId, userId: id }, options);
  };
}

/** What headers say on fetch, the query says on connections that have no headers. */
function socketQuery(traced: HeadersFor, history: ViewHistory): QueryFor {
  return (url) => {
    const found = traced(url, new Headers());
    const sessionId = history.at()?.sessionId;
    if (!found || !sessionId) return undefined;
    return {
      query: { 'dip-session': sessionId, 'dip-traceparent': String(found.headers.traceparent) },
      trace: found.trace,
    };
  };
}

function recordSampledSessions(hub: Hub, sessions: Sessions, replay: Replay, options: Options): void {
  if (options.startSessionReplayRecordingManually) return;
  const consider = (session: Session | undefined): void => {
    if (session?.replaySampled) replay.start();
    else if (session?.onErrorSampled) replay.start(true);
    else replay.stop();
  };
  hub.on('event', ({ type }) => {
    const session = sessions.current();
    if (type !== 'error' || !session?.onErrorSampled || session.replaySampled) return;
    sessions.forceReplay();
    replay.start();
  });
  hub.on('session_start', consider);
  consider(sessions.current());
}

function withInternalErrors(counts: Record<string, number>): Record<string, number> {
  const errors = internalErrorCount();
  return errors > 0 ? { ...counts, internal_error: errors } : counts;
}
