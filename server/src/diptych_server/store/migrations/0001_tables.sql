-- Raw tables: one row an event. Every row has an id of its own, so that a delivery repeated, split or shuffled
-- leaves one row. `precedence` decides which delivery of an id stays when parts merge: for rows from a client
-- door the first one (it falls with time), because a client key is public and must not overwrite.
-- `seen_at` is clamped to one day around `received_at`, so an insert touches three partitions at most.

CREATE TABLE rum_events (
  project_id LowCardinality(String),
  event_id String CODEC(ZSTD(1)),
  precedence UInt64 CODEC(Delta, ZSTD(1)),
  type LowCardinality(String),
  ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  seen_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  clock_offset_ms Nullable(Int64) COMMENT 'received minus sent, of the batch that brought it' CODEC(ZSTD(1)),
  retention_days UInt16,
  application_id LowCardinality(String),
  session_id String CODEC(ZSTD(1)),
  view_id String CODEC(ZSTD(1)),
  tab_id String CODEC(ZSTD(1)),
  service LowCardinality(String),
  env LowCardinality(String),
  version LowCardinality(String),
  browser LowCardinality(String),
  os LowCardinality(String),
  device LowCardinality(String),
  country LowCardinality(String),
  user_id String CODEC(ZSTD(1)),
  user_name String CODEC(ZSTD(1)),
  user_email String CODEC(ZSTD(1)),
  view_url String CODEC(ZSTD(1)),
  view_name String CODEC(ZSTD(1)),
  document_version UInt32 COMMENT 'views only; the highest is the view',
  name String COMMENT 'what a person would call the event' CODEC(ZSTD(1)),
  duration_ns UInt64 CODEC(ZSTD(1)),
  action_type LowCardinality(String),
  frustrations Array(LowCardinality(String)),
  error_type LowCardinality(String),
  resource_type LowCardinality(String),
  method LowCardinality(String),
  status_code UInt16,
  trace_id String COMMENT 'of the request that the page sent, 32 lower hex' CODEC(ZSTD(1)),
  span_id String CODEC(ZSTD(1)),
  first_byte_ms Nullable(UInt32) COMMENT 'answers only',
  first_paint_ms Nullable(UInt32),
  done_ms Nullable(UInt32),
  end_reason LowCardinality(String),
  reaction LowCardinality(String),
  raw String COMMENT 'the event as it was sent' CODEC(ZSTD(1)),
  INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_user user_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_event event_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toDate(seen_at)
ORDER BY (project_id, session_id, ts, event_id)
TTL toDateTime(seen_at) + toIntervalDay(retention_days)
SETTINGS index_granularity = 1024, min_compress_block_size = 16384 /*packed*/;

CREATE TABLE replay_segments (
  project_id LowCardinality(String),
  session_id String CODEC(ZSTD(1)),
  view_id String CODEC(ZSTD(1)),
  segment_index UInt32,
  content_hash String COMMENT 'of the blob; part of its key, so nothing stored can be overwritten' CODEC(ZSTD(1)),
  precedence UInt64,
  seen_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  clock_offset_ms Nullable(Int64),
  retention_days UInt16,
  application_id LowCardinality(String),
  tab_id String CODEC(ZSTD(1)),
  start DateTime64(3, 'UTC') COMMENT 'page clock',
  end DateTime64(3, 'UTC') COMMENT 'page clock',
  records UInt32,
  has_full_snapshot UInt8,
  format LowCardinality(String),
  bytes UInt64 COMMENT 'of the stored blob',
  blob_key String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toDate(seen_at)
ORDER BY (project_id, session_id, view_id, segment_index, content_hash)
TTL toDateTime(seen_at) + toIntervalDay(retention_days)
SETTINGS index_granularity = 1024 /*packed*/;

CREATE TABLE spans (
  project_id LowCardinality(String),
  trace_id String CODEC(ZSTD(1)),
  span_id String CODEC(ZSTD(1)),
  parent_id String CODEC(ZSTD(1)),
  precedence UInt64 CODEC(Delta, ZSTD(1)),
  start_ns Int64 CODEC(Delta, ZSTD(1)),
  duration_ns UInt64 CODEC(ZSTD(1)),
  seen_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  retention_days UInt16,
  name LowCardinality(String),
  kind LowCardinality(String),
  scope LowCardinality(String) COMMENT 'instrumentation scope name',
  service LowCardinality(String),
  ml_app LowCardinality(String),
  status LowCardinality(String),
  error_type LowCardinality(String),
  error_message String CODEC(ZSTD(1)),
  model LowCardinality(String),
  provider LowCardinality(String),
  has_usage UInt8 COMMENT 'whether the sender gave token counts or a cost',
  input_tokens UInt32,
  output_tokens UInt32,
  cache_read_tokens UInt32,
  cache_write_tokens UInt32,
  reasoning_tokens UInt32,
  cost_usd Nullable(Float64) CODEC(ZSTD(1)),
  ttft_ms Nullable(Float64) CODEC(ZSTD(1)),
  session_id String COMMENT 'said explicitly to be a browser session' CODEC(ZSTD(1)),
  session_source LowCardinality(String),
  session_claim String COMMENT 'what the sender calls session.id; a browser session once one exists' CODEC(ZSTD(1)),
  conversation_id String CODEC(ZSTD(1)),
  user_id String CODEC(ZSTD(1)),
  input String COMMENT 'text, or the messages as JSON' CODEC(ZSTD(1)),
  output String CODEC(ZSTD(1)),
  input_preview String COMMENT 'last user text, 300 characters at most' CODEC(ZSTD(1)),
  output_preview String CODEC(ZSTD(1)),
  tags Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  raw String COMMENT 'JSON: what has no column of its own' CODEC(ZSTD(1)),
  INDEX by_session session_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_claim session_claim TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_span span_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX words concat(input, ' ', output)
    TYPE text(tokenizer = splitByNonAlpha, preprocessor = lowerUTF8(concat(input, ' ', output)))
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toDate(seen_at)
ORDER BY (project_id, trace_id, start_ns, span_id)
TTL toDateTime(seen_at) + toIntervalDay(retention_days)
SETTINGS index_granularity = 128, min_compress_block_size = 16384 /*packed*/;

CREATE TABLE evaluations (
  project_id LowCardinality(String),
  evaluation_id String CODEC(ZSTD(1)),
  precedence UInt64,
  ts DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  seen_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  retention_days UInt16,
  label LowCardinality(String),
  metric_type LowCardinality(String),
  value String COMMENT 'JSON',
  score Nullable(Float64),
  assessment LowCardinality(String),
  reasoning String CODEC(ZSTD(1)),
  source LowCardinality(String),
  submitter String CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  span_id String CODEC(ZSTD(1)),
  session_id String CODEC(ZSTD(1)),
  turn_id String CODEC(ZSTD(1)),
  join_tag_key String CODEC(ZSTD(1)),
  join_tag_value String CODEC(ZSTD(1)),
  feedback_key String CODEC(ZSTD(1)),
  tags Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  metadata String COMMENT 'JSON object' CODEC(ZSTD(1)),
  INDEX by_session session_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toDate(seen_at)
ORDER BY (project_id, trace_id, span_id, label, evaluation_id)
TTL toDateTime(seen_at) + toIntervalDay(retention_days)
SETTINGS index_granularity = 1024 /*packed*/;

CREATE TABLE tombstones (
  project_id LowCardinality(String),
  kind LowCardinality(String) COMMENT 'user or session',
  erased_hash String COMMENT 'keyed hash of the id',
  erased_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(erased_at)
ORDER BY (project_id, kind, erased_hash);
