/** What the query API answers, after server/src/diptych_server/wire/answers.py. */

export type SpanKind = 'workflow' | 'agent' | 'llm' | 'tool' | 'task' | 'retrieval' | 'embedding' | 'span';
export type LinkSource = 'explicit' | 'baggage' | 'header' | 'trace' | 'evaluation' | 'claim' | 'time';
export type Status = 'ok' | 'error';

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

export interface User {
  id: string | null;
  name: string | null;
  email: string | null;
}

export interface Tokens {
  input: number;
  output: number;
  cache_read: number;
  cache_write: number;
  reasoning: number;
  total: number;
}

export interface Session {
  session_id: string;
  application_id: string;
  service: string;
  env: string;
  version: string;
  user: User;
  browser: string;
  os: string;
  device: string;
  country: string;
  first_seen: string;
  last_seen: string;
  duration_ms: number;
  is_active: boolean;
  views: number;
  actions: number;
  errors: number;
  resources: number;
  long_tasks: number;
  answers: number;
  frustrations: Record<string, number>;
  first_view_url: string;
  last_view_url: string;
  has_replay: boolean;
  replay_ms: number;
  traces: number;
  tokens: Tokens;
  cost_usd: number | null;
}

export interface RumEvent {
  event_id: string;
  type: string;
  ts: string;
  seen_at: string;
  view_id: string;
  view_url: string;
  view_name: string;
  name: string;
  duration_ms: number | null;
  status_code: number | null;
  method: string | null;
  resource_type: string | null;
  action_type: string | null;
  frustrations: string[];
  error_type: string | null;
  error_stack: string | null;
  trace_id: string | null;
  tab_id: string | null;
  document_version: number | null;
  attributes: Record<string, unknown>;
}

export interface Clock {
  offset_ms: number;
  error_ms: number | null;
}

export interface ReplaySegment {
  index: number;
  start: number;
  end: number;
  records: number;
}

export interface ReplayGap {
  from_index: number;
  to_index: number;
  reason: 'not_received';
}

export interface ReplayView {
  view_id: string;
  view_url: string;
  tab_id: string;
  format: 'rrweb' | 'datadog';
  start: number;
  end: number;
  segments: ReplaySegment[];
  gaps: ReplayGap[];
}

export interface Replay {
  session_id: string;
  views: ReplayView[];
  clock: Clock;
}

export interface ReplayEvents {
  view_id: string;
  from_index: number;
  to_index: number;
  events: unknown[];
}

export interface TraceSession {
  session_id: string;
  source: LinkSource;
  exists: boolean;
  has_replay: boolean;
  replay_at: number | null;
  view_id: string | null;
  user: User;
}

export interface TraceSummary {
  trace_id: string;
  name: string;
  kind: SpanKind;
  start: string;
  duration_ms: number;
  is_complete: boolean;
  status: Status;
  spans: number;
  errors: number;
  ml_app: string;
  service: string;
  models: string[];
  input: string;
  output: string;
  ttft_ms: number | null;
  tokens: Tokens;
  cost_usd: number | null;
  user: User;
  conversation_id: string | null;
  session_ids: string[];
}

export interface MessagePart {
  type: string;
  content?: string | null;
  id?: string | null;
  name?: string | null;
  arguments?: unknown;
  response?: unknown;
  mime_type?: string | null;
  uri?: string | null;
}

export interface Message {
  role: string;
  parts: MessagePart[];
  name: string | null;
  finish_reason: string | null;
}

export interface SourceDocument {
  id: string | null;
  name: string | null;
  text: string | null;
  score: number | null;
}

export interface SpanEvent {
  name: string;
  time_ns: number;
  attributes: Record<string, unknown>;
}

export interface SpanError {
  type: string;
  message: string;
  stack: string | null;
}

export interface Span {
  span_id: string;
  parent_id: string | null;
  trace_id: string;
  name: string;
  kind: SpanKind;
  service: string;
  ml_app: string;
  start: string;
  start_ns: number;
  duration_ns: number;
  status: Status;
  error: SpanError | null;
  model: string;
  provider: string;
  tokens: Tokens | null;
  cost_usd: number | null;
  is_counted: boolean;
  ttft_ms: number | null;
  session_id: string | null;
  conversation_id: string | null;
  user_id: string | null;
  input_messages: Message[];
  output_messages: Message[];
  input: string | null;
  output: string | null;
  documents: SourceDocument[];
  tool_definitions: Record<string, unknown>[];
  parameters: Record<string, unknown>;
  metadata: Record<string, unknown>;
  metrics: Record<string, number>;
  tags: Record<string, string>;
  events: SpanEvent[];
  attributes: Record<string, unknown>;
}

export interface Trace {
  trace_id: string;
  name: string;
  start: string;
  start_ns: number;
  duration_ms: number;
  is_complete: boolean;
  status: Status;
  ml_app: string;
  service: string;
  models: string[];
  tokens: Tokens;
  cost_usd: number | null;
  user: User;
  conversation_id: string | null;
  sessions: TraceSession[];
  clock: Clock | null;
  spans: Span[];
}

export interface Me {
  projects: string[];
  project: string;
  public_url: string;
  version: string;
}
