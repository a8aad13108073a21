-- Answers of pages, a narrow row each: what a list of turns is ordered and joined by. All else is in rum_events.
-- Each step can be run again, should the one before have been the last.

CREATE TABLE IF NOT EXISTS answers (
  project_id LowCardinality(String),
  day Date,
  event_id String CODEC(ZSTD(1)),
  first_seen SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
  last_seen SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  retention_days SimpleAggregateFunction(max, UInt16),
  asked SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'page clock',
  session_id SimpleAggregateFunction(max, String),
  trace_id SimpleAggregateFunction(max, String),
  INDEX by_session session_id TYPE bloom_filter(0.001) GRANULARITY 1,
  INDEX by_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = AggregatingMergeTree
PARTITION BY day
ORDER BY (project_id, event_id, day)
TTL toDateTime(last_seen) + toIntervalDay(retention_days)
SETTINGS index_granularity = 128 /*packed*/;

DROP VIEW IF EXISTS answers_from_rum;

CREATE MATERIALIZED VIEW answers_from_rum TO answers AS
SELECT
  project_id, toDate(seen_at) AS day, event_id,
  min(seen_at) AS first_seen, max(seen_at) AS last_seen, max(retention_days) AS retention_days,
  min(ts) AS asked, max(session_id) AS session_id, max(trace_id) AS trace_id
FROM rum_events
WHERE type = 'answer'
GROUP BY project_id, day, event_id
SETTINGS prefer_column_name_to_alias = 1;

INSERT INTO answers
SELECT
  project_id, toDate(seen_at) AS day, event_id,
  min(seen_at) AS first_seen, max(seen_at) AS last_seen, max(retention_days) AS retention_days,
  min(ts) AS asked, max(session_id) AS session_id, max(trace_id) AS trace_id
FROM rum_events
WHERE type = 'answer'
GROUP BY project_id, day, event_id
SETTINGS prefer_column_name_to_alias = 1;
