/**
 * `@diptych/browser`: real user monitoring and session replay, joined to the traces of the AI that answered.
 *
 *     import { diptych } from "@diptych/browser";
 *     diptych.init({ applicationId: "shop", clientToken: "…", url: "https://diptych.example.com" });
 */
import { createDiptych, type Diptych } from './api.js';

export type { Diptych, FeedbackDetails, InternalContext } from './api.js';
export type { AnswerOptions } from './capture/answer.js';
export type { ViewOptions } from './capture/view.js';
export type { RumEvent, RumEventType } from './events.js';
export type { ActionDetails, OperationDetails, ResourceDetails, VitalDetails } from './manual.js';
export type {
  FlaggedEvent,
  GraphQlRule,
  HeaderRule,
  InitOptions,
  MatchOption,
  PrivacyLevel,
  SessionPersistence,
  TrackingConsent,
} from './options.js';
export type { Plugin, PluginTools } from './plugin.js';
export { DEFAULT_TRACKED_RESOURCE_HEADERS } from './resource_headers.js';
export type { AnswerEnd } from './types/answer.js';

/** The SDK; one a page. */
export const diptych: Diptych = createDiptych(() => import('./recorder/index.js'));

export default diptych;
