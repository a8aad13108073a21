-- Lists and pages read some dozens of roll-up rows by their ids: finer granules, so that little else is read with
-- them, and a surer index, since fifty ids at 1 % each would find every other granule. And a trace is called after its topmost span of the seven kinds, where its root is none ("POST /api/chat").
-- Each step can be run again, should the one before have been the last.

DROP VIEW IF EXISTS sessions_from_rum;

CREATE TABLE IF NOT EXISTS sessions_fine (
  project_id LowCardinality(String),
  day Date,
  session_id String CODEC(ZSTD(1)),
  first_seen SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
  last_seen SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  retention_days SimpleAggregateFunction(max, UInt16),
  application_id SimpleAggregateFunction(max, String),
  service SimpleAggregateFunction(max, String),
  env SimpleAggregateFunction(max, String),
  version SimpleAggregateFunction(max, String),
  browser SimpleAggregateFunction(max, String),
  os SimpleAggregateFunction(max, String),
  device SimpleAggregateFunction(max, String),
  country SimpleAggregateFunction(max, String),
  user SimpleAggregateFunction(max, Tuple(rank UInt8, ts Int64, id String, name String, email String)),
  first_view SimpleAggregateFunction(max, Tuple(rank UInt8, before Int64, url String)),
  last_view SimpleAggregateFunction(max, Tuple(rank UInt8, ts Int64, url String)),
  views AggregateFunction(uniqExact, UInt64),
  actions AggregateFunction(uniqExact, UInt64),
  errors AggregateFunction(uniqExact, UInt64),
  resources AggregateFunction(uniqExact, UInt64),
  long_tasks AggregateFunction(uniqExact, UInt64),
  answers AggregateFunction(uniqExact, UInt64),
  rage_clicks AggregateFunction(uniqExact, UInt64),
  dead_clicks AggregateFunction(uniqExact, UInt64),
  error_clicks AggregateFunction(uniqExact, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY day
ORDER BY (project_id, session_id, day)
TTL toDateTime(last_seen) + toIntervalDay(retention_days)
SETTINGS index_granularity = 32 /*packed*/;

INSERT INTO sessions_fine SELECT * FROM sessions;

EXCHANGE TABLES sessions_fine AND sessions;

DROP TABLE sessions_fine;

CREATE MATERIALIZED VIEW sessions_from_rum TO sessions AS
SELECT
  project_id, toDate(seen_at) AS day, session_id,
  min(seen_at) AS first_seen,
  max(seen_at) AS last_seen,
  max(retention_days) AS retention_days,
  max(toString(application_id)) AS application_id,
  max(toString(service)) AS service,
  max(toString(env)) AS env,
  max(toString(version)) AS version,
  max(toString(browser)) AS browser,
  max(toString(os)) AS os,
  max(toString(device)) AS device,
  max(toString(country)) AS country,
  max((toUInt8(user_id != '' OR user_email != ''), toUnixTimestamp64Milli(ts), user_id, user_name, user_email)) AS user,
  max((toUInt8(view_url != ''), -toUnixTimestamp64Milli(ts), view_url)) AS first_view,
  max((toUInt8(view_url != ''), toUnixTimestamp64Milli(ts), view_url)) AS last_view,
  uniqExactStateIf(cityHash64(view_id), type = 'view') AS views,
  uniqExactStateIf(cityHash64(event_id), type = 'action') AS actions,
  uniqExactStateIf(cityHash64(event_id), type = 'error') AS errors,
  uniqExactStateIf(cityHash64(event_id), type = 'resource') AS resources,
  uniqExactStateIf(cityHash64(event_id), type = 'long_task') AS long_tasks,
  uniqExactStateIf(cityHash64(event_id), type = 'answer') AS answers,
  uniqExactStateIf(cityHash64(event_id), has(frustrations, 'rage_click')) AS rage_clicks,
  uniqExactStateIf(cityHash64(event_id), has(frustrations, 'dead_click')) AS dead_clicks,
  uniqExactStateIf(cityHash64(event_id), has(frustrations, 'error_click')) AS error_clicks
FROM rum_events
GROUP BY project_id, day, session_id
SETTINGS prefer_column_name_to_alias = 1;

DROP VIEW IF EXISTS trace_sessions_from_rum;

DROP VIEW IF EXISTS trace_sessions_from_spans;

DROP VIEW IF EXISTS trace_sessions_from_evaluations;

CREATE TABLE IF NOT EXISTS trace_sessions_fine (
  project_id LowCardinality(String),
  session_id String CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  source LowCardinality(String),
  page_spans SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
  first_seen SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
  last_seen SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  retention_days SimpleAggregateFunction(max, UInt16),
  INDEX by_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = AggregatingMergeTree
ORDER BY (project_id, session_id, trace_id, source)
TTL toDateTime(last_seen) + toIntervalDay(retention_days)
SETTINGS index_granularity = 128 /*packed*/;

INSERT INTO trace_sessions_fine SELECT * FROM trace_sessions;

EXCHANGE TABLES trace_sessions_fine AND trace_sessions;

DROP TABLE trace_sessions_fine;

CREATE MATERIALIZED VIEW trace_sessions_from_rum TO trace_sessions AS
SELECT project_id, session_id, trace_id, 'trace' AS source, groupUniqArrayIf(span_id, span_id != '') AS page_spans,
  min(seen_at) AS first_seen, max(seen_at) AS last_seen, max(retention_days) AS retention_days
FROM rum_events
WHERE trace_id != ''
GROUP BY project_id, session_id, trace_id
SETTINGS prefer_column_name_to_alias = 1;

CREATE MATERIALIZED VIEW trace_sessions_from_spans TO trace_sessions AS
SELECT project_id, claim.1 AS session_id, trace_id, claim.2 AS source,
  min(seen_at) AS first_seen, max(seen_at) AS last_seen, max(retention_days) AS retention_days
FROM spans
ARRAY JOIN arrayFilter(c -> c.1 != '', [
  (session_id, toString(session_source)), (session_claim, 'claim'), (tags['feedback_key'], 'feedback_key'),
  (tags['apm_trace_id'], 'apm_trace')]) AS claim
GROUP BY project_id, claim.1, trace_id, claim.2
SETTINGS prefer_column_name_to_alias = 1;

CREATE MATERIALIZED VIEW trace_sessions_from_evaluations TO trace_sessions AS
SELECT project_id, session_id, trace_id, 'evaluation' AS source,
  min(seen_at) AS first_seen, max(seen_at) AS last_seen, max(retention_days) AS retention_days
FROM evaluations
WHERE trace_id != '' AND session_id != ''
GROUP BY project_id, session_id, trace_id
SETTINGS prefer_column_name_to_alias = 1;

DROP VIEW IF EXISTS traces_from_spans;

DROP TABLE IF EXISTS traces_fine;

CREATE TABLE traces_fine (
  project_id LowCardinality(String),
  day Date,
  trace_id String CODEC(ZSTD(1)),
  first_seen SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
  last_seen SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  retention_days SimpleAggregateFunction(max, UInt16),
  start_ns SimpleAggregateFunction(min, Int64),
  end_ns SimpleAggregateFunction(max, Int64),
  first_token_ns SimpleAggregateFunction(min, Nullable(Int64)),
  root SimpleAggregateFunction(max, Tuple(rank UInt8, before Int64, duration_ns UInt64, span_id String,
                                          parent_id String, name String, kind String, service String)),
  named SimpleAggregateFunction(max, Tuple(rank UInt8, before Int64, duration_ns UInt64, span_id String, name String,
                                           kind String)) COMMENT 'the span that the trace is called after',
  input SimpleAggregateFunction(max, Tuple(rank UInt8, before Int64, duration_ns UInt64, span_id String,
                                           preview String)),
  output SimpleAggregateFunction(max, Tuple(rank UInt8, ended_ns Int64, duration_ns UInt64, span_id String,
                                            preview String)),
  is_llm SimpleAggregateFunction(max, UInt8) COMMENT 'has a span of one of the seven kinds',
  ml_app SimpleAggregateFunction(max, String),
  user_id SimpleAggregateFunction(max, String),
  conversation_id SimpleAggregateFunction(max, String),
  models SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
  spans AggregateFunction(uniqExact, UInt64),
  errors AggregateFunction(uniqExact, UInt64),
  usage SimpleAggregateFunction(maxMap, Map(UInt64, Tuple(
    parent UInt64, scope UInt64, input UInt64, output UInt64, cache_read UInt64, cache_write UInt64, reasoning UInt64,
    priced UInt8, cost UInt64)))
)
ENGINE = AggregatingMergeTree
PARTITION BY day
ORDER BY (project_id, trace_id, day)
TTL toDateTime(last_seen) + toIntervalDay(retention_days)
SETTINGS index_granularity = 64 /*packed*/;

-- Made anew from the spans, which alone know their names.
INSERT INTO traces_fine
SELECT
  project_id, toDate(seen_at) AS day, trace_id,
  min(seen_at) AS first_seen,
  max(seen_at) AS last_seen,
  max(retention_days) AS retention_days,
  min(start_ns) AS start_ns,
  max(start_ns + toInt64(duration_ns)) AS end_ns,
  min(start_ns + toInt64(ttft_ms * 1000000)) AS first_token_ns,
  max((toUInt8(if(parent_id = '', 2, 1)), -start_ns, duration_ns, span_id, parent_id, toString(name),
       toString(kind), toString(service))) AS root,
  max((toUInt8(if(kind IN ('workflow', 'agent', 'llm', 'tool', 'task', 'retrieval', 'embedding'), 2, 0)
               + if(parent_id = '', 2, 1)), -start_ns, duration_ns, span_id, toString(name),
       toString(kind))) AS named,
  max((toUInt8(multiIf(input_preview = '', 0, parent_id = '', 2, 1)), -start_ns, duration_ns, span_id,
       input_preview)) AS input,
  max((toUInt8(multiIf(output_preview = '', 0, parent_id = '', 2, 1)), start_ns + toInt64(duration_ns),
       duration_ns, span_id, output_preview)) AS output,
  max(toUInt8(kind IN ('workflow', 'agent', 'llm', 'tool', 'task', 'retrieval', 'embedding'))) AS is_llm,
  max(toString(ml_app)) AS ml_app,
  max(user_id) AS user_id,
  max(conversation_id) AS conversation_id,
  groupUniqArrayIf(toString(model), model != '') AS models,
  uniqExactState(cityHash64(span_id)) AS spans,
  uniqExactStateIf(cityHash64(span_id), status = 'error') AS errors,
  maxMapIf(map(cityHash64(span_id), (cityHash64(parent_id), cityHash64(toString(scope)), toUInt64(input_tokens),
    toUInt64(output_tokens), toUInt64(cache_read_tokens), toUInt64(cache_write_tokens), toUInt64(reasoning_tokens),
    toUInt8(cost_usd IS NOT NULL), toUInt64(round(greatest(ifNull(cost_usd, 0), 0) * 1000000000000)))),
    has_usage = 1 AND kind IN ('llm', 'embedding')) AS usage
FROM spans
GROUP BY project_id, day, trace_id
SETTINGS prefer_column_name_to_alias = 1, max_bytes_before_external_group_by = 400000000;

EXCHANGE TABLES traces_fine AND traces;

DROP TABLE traces_fine;

CREATE MATERIALIZED VIEW traces_from_spans TO traces AS
SELECT
  project_id, toDate(seen_at) AS day, trace_id,
  min(seen_at) AS first_seen,
  max(seen_at) AS last_seen,
  max(retention_days) AS retention_days,
  min(start_ns) AS start_ns,
  max(start_ns + toInt64(duration_ns)) AS end_ns,
  min(start_ns + toInt64(ttft_ms * 1000000)) AS first_token_ns,
  max((toUInt8(if(parent_id = '', 2, 1)), -start_ns, duration_ns, span_id, parent_id, toString(name),
       toString(kind), toString(service))) AS root,
  max((toUInt8(if(kind IN ('workflow', 'agent', 'llm', 'tool', 'task', 'retrieval', 'embedding'), 2, 0)
               + if(parent_id = '', 2, 1)), -start_ns, duration_ns, span_id, toString(name),
       toString(kind))) AS named,
  max((toUInt8(multiIf(input_preview = '', 0, parent_id = '', 2, 1)), -start_ns, duration_ns, span_id,
       input_preview)) AS input,
  max((toUInt8(multiIf(output_preview = '', 0, parent_id = '', 2, 1)), start_ns + toInt64(duration_ns),
       duration_ns, span_id, output_preview)) AS output,
  max(toUInt8(kind IN ('workflow', 'agent', 'llm', 'tool', 'task', 'retrieval', 'embedding'))) AS is_llm,
  max(toString(ml_app)) AS ml_app,
  max(user_id) AS user_id,
  max(conversation_id) AS conversation_id,
  groupUniqArrayIf(toString(model), model != '') AS models,
  uniqExactState(cityHash64(span_id)) AS spans,
  uniqExactStateIf(cityHash64(span_id), status = 'error') AS errors,
  maxMapIf(map(cityHash64(span_id), (cityHash64(parent_id), cityHash64(toString(scope)), toUInt64(input_tokens),
    toUInt64(output_tokens), toUInt64(cache_read_tokens), toUInt64(cache_write_tokens), toUInt64(reasoning_tokens),
    toUInt8(cost_usd IS NOT NULL), toUInt64(round(greatest(ifNull(cost_usd, 0), 0) * 1000000000000)))),
    has_usage = 1 AND kind IN ('llm', 'embedding')) AS usage
FROM spans
GROUP BY project_id, day, trace_id
SETTINGS prefer_column_name_to_alias = 1;
