import type { RumEvent } from './events.js';
import { tell } from './guard.js';

/** A URL rule: a string (prefix), a pattern or a function. */
export type MatchOption = string | RegExp | ((value: string) => boolean);
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
  /** Requests whose streamed response is an AI answer, beside the content types that always are. */
  answerUrls?: MatchOption[];
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
  allowedTracingUrls?: (MatchOption | { match: MatchOption })[];
  /** URLs that never get these headers, same origin or not. */
  excludedTracingUrls?: MatchOption[];
  /** Send `baggage: session.id=…`. Default true. */
  propagateTraceBaggage?: boolean;
  /** Requests that do not count as page activity (long polling…). */
  excludedActivityUrls?: MatchOption[];
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
  /** Keep a random id of the browser as `usr.anonymous_id`. Default true. */
  trackAnonymousUser?: boolean;
  /** Count clicks made by scripts too. Default false. */
  allowUntrustedEvents?: boolean;
  /** Say nothing on a second `init`. Default false. */
  silentMultipleInit?: boolean;
}

/** `InitOptions` with every default filled in. */
export type Options = Required<Omit<InitOptions, Optional>> & Pick<InitOptions, Optional>;
type Optional = 'service' | 'env' | 'version' | 'beforeSend' | 'actionNameAttribute';

/** What must follow `"<key>" ` in the message, or undefined when the value is good. */
type Check = (value: unknown) => string | undefined;

const isText = (v: unknown): v is string => typeof v === 'string';
const isMatch: (v: unknown) => boolean = (v) => isText(v) || v instanceof RegExp || typeof v === 'function';

const text: Check = (v) => (isText(v) ? undefined : 'must be a non-empty string');
const percentage: Check = (v) =>
  typeof v === 'number' && v >= 0 && v <= 100 ? undefined : 'must be a number between 0 and 100';
const flag: Check = (v) => (typeof v === 'boolean' ? undefined : 'must be a boolean');
const fn: Check = (v) => (typeof v === 'function' ? undefined : 'must be a function');
const oneOf =
  (...values: string[]): Check =>
  (v) =>
    values.includes(v as string)
      ? undefined
      : `must be one of: ${values.map((each) => `"${each}"`).join(', ')}`;
const listOf =
  (check: (v: unknown) => boolean): Check =>
  (v) =>
    Array.isArray(v) && v.every(check)
      ? undefined
      : 'must be a list whose items are strings, RegExps or functions';
const address: Check = (v) => {
  if (isText(v) && (/^https?:\/\/[^/]/i.test(v) || v.startsWith('/'))) return undefined;
  return 'must be the address of the Diptych server, such as "https://diptych.example.com"';
};

interface Rule {
  check: Check;
  fallback?: unknown;
  required?: true;
  /** A bad value falls back to the default instead of stopping `init`. */
  lenient?: true;
}

const PRIVACY_LEVELS = ['mask', 'mask-user-input', 'allow', 'mask-unless-allowlisted'];
const PERSISTENCES = ['cookie', 'local-storage', 'memory'];
const lenientFlag = (fallback: boolean): Rule => ({ check: flag, fallback, lenient: true });
const matches: Rule = { check: listOf(isMatch), fallback: [] };

/** One line an option: how it is checked, its default, and whether a bad value stops `init`. */
const RULES: Record<keyof InitOptions, Rule> = {
  applicationId: { check: text, required: true },
  clientToken: { check: text, required: true },
  url: { check: address, required: true },
  service: { check: text },
  env: { check: text },
  version: { check: text },
  sessionSampleRate: { check: percentage, fallback: 100 },
  sessionReplaySampleRate: { check: percentage, fallback: 100 },
  startSessionReplayRecordingManually: lenientFlag(false),
  trackUserInteractions: lenientFlag(true),
  trackResources: lenientFlag(true),
  trackLongTasks: lenientFlag(true),
  trackAnswers: lenientFlag(true),
  trackReactions: lenientFlag(true),
  answerUrls: matches,
  captureAnswerText: { check: flag, fallback: false },
  trackViewsManually: lenientFlag(false),
  defaultPrivacyLevel: { check: oneOf(...PRIVACY_LEVELS), fallback: 'mask-user-input', lenient: true },
  enablePrivacyForActionName: { check: flag, fallback: true },
  actionNameAttribute: { check: text },
  allowedTracingUrls: {
    check: listOf((v) => isMatch(v) || isMatch((v as { match?: unknown } | null)?.match)),
    fallback: [],
  },
  excludedTracingUrls: matches,
  propagateTraceBaggage: { check: flag, fallback: true },
  excludedActivityUrls: matches,
  beforeSend: { check: fn },
  trackingConsent: { check: oneOf('granted', 'not-granted'), fallback: 'granted' },
  sessionPersistence: {
    check: (v) =>
      [v].flat().every((each) => PERSISTENCES.includes(each as string))
        ? undefined
        : oneOf(...PERSISTENCES)(v),
    fallback: 'cookie',
    lenient: true,
  },
  trackSessionAcrossSubdomains: lenientFlag(false),
  useSecureSessionCookie: lenientFlag(false),
  trackAnonymousUser: lenientFlag(true),
  allowUntrustedEvents: lenientFlag(false),
  silentMultipleInit: lenientFlag(false),
};

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === '';

/**
 * The options with defaults, or undefined when `init` cannot go on. Each bad value is told on the console
 * as `"<option>" must be …`; `undefined`, `null` and `""` count as not given.
 */
export function readOptions(given: unknown): Options | undefined {
  if (isAbsent(given)) return refuse('init needs its options: applicationId, clientToken and url');
  if (typeof given !== 'object') return refuse('the options of init must be an object');
  const raw = given as Record<string, unknown>;
  const options: Record<string, unknown> = {};
  let usable = true;
  for (const [key, rule] of Object.entries(RULES)) {
    const value = raw[key];
    const problem = isAbsent(value)
      ? rule.required
        ? requiredMessage(key, raw)
        : undefined
      : rule.check(value);
    if (problem) {
      tell('error', `"${key}" ${problem}`);
      usable &&= rule.lenient === true;
    }
    options[key] = isAbsent(value) || problem ? rule.fallback : value;
  }
  return usable ? (options as unknown as Options) : undefined;
}

function requiredMessage(key: string, raw: Record<string, unknown>): string {
  const movingFromDatadog = key === 'url' && ('site' in raw || 'proxy' in raw);
  return movingFromDatadog
    ? 'is required: the address of your Diptych server, in place of "site" and "proxy"'
    : 'is required';
}

function refuse(message: string): undefined {
  tell('error', message);
}

/** Whether a rule fits a value; strings fit as a prefix. A rule that throws does not fit. */
export function fits(rule: MatchOption, value: string): boolean {
  try {
    if (typeof rule === 'string') return value.startsWith(rule);
    return rule instanceof RegExp ? rule.test(value) : Boolean(rule(value));
  } catch {
    return false;
  }
}
