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
import type { Bags, Context } from './context.js';
import { tracedBy } from './correlation.js';
import { createDropped } from './dropped.js';
import type { Emit } from './events.js';
import { guarded, internalErrorCount } from './guard.js';
import { createHub, type Hub } from './hub.js';
import type { Options } from './options.js';
import { watchActivity, watchExit, watchVisible } from './page_life.js';
import type { PluginTools } from './plugin.js';
import { watchRequests } from './requests.js';
import { createShelf } from './send/kept.js';
import { createSender } from './send/sender.js';
import { createTransport } from './send/transport.js';
import { type Sessions, startSessions } from './session.js';
import { openSessionStore } from './session_store.js';
import { watchSockets } from './sockets.js';
import type { RecorderModule } from './types/recorder.js';
import { createViewHistory, type ViewHistory } from './view_history.js';
import { watchViewport } from './viewport.js';

export interface Running {
  /** The server's address, without a slash at its end. */
  serverUrl: string;
  emit: Emit;
  pluginTools: PluginTools;
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
  const history = createViewHistory(() => sessions.begin());
  const { count: countDrop, all } = createDropped();
  const { base, ...transport } = createTransport(options.url, options.clientToken);
  const sender = createSender(transport, countDrop, createShelf(options.clientToken), () =>
    hub.tell('batch', undefined),
  );
  const sessions = startSessions(openSessionStore(options), options, hub);
  const session = sessions.current;
  let actions: Actions | undefined;
  /** What the captures may need; each names in its own type what it takes. */
  const tools = {
    hub,
    options,
    history,
    bags,
    countDrop,
    dropped: (): Record<string, number> => withInternalErrors(all()),
    session,
    isOurs: transport.isOurs,
    actionIdsAt: (startMs: number): string[] => actions?.idsAt(startMs) ?? [],
    load: loadRecorder,
    accept: sender.event,
    send: sender.segment,
    wantBatch: sender.wantBatch,
  };
  const replay = captureReplay(tools);
  const emit = createAssembly({ ...tools, ...replay });
  watchRequests(hub, tracedBy(tools), tools.isOurs);
  watchSockets(hub, tracedBy(tools));
  const seen = { ...tools, emit, activity: createActivity(tools) };
  watchViewport();
  const pageStates = capturePageStates();
  const views = captureViews({ ...seen, ...replay, ...pageStates });
  captureErrors(seen);
  // Before the clicks: the one that begins a session is in it.
  watchActivity(sessions.touch);
  // Before the clicks: when the page is left, an answer that still comes ends first, so that a rage click is about it.
  const answers = captureAnswers(seen);
  if (options.trackUserInteractions) actions = captureActions(seen);
  if (options.trackResources) captureResources(seen);
  const reactions = captureReactions(seen);
  hub.on('answer_end', sender.soon);
  // What the browser remembers for us need not take time of `init`. Who asks for the view begins the session, if nobody has yet.
  setTimeout(
    guarded(() => {
      captureVitals({ ...tools, ...views, ...pageStates });
      captureScroll({ ...tools, ...views });
      if (options.trackLongTasks) captureLongTasks(emit);
    }),
  );
  recordSampledSessions(hub, sessions, replay, options);

  watchVisible(sessions.keepAlive);
  // First the captures hand over what they hold, then everything leaves: events before recordings.
  watchExit((reason) => {
    const isLast = reason === 'before_unload';
    hub.tell('page_exit', reason);
    views.flush(isLast);
    replay.flush(reason);
    sender.sendAllNow(isLast);
  });
  // What was recorded with consent leaves; nothing follows.
  hub.on('session_end', () => sender.sendAllNow());

  const pluginTools: PluginTools = {
    addEvent: (startMs, { type, ...wire }, context) =>
      emit({ type, startMs, wire, context: context as Context | undefined }),
    addViewFields(atMs, fields) {
      const view = history.at(atMs);
      if (view) views.addFields(view, fields(atMs - view.startMs));
    },
  };
  return { ...tools, serverUrl: base, emit, pluginTools, views, sessions, replay, answers, reactions };
}

function recordSampledSessions(hub: Hub, sessions: Sessions, replay: Replay, options: Options): void {
  if (options.startSessionReplayRecordingManually) return;
  hub.on('session_start', (session) => {
    if (session.replaySampled) replay.start();
    else if (session.onErrorSampled) replay.start(true);
    else replay.stop();
  });
  hub.on('event', ({ type }) => {
    const session = sessions.current();
    if (type !== 'error' || !session?.onErrorSampled || session.replaySampled) return;
    sessions.forceReplay();
    replay.start();
  });
}

function withInternalErrors(counts: Record<string, number>): Record<string, number> {
  const errors = internalErrorCount();
  return errors > 0 ? { ...counts, internal_error: errors } : counts;
}
