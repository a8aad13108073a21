-- A session is some dozens of events, and to read it meant to unpack the thousand events around it, each with
-- its 2 kB of raw: finer granules, as spans have them. The indexes cover as many rows as before. The views follow
-- the name of the table that they read, and see nothing of the copying.
-- Each step can be run again, should the one before have been the last.

DROP TABLE IF EXISTS rum_events_fine;

CREATE TABLE rum_events_fine (
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
  INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 8,
  INDEX by_user user_id TYPE bloom_filter(0.01) GRANULARITY 8,
  INDEX by_event event_id TYPE bloom_filter(0.01) GRANULARITY 8
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toDate(seen_at)
ORDER BY (project_id, session_id, ts, event_id)
TTL toDateTime(seen_at) + toIntervalDay(retention_days)
SETTINGS index_granularity = 128, min_compress_block_size = 16384 /*packed*/;

INSERT INTO rum_events_fine SELECT * FROM rum_events
SETTINGS max_threads = 1, max_block_size = 8192, min_insert_block_size_rows = 50000,
  min_insert_block_size_bytes = 100000000;

EXCHANGE TABLES rum_events_fine AND rum_events;

DROP TABLE rum_events_fine;
