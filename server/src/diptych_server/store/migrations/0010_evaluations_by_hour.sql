-- Evaluations in the order of time, as the roll-ups are: trace ids are random, so the fifty newest evaluations lay all
-- over their day. What is asked for by a trace is found through the index of its id.
-- Each step can be run again, should the one before have been the last.

DROP VIEW IF EXISTS trace_sessions_from_evaluations;

DROP TABLE IF EXISTS evaluations_by_hour;

CREATE TABLE evaluations_by_hour (
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
ORDER BY (project_id, toStartOfHour(seen_at), trace_id, span_id, label, evaluation_id)
TTL toDateTime(seen_at) + toIntervalDay(retention_days)
SETTINGS index_granularity = 1024 /*packed*/;

INSERT INTO evaluations_by_hour SELECT * FROM evaluations SETTINGS max_partitions_per_insert_block = 0;

EXCHANGE TABLES evaluations_by_hour AND evaluations;

DROP TABLE evaluations_by_hour;

CREATE MATERIALIZED VIEW trace_sessions_from_evaluations TO trace_sessions AS
SELECT project_id, session_id, trace_id, 'evaluation' AS source,
  min(seen_at) AS first_seen, max(seen_at) AS last_seen, max(retention_days) AS retention_days
FROM evaluations
WHERE trace_id != '' AND session_id != ''
GROUP BY project_id, session_id, trace_id
SETTINGS prefer_column_name_to_alias = 1;
