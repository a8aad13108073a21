/** What the query API answers, by the names the interface uses. The shapes are generated from the server's own. */
import type { components } from './schema.generated.ts';

type Schemas = components['schemas'];

export interface Page<Item> {
  items: Item[];
  next_cursor?: string | null;
}

export type CountedValue = Schemas['CountedValue'];
export type Clock = Schemas['Clock'];
export type Comment = Schemas['Comment'];
export type Evaluation = Schemas['Evaluation'];
export type EvaluationSummary = Schemas['EvaluationSummary'];
export type Facet = Schemas['Facet'];
export type Health = Schemas['Health'];
export type LinkCheck = Schemas['LinkCheck'];
export type MadeKey = Schemas['MadeKey'];
export type Me = Schemas['Me'];
export type Message = Schemas['Message'];
export type MessagePart = Schemas['MessagePart'];
export type Overview = Schemas['Overview'];
export type ProjectKey = Schemas['ProjectKey'];
export type Replay = Schemas['Replay'];
export type ReplayEvents = Schemas['ReplayEvents'];
export type ReplayView = Schemas['ReplayView'];
export type RumEvent = Schemas['Event'];
export type SavedView = Schemas['SavedView'];
export type SearchField = Schemas['SearchField'];
export type Session = Schemas['Session'];
export type SourceDocument = Schemas['Document'];
export type Span = Schemas['Span'];
export type SpanKind = Span['kind'];
export type Status = Span['status'];
export type Tile = Schemas['Tile'];
export type Timeseries = Schemas['Timeseries'];
export type Trace = Schemas['Trace'];
export type TraceSession = Schemas['TraceSession'];
export type TraceSummary = Schemas['TraceSummary'];
export type Turn = Schemas['Turn'];
export type User = Schemas['User'];
export type Verdict = Schemas['Verdict'];
export type Verdicts = Schemas['Verdicts'];
