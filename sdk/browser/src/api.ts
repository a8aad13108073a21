import type { AnswerOptions } from './capture/answer.js';
import { errorEvent } from './capture/error.js';
import type { ViewOptions } from './capture/view.js';
import { fromEpochMs, nowMs } from './clock.js';
import { type Bags, type Context, copyJson, createContextBag } from './context.js';
import type { Captured } from './events.js';
import { guarded, listen, tell, tellOnce } from './guard.js';
import { type ManualMethods, manualMethods } from './manual.js';
import { fits, type InitOptions, type Options, readOptions, type TrackingConsent } from './options.js';
import type { Plugin, PluginTools } from './plugin.js';
import { type LoadRecorder, type Running, start } from './start.js';
import type { AnswerEnd } from './types/answer.js';
import { SDK_VERSION } from './version.js';
import type { View } from './view_history.js';

/** Where the page is, for the caller's own use: put `session_id` into your requests. */
export interface InternalContext {
  application_id: string;
  session_id: string;
  user_action: { id: string[] };
  view: { id: string; url: string; referrer: string; name?: string };
}

export interface FeedbackDetails {
  /** Id of the answer, from `startAnswer` or an `answer` event; the latest answer by default. */
  answerId?: string;
  comment?: string;
}

/** The public face; same names and meaning as `datadogRum` where it has the method too. No method ever throws. */
export interface Diptych extends ManualMethods {
  version: string;
  /** Starts the SDK; the session id is there when it is asked for in the very next line. */
  init(options: InitOptions): void;
  /** Runs `callback` at once: the SDK is loaded. (Before that, the loading snippet keeps the calls.) */
  onReady(callback: () => void): void;
  /** The context now, or at a moment of the past (`performance.now()` milliseconds); undefined while nothing is recorded. */
  getInternalContext(startTime?: number): InternalContext | undefined;
  getInitConfiguration(): InitOptions | undefined;
  /** Id of the browser session, undefined while nothing is recorded: `explain()` then says why. */
  getSessionId(): string | undefined;
  /** Why nothing is recorded, in one sentence; undefined when all is well. */
  explain(): string | undefined;
  /** Ends the session; the next click, key, touch or scroll begins a new one. */
  stopSession(): void;
  setTrackingConsent(consent: TrackingConsent): void;

  setUser(user: Context): void;
  getUser(): Context;
  setUserProperty(key: string, value: unknown): void;
  removeUserProperty(key: string): void;
  clearUser(): void;
  setAccount(account: Context): void;
  getAccount(): Context;
  setAccountProperty(key: string, value: unknown): void;
  removeAccountProperty(key: string): void;
  clearAccount(): void;
  setGlobalContext(context: Context): void;
  getGlobalContext(): Context;
  setGlobalContextProperty(key: string, value: unknown): void;
  removeGlobalContextProperty(key: string): void;
  clearGlobalContext(): void;

  startView(nameOrOptions?: string | ViewOptions): void;
  setViewName(name: string): void;
  setViewContext(context: Context): void;
  setViewContextProperty(key: string, value: unknown): void;
  getViewContext(): Context;
  /** Marks a moment of the view: now, or `time` in epoch or `performance.now()` milliseconds. */
  addTiming(name: string, time?: number): void;
  setViewLoadingTime(): void;
  /** A flag that was asked for in this view: goes with its views and errors. */
  addFeatureFlagEvaluation(key: string, value: unknown): void;
  addError(error: unknown, context?: Context): void;

  /** An AI answer that comes by a way the SDK does not see (a WebSocket, a worker): gives its id, undefined while nothing is recorded. */
  startAnswer(options?: AnswerOptions): string | undefined;
  /** A piece of such an answer has come. */
  addAnswerChunk(answerId: string, size?: number): void;
  stopAnswer(answerId: string, endReason?: AnswerEnd): void;
  /** What the user says about an answer, by default the latest; false when there is none. */
  addFeedback(verdict: 'thumbs_up' | 'thumbs_down', details?: FeedbackDetails): boolean;

  startSessionReplayRecording(options?: { force?: boolean }): void;
  stopSessionReplayRecording(): void;
  /** Address of this session's replay in the Diptych UI, at this moment. */
  getSessionReplayLink(): string | undefined;
  /** What was lost so far, by reason. */
  getDropped(): Record<string, number>;
}

/** Calls kept until the SDK runs; more are dropped and told. */
const MAX_EARLY_CALLS = 500;
/** Smaller numbers are `performance.now()` times, larger ones epoch milliseconds (as in Datadog's SDK: one year). */
const EPOCH_FROM_MS = 365 * 24 * 3600 * 1000;

/** Makes the public object. `loadRecorder` brings the recorder chunk when it is needed. */
export function createDiptych(loadRecorder: LoadRecorder): Diptych {
  const bags: Bags = {
    user: createContextBag('user', ['id', 'name', 'email']),
    account: createContextBag('account', ['id', 'name']),
    global: createContextBag('global context'),
  };
  let given: InitOptions | undefined;
  let options: Options | undefined;
  let running: Running | undefined;
  let consent: TrackingConsent | undefined;
  let early: ((sdk: Running) => void)[] = [];

  /** Runs now, or as soon as the SDK runs. */
  function whenRunning(call: (sdk: Running) => void): void {
    if (running) call(running);
    else if (early.length < MAX_EARLY_CALLS) early.push(call);
    else tellOnce('warn', `${MAX_EARLY_CALLS} calls before init`);
  }

  const emitSoon = (captured: Captured): void => whenRunning((sdk) => sdk.emit(captured));

  function startIfAllowed(): void {
    if (!options || running || (consent ?? options.trackingConsent) !== 'granted') return;
    if (isInAdvance()) {
      listen(document, ['prerenderingchange'], startIfAllowed);
      return;
    }
    const { plugins, storeContextsAcrossPages } = options;
    if (storeContextsAcrossPages) {
      for (const [name, bag] of Object.entries(bags)) guarded(bag.keepIn)(`_diptych_${name}`);
    }
    running = start(options, bags, loadRecorder);
    for (const plugin of plugins)
      guarded((tools: PluginTools) => plugin.onRumStart?.(tools))(running.pluginTools);
    const calls = early;
    early = [];
    for (const call of calls) guarded(call)(running);
  }

  function init(raw: InitOptions): void {
    if (options) {
      if (!options.silentMultipleInit) tell('error', 'init was called already');
      return;
    }
    given = raw;
    const isStopped = pluginsOf(raw).some(
      guarded((each: Plugin) => each.onInit?.({ initConfiguration: raw, publicApi: api }) === false),
    );
    if (isStopped) return;
    const read = readOptions((raw ?? {}) as unknown as Context);
    const origins = read?.allowedTrackingOrigins;
    if (origins && !fits(origins, location.origin, true)) {
      tell('error', 'not among allowedTrackingOrigins');
      return;
    }
    options = read;
    startIfAllowed();
  }

  const viewAt = (startTime?: number): View | undefined => running?.history.at(startTime);

  function internalContext(startTime = nowMs()): InternalContext | undefined {
    const view = running?.sessions.current()?.sampled && viewAt(startTime);
    if (!running || !options || !view) return undefined;
    const { id, url, referrer, name } = view;
    return {
      application_id: options.applicationId,
      session_id: view.sessionId,
      user_action: { id: running.actionIdsAt(startTime) },
      view: { id, url, referrer, ...(name !== undefined && { name }) },
    };
  }

  function explain(): string | undefined {
    if (!given) return 'init has not been called';
    if (!options) return 'init has refused its options';
    if (isInAdvance()) return 'rendered in advance, not shown yet';
    if (!running || consent === 'not-granted') return 'no consent (trackingConsent)';
    const session = running.sessions.current();
    if (!session) return 'the session has ended; a click begins another';
    if (!session.sampled)
      return `only ${options.sessionSampleRate} % of sessions are recorded (sessionSampleRate)`;
    return viewAt() ? undefined : 'no view yet (trackViewsManually)';
  }

  function replayLink(): string | undefined {
    const view = viewAt();
    return (
      view &&
      `${running?.serverUrl}/sessions/${encodeURIComponent(view.sessionId)}?tab=replay&view=${view.id}&t=${Date.now()}`
    );
  }

  const viewContext = (): Context => ({ ...viewAt()?.context });
  const api: Diptych = {
    version: SDK_VERSION,
    init,
    onReady: (callback) => callback(),
    getInternalContext: internalContext,
    getInitConfiguration: () => given && { ...given },
    getSessionId: () => internalContext()?.session_id,
    explain,
    stopSession: () => running?.sessions.stop(),
    setTrackingConsent(next) {
      consent = next;
      if (next !== 'granted') for (const bag of Object.values(bags)) bag.forget();
      if (running) running.sessions.setConsent(next === 'granted');
      else startIfAllowed();
    },
    ...bagMethods(bags),
    ...manualMethods(emitSoon),
    startView: (nameOrOptions) => {
      const view = typeof nameOrOptions === 'string' ? { name: nameOrOptions } : (nameOrOptions ?? {});
      whenRunning((sdk) => sdk.views.startView(view));
    },
    setViewName: (name) => whenRunning((sdk) => sdk.views.change({ name: String(name) })),
    setViewContext: (context) => whenRunning((sdk) => sdk.views.change({ context: { ...context } })),
    setViewContextProperty: (key, value) =>
      whenRunning((sdk) => sdk.views.change({ context: { ...viewContext(), [key]: value } })),
    getViewContext: viewContext,
    addTiming(name, time) {
      const atMs = time === undefined ? nowMs() : time > EPOCH_FROM_MS ? fromEpochMs(time) : time;
      whenRunning((sdk) => sdk.views.addTiming(String(name), atMs));
    },
    addFeatureFlagEvaluation: (key, value) =>
      whenRunning((sdk) => sdk.views.addFlag(String(key), copyJson(value))),
    setViewLoadingTime: () => running?.views.setLoadingTime(),
    addError(error, context) {
      const fields = { handling_stack: new Error().stack };
      emitSoon(errorEvent({ error, source: 'custom', handling: 'handled', context, fields }));
    },
    startAnswer: (how) => running?.answers.start(how),
    addAnswerChunk: (id, size) => running?.answers.chunk(id, size),
    stopAnswer: (id, endReason) => running?.answers.end(id, endReason),
    addFeedback(verdict, { answerId, comment } = {}) {
      return running?.reactions.add(verdict, answerId, { comment: comment && String(comment) }) ?? false;
    },
    startSessionReplayRecording: (how) =>
      whenRunning((sdk) => {
        if (how?.force) sdk.sessions.forceReplay();
        if (sdk.sessions.current()?.replaySampled) sdk.replay.start();
      }),
    stopSessionReplayRecording() {
      // A session that is begun later would start it.
      viewAt();
      running?.replay.stop();
    },
    getSessionReplayLink: replayLink,
    getDropped: () => running?.dropped() ?? {},
  };
  return safe(api);
}

/** Whether the browser renders the page for somebody who may come: https://wicg.github.io/nav-speculation/prerendering.html */
function isInAdvance(): boolean {
  return (document as { prerendering?: boolean }).prerendering === true;
}

/** The plugins that were given, as far as they are any; what is none is told when the options are read. */
function pluginsOf(raw: unknown): Plugin[] {
  const { plugins } = (raw ?? {}) as { plugins?: unknown };
  return Array.isArray(plugins) ? plugins.filter(Boolean) : [];
}

/** Every method of the public face, guarded: a failure of ours is told, never thrown at the page. */
function safe(api: Diptych): Diptych {
  const methods = api as unknown as Record<string, unknown>;
  for (const [name, member] of Object.entries(methods)) {
    if (typeof member === 'function') methods[name] = guarded(member as (...args: unknown[]) => unknown);
  }
  return api;
}

type BagMethods = Pick<
  Diptych,
  Extract<keyof Diptych, `${string}${'User' | 'Account' | 'GlobalContext'}${string}`>
>;

/** `setUser`, `getUser`, `setUserProperty`, `removeUserProperty`, `clearUser`, and the same for the other bags. */
function bagMethods(bags: Bags): BagMethods {
  const methods: Record<string, unknown> = {};
  const names = { User: bags.user, Account: bags.account, GlobalContext: bags.global };
  for (const [name, bag] of Object.entries(names)) {
    methods[`set${name}`] = bag.set;
    methods[`get${name}`] = bag.get;
    methods[`set${name}Property`] = bag.setProperty;
    methods[`remove${name}Property`] = bag.removeProperty;
    methods[`clear${name}`] = bag.clear;
  }
  return methods as unknown as BagMethods;
}
