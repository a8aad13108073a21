-- Messages of model calls that arrive as log records beside their spans, before or after them: a reader gives
-- them to the span that has none of its own. One row a record, in the order of their times.

CREATE TABLE span_messages (
  project_id LowCardinality(String),
  trace_id String CODEC(ZSTD(1)),
  span_id String CODEC(ZSTD(1)),
  record_id String COMMENT 'hash of the record: a delivery repeated is one row' CODEC(ZSTD(1)),
  precedence UInt64 CODEC(Delta, ZSTD(1)),
  time_ns Int64 CODEC(Delta, ZSTD(1)),
  seen_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  retention_days UInt16,
  event_name LowCardinality(String),
  input String COMMENT 'messages that went in, a JSON array; empty where the record tells none' CODEC(ZSTD(1)),
  output String COMMENT 'messages that came out, the same' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toDate(seen_at)
ORDER BY (project_id, trace_id, span_id, time_ns, record_id)
TTL toDateTime(seen_at) + toIntervalDay(retention_days)
SETTINGS index_granularity = 512 /*packed*/;
