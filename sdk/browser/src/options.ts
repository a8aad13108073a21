import type { RumEvent } from './events.js';
import { tell, tried } from './guard.js';
import type { Plugin } from './plugin.js';

/** A URL rule: a string (prefix; a whole name where names are compared), a pattern or a function. */
export type MatchOption = string | RegExp | ((value: string) => boolean);
/** The same, or in an object as Datadog's SDK takes it. */
export type UrlRule = MatchOption | { match: MatchOption };
/** Which headers of which requests are kept with resources. */
export interface HeaderRule {
  /** Requests; all by default. */
  url?: MatchOption;
  /** Lower-case header names; those of `DEFAULT_TRACKED_RESOURCE_HEADERS` by default. */
  name?: MatchOption;
  /** Keeps the first group (or all) of what it finds in the value; a value in which it finds nothing is left out. */
  extractor?: RegExp;
  /** `any` by default. */
  location?: 'request' | 'response' | 'any';
}
/** Pictures of canvases: one, two or four a second. */
export interface CanvasRecording {
  enable?: boolean;
  quality?: 'low' | 'medium' | 'high';
}
/** GraphQL endpoints. */
export interface GraphQlRule {
  match: MatchOption;
  /** Keep the text of the operation too. Default false. */
  trackPayload?: boolean;
}
/** Event types that can carry feature flags besides views and errors. */
export type FlaggedEvent = 'vital' | 'action' | 'long_task' | 'resource';
export type PrivacyLevel = 'mask' | 'mask-user-input' | 'allow' | 'mask-unless-allowlisted';
export type TrackingConsent = 'granted' | 'not-granted';
export type SessionPersistence = 'cookie' | 'local-storage' | 'memory';

/** What `init` takes. Names and meaning are those of Datadog's browser SDK where it has the option too. */
export interface InitOptions {
  /** Id of the RUM application; any string of 1 to 128 characters. */
  applicationId: string;
  /** Client key of the project. It is public: it may write, never read. */
  clientToken: string;
  /** Address of the Diptych server, e.g. `https://diptych.example.com`, or a path of the page's own origin. */
  url: string;
  service?: string;
  env?: string;
  version?: string;
  /** Share of sessions that are recorded at all, 0 to 100. Default 100. */
  sessionSampleRate?: number;
  /** Share of recorded sessions that also get a replay, 0 to 100. Default 100 (Datadog: 0). */
  sessionReplaySampleRate?: number;
  /**
   * Share of the sessions without a replay that hold the latest minute back and send it, and what follows, when an
   * error happens. 0 to 100. Default 0.
   */
  sessionReplayOnErrorSampleRate?: number;
  /** Pictures of canvases in the replay, off by default: `{ enable: true, quality: 'low' | 'medium' | 'high' }`. */
  sessionReplayCanvasRecording?: CanvasRecording;
  /** Replay waits for `startSessionReplayRecording()`. Default false. */
  startSessionReplayRecordingManually?: boolean;
  /** Default true. */
  trackUserInteractions?: boolean;
  /** Default true. */
  trackResources?: boolean;
  /** Default true. */
  trackLongTasks?: boolean;
  /** Measure streamed AI answers as the user feels them. Default true. */
  trackAnswers?: boolean;
  /** Record what the user does with an answer (copy, stop, retry…). Needs `trackAnswers`. Default true. */
  trackReactions?: boolean;
  /** Headers to keep with resources: true for those about caching and type, or rules. Off by default. */
  trackResourceHeaders?: true | HeaderRule[];
  /** GraphQL endpoints: their resources tell the operation's type, name and variables. */
  allowedGraphQlUrls?: (MatchOption | GraphQlRule)[];
  /** Events that carry the view's feature flags, besides views and errors. */
  trackFeatureFlagsForEvents?: FlaggedEvent[];
  /** Requests whose streamed response is an AI answer, beside the content types that always are. */
  answerUrls?: UrlRule[];
  /** Keep the question and the shown text of answers in the events. Default false. */
  captureAnswerText?: boolean;
  /** Views only by `startView()`. Default false. */
  trackViewsManually?: boolean;
  /** Default `mask-user-input`. */
  defaultPrivacyLevel?: PrivacyLevel;
  /** Click names of masked elements become `Masked Element`. Default true. */
  enablePrivacyForActionName?: boolean;
  /** One more attribute that names an element for click actions. */
  actionNameAttribute?: string;
  /** Origins or URLs besides the page's own that get `traceparent` and `baggage`. */
  allowedTracingUrls?: UrlRule[];
  /** URLs that never get these headers, same origin or not. */
  excludedTracingUrls?: UrlRule[];
  /** Send `baggage: session.id=…`. Default true. */
  propagateTraceBaggage?: boolean;
  /** Share of sessions whose requests get a `traceparent` that says sampled, 0 to 100. Default 100. */
  traceSampleRate?: number;
  /** `sampled` (default): requests of other sessions are left alone; `all`: they are told not to sample. */
  traceContextInjection?: 'sampled' | 'all';
  /** Requests that do not count as page activity (long polling…). */
  excludedActivityUrls?: UrlRule[];
  /** Last look at each event: change it in place, or return false to drop it (views cannot be dropped). */
  beforeSend?: (event: RumEvent, context: Record<string, unknown>) => boolean | undefined;
  /** Nothing is stored or sent before consent. Default `granted`. */
  trackingConsent?: TrackingConsent;
  /** Where the session id is kept; an array is tried in order. Default `cookie`. */
  sessionPersistence?: SessionPersistence | SessionPersistence[];
  /** One session for all subdomains. Default false. */
  trackSessionAcrossSubdomains?: boolean;
  /** Secure cookie only. Default false. */
  useSecureSessionCookie?: boolean;
  /** For pages inside frames of other sites: a partitioned cookie, HTTPS only. Default false. */
  usePartitionedCrossSiteSessionCookie?: boolean;
  /** Keep user, account and global context in localStorage, for the next page. Default false. */
  storeContextsAcrossPages?: boolean;
  /** Pages on which the SDK may run at all; elsewhere `init` stops. Every page by default. */
  allowedTrackingOrigins?: MatchOption[];
  /** Keep a random id of the browser as `usr.anonymous_id`. Default true. */
  trackAnonymousUser?: boolean;
  /** Count clicks made by scripts too. Default false. */
  allowUntrustedEvents?: boolean;
  /** Say nothing on a second `init`. Default false. */
  silentMultipleInit?: boolean;
  /** Parts that are added from outside: see `Plugin`. */
  plugins?: Plugin[];
}

/** `InitOptions` with every default filled in. */
export type Options = Required<Omit<InitOptions, Optional>> & Pick<InitOptions, Optional>;
type Optional =
  | 'service'
  | 'env'
  | 'version'
  | 'beforeSend'
  | 'actionNameAttribute'
  | 'allowedTrackingOrigins';

/** Whether a value is good. */
type Check = (value: unknown) => boolean;

const isText: Check = (v) => typeof v === 'string';
const isFunction: Check = (v) => typeof v === 'function';
const isMatch: Check = (v) => isText(v) || v instanceof RegExp || isFunction(v);
const isMatchOrHolder: Check = (v) => isMatch(v) || isMatch((v as { match?: unknown } | null)?.match);
const isAddress: Check = (v) => /^(https?:\/\/[^/]|\/)/i.test(v as string);

interface Rule {
  check: Check;
  /** What must follow `"<option>" must be ` where the value is bad. */
  must: string;
  fallback?: unknown;
  required?: boolean;
  /** A bad value falls back to the default instead of stopping `init`. */
  lenient?: boolean;
}

const text: Rule = { check: isText, must: 'a non-empty string' };
const share: Rule = {
  check: (v) => Number(v) === v && v >= 0 && v <= 100,
  must: 'a number between 0 and 100',
  fallback: 100,
};
const off: Rule = { check: (v) => typeof v === 'boolean', must: 'a boolean', fallback: false, lenient: true };
const on: Rule = { ...off, fallback: true };
const oneOf = (...values: string[]): Rule => ({
  check: (v) => values.includes(v as string),
  must: `one of: ${values.map((each) => `"${each}"`).join(', ')}`,
  fallback: values[0],
});
const list = (each: Check, must: string): Rule => ({
  check: (v) => Array.isArray(v) && v.every(each),
  must: `a list of ${must}`,
  fallback: [],
});
const rules = list(isMatchOrHolder, 'strings, RegExps or functions');
/** A bad one of these is left out. */
const lenient = (rule: Rule): Rule => ({ ...rule, lenient: true });
const persistence = oneOf('cookie', 'local-storage', 'memory');
const object: Rule = { check: (v) => typeof v === 'object', must: 'an object', fallback: {}, lenient: true };

/** One line an option: how it is checked, its default, and whether a bad value stops `init`. */
const RULES: Record<keyof InitOptions, Rule> = {
  applicationId: { ...text, required: true },
  clientToken: { ...text, required: true },
  url: { check: isAddress, must: 'an address, or a path', required: true },
  startSessionReplayRecordingManually: off,
  captureAnswerText: off,
  trackViewsManually: off,
  trackSessionAcrossSubdomains: off,
  useSecureSessionCookie: off,
  usePartitionedCrossSiteSessionCookie: off,
  storeContextsAcrossPages: off,
  allowUntrustedEvents: off,
  silentMultipleInit: off,
  trackUserInteractions: on,
  trackResources: on,
  trackLongTasks: on,
  trackAnswers: on,
  trackReactions: on,
  enablePrivacyForActionName: on,
  propagateTraceBaggage: on,
  trackingConsent: oneOf('granted', 'not-granted'),
  trackAnonymousUser: on,
  service: text,
  env: text,
  version: text,
  actionNameAttribute: text,
  sessionSampleRate: share,
  sessionReplaySampleRate: share,
  traceSampleRate: share,
  sessionReplayOnErrorSampleRate: { ...share, fallback: 0 },
  answerUrls: rules,
  allowedTracingUrls: rules,
  excludedTracingUrls: rules,
  excludedActivityUrls: rules,
  allowedTrackingOrigins: { ...rules, fallback: undefined },
  allowedGraphQlUrls: lenient(rules),
  trackFeatureFlagsForEvents: lenient(list(isText, 'event types')),
  defaultPrivacyLevel: lenient(oneOf('mask-user-input', 'mask', 'allow', 'mask-unless-allowlisted')),
  traceContextInjection: lenient(oneOf('sampled', 'all')),
  plugins: lenient(list(object.check, 'plugins')),
  sessionReplayCanvasRecording: object,
  trackResourceHeaders: {
    ...lenient(list(object.check, 'rules, or true')),
    check: (v) => v === true || Array.isArray(v),
  },
  beforeSend: { check: isFunction, must: 'a function' },
  sessionPersistence: { ...lenient(persistence), check: (v) => [v].flat().every(persistence.check) },
};

/**
 * The options with defaults, or undefined when `init` cannot go on. Each bad value is told on the console
 * as `"<option>" must be …`; `undefined`, `null` and `""` count as not given.
 */
export function readOptions(given: Record<string, unknown>): Options | undefined {
  const options: Record<string, unknown> = {};
  let isUsable = true;
  for (const [key, { check, must, fallback, required, lenient }] of Object.entries(RULES)) {
    const value = given[key] ?? '';
    const isGiven = value !== '';
    const isGood = isGiven ? check(value) : !required;
    if (!isGood) {
      tell('error', `"${key}" ${isGiven ? `must be ${must}` : 'is required'}`);
      isUsable &&= lenient === true;
    }
    options[key] = isGiven && isGood ? value : fallback;
  }
  return isUsable ? (options as unknown as Options) : undefined;
}

/** Whether any rule fits a value; strings fit as a prefix, or as a whole. A rule that throws does not fit. */
export function fits(rules: UrlRule[], value: string, isWhole = false): boolean {
  return rules.some((each) => {
    const rule = typeof each === 'object' && 'match' in each ? each.match : each;
    if (typeof rule === 'string') return isWhole ? value === rule : value.startsWith(rule);
    return tried(() => (rule instanceof RegExp ? rule.test(value) : rule(value)));
  });
}
