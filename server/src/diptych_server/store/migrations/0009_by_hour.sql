-- Roll-ups in the order of time. Lists, charts and searches want what is near in time, and ids are random: fifty
-- traces of one hour lay in fifty granules of their day. By the hour they lie side by side, so that a page costs what
-- its hours hold rather than what their days hold. A row is of one thing and one hour; a partition is a day, as before.
-- Made anew from the raw tables, since a row of a day may be of several hours. And an answer's row tells all that a list
-- of turns shows of it, a session's what stands beside the list of sessions. Each step can be run again, should the one before have been the last.

DROP VIEW IF EXISTS sessions_from_rum;

DROP TABLE IF EXISTS sessions_by_hour;

CREATE TABLE sessions_by_hour (
  project_id LowCardinality(String),
  hour DateTime('UTC'),
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
  error_clicks AggregateFunction(uniqExact, UInt64),
  frustrations SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
  error_types SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
  answer_ends SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
  reactions SimpleAggregateFunction(groupUniqArrayArray, Array(String))
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(hour)
ORDER BY (project_id, hour, session_id)
TTL toDateTime(last_seen) + toIntervalDay(retention_days)
SETTINGS index_granularity = 128, min_compress_block_size = 16384 /*packed*/;

INSERT INTO sessions_by_hour
SELECT
  project_id, toStartOfHour(seen_at) AS hour, session_id,
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
  uniqExactStateIf(cityHash64(event_id), has(frustrations, 'error_click')) AS error_clicks,
  groupUniqArrayArray(CAST(frustrations, 'Array(String)')) AS frustrations,
  groupUniqArrayIf(toString(error_type), error_type != '') AS error_types,
  groupUniqArrayIf(toString(end_reason), end_reason != '') AS answer_ends,
  groupUniqArrayIf(toString(reaction), reaction != '') AS reactions
FROM rum_events
GROUP BY project_id, hour, session_id
SETTINGS prefer_column_name_to_alias = 1,
  max_bytes_before_external_group_by = 400000000, max_partitions_per_insert_block = 0;

EXCHANGE TABLES sessions_by_hour AND sessions;

DROP TABLE sessions_by_hour;

CREATE MATERIALIZED VIEW sessions_from_rum TO sessions AS
SELECT
  project_id, toStartOfHour(seen_at) AS hour, session_id,
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
  uniqExactStateIf(cityHash64(event_id), has(frustrations, 'error_click')) AS error_clicks,
  groupUniqArrayArray(CAST(frustrations, 'Array(String)')) AS frustrations,
  groupUniqArrayIf(toString(error_type), error_type != '') AS error_types,
  groupUniqArrayIf(toString(end_reason), end_reason != '') AS answer_ends,
  groupUniqArrayIf(toString(reaction), reaction != '') AS reactions
FROM rum_events
GROUP BY project_id, hour, session_id
SETTINGS prefer_column_name_to_alias = 1;

DROP VIEW IF EXISTS traces_from_spans;

DROP TABLE IF EXISTS traces_by_hour;

CREATE TABLE traces_by_hour (
  project_id LowCardinality(String),
  hour DateTime('UTC'),
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
    priced UInt8, cost UInt64))),
  id_hash UInt64 MATERIALIZED cityHash64(trace_id) CODEC(NONE) COMMENT 'finds the traces of several rows'
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(hour)
ORDER BY (project_id, hour, trace_id)
TTL toDateTime(last_seen) + toIntervalDay(retention_days)
SETTINGS index_granularity = 128, min_compress_block_size = 16384 /*packed*/;

INSERT INTO traces_by_hour
SELECT
  project_id, toStartOfHour(seen_at) AS hour, trace_id,
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
GROUP BY project_id, hour, trace_id
SETTINGS prefer_column_name_to_alias = 1,
  max_bytes_before_external_group_by = 400000000, max_partitions_per_insert_block = 0;

EXCHANGE TABLES traces_by_hour AND traces;

DROP TABLE traces_by_hour;

CREATE MATERIALIZED VIEW traces_from_spans TO traces AS
SELECT
  project_id, toStartOfHour(seen_at) AS hour, trace_id,
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
GROUP BY project_id, hour, trace_id
SETTINGS prefer_column_name_to_alias = 1;

DROP VIEW IF EXISTS answers_from_rum;

DROP TABLE IF EXISTS answers_by_hour;

-- -1 is "not known". A row of reactions alone is no answer (`is_answer` 0), and its `first_seen` and `asked` are far away.
CREATE TABLE answers_by_hour (
  project_id LowCardinality(String),
  hour DateTime('UTC'),
  event_id String CODEC(ZSTD(1)),
  first_seen SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
  last_seen SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  retention_days SimpleAggregateFunction(max, UInt16),
  asked SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'page clock',
  session_id SimpleAggregateFunction(max, String),
  trace_id SimpleAggregateFunction(max, String),
  is_answer SimpleAggregateFunction(max, UInt8),
  asked_ms AggregateFunction(argMax, Int64, UInt64) COMMENT 'page clock, as it was first told',
  question AggregateFunction(argMax, String, UInt64),
  first_byte_ms AggregateFunction(argMax, Int64, UInt64),
  first_word_ms AggregateFunction(argMax, Int64, UInt64),
  done_ms AggregateFunction(argMax, Int64, UInt64),
  end_reason AggregateFunction(argMax, String, UInt64),
  stalls AggregateFunction(argMax, UInt64, UInt64),
  stalled_ms AggregateFunction(argMax, Float64, UInt64),
  application_id AggregateFunction(argMax, String, UInt64),
  service AggregateFunction(argMax, String, UInt64),
  env AggregateFunction(argMax, String, UInt64),
  version AggregateFunction(argMax, String, UInt64),
  browser AggregateFunction(argMax, String, UInt64),
  os AggregateFunction(argMax, String, UInt64),
  device AggregateFunction(argMax, String, UInt64),
  user_id AggregateFunction(argMax, String, UInt64),
  user_name AggregateFunction(argMax, String, UInt64),
  user_email AggregateFunction(argMax, String, UInt64),
  view_id AggregateFunction(argMax, String, UInt64),
  view_url AggregateFunction(argMax, String, UInt64),
  view_name AggregateFunction(argMax, String, UInt64),
  tab_id AggregateFunction(argMax, String, UInt64),
  url AggregateFunction(argMax, String, UInt64),
  stall_list AggregateFunction(argMax, String, UInt64) COMMENT 'JSON',
  reactions SimpleAggregateFunction(groupUniqArrayArray, Array(Tuple(event_id String, precedence UInt64, at_ms Int64,
    kind String, after_ms Float64, confidence Float64))) COMMENT 'every delivery',
  id_hash UInt64 MATERIALIZED cityHash64(event_id) CODEC(NONE) COMMENT 'finds the answers of several rows',
  INDEX by_session session_id TYPE bloom_filter(0.001) GRANULARITY 1,
  INDEX by_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(hour)
ORDER BY (project_id, hour, event_id)
TTL toDateTime(last_seen) + toIntervalDay(retention_days)
SETTINGS index_granularity = 128 /*packed*/;

INSERT INTO answers_by_hour
SELECT
  project_id, toStartOfHour(seen_at) AS hour,
  if(type = 'answer', event_id, JSONExtractString(raw, 'reaction', 'answer_id')) AS event_id,
  min(if(type = 'answer', seen_at, toDateTime64('2299-12-31 00:00:00', 3, 'UTC'))) AS first_seen,
  max(seen_at) AS last_seen, max(retention_days) AS retention_days,
  min(if(type = 'answer', ts, toDateTime64('2299-12-31 00:00:00', 3, 'UTC'))) AS asked,
  maxIf(session_id, type = 'answer') AS session_id, maxIf(trace_id, type = 'answer') AS trace_id,
  max(toUInt8(type = 'answer')) AS is_answer,
  argMaxStateIf(toUnixTimestamp64Milli(ts), precedence, type = 'answer') AS asked_ms,
  argMaxStateIf(JSONExtractString(raw, 'answer', 'question'), precedence, type = 'answer') AS question,
  argMaxStateIf(toInt64(ifNull(first_byte_ms, -1)), precedence, type = 'answer') AS first_byte_ms,
  argMaxStateIf(toInt64(ifNull(first_paint_ms, -1)), precedence, type = 'answer') AS first_word_ms,
  argMaxStateIf(toInt64(ifNull(done_ms, -1)), precedence, type = 'answer') AS done_ms,
  argMaxStateIf(toString(end_reason), precedence, type = 'answer') AS end_reason,
  argMaxStateIf(toUInt64(arrayCount(stall -> JSONHas(stall, 'duration_ms'), JSONExtractArrayRaw(raw, 'answer', 'stalls'))),
    precedence, type = 'answer') AS stalls,
  argMaxStateIf(arraySum(stall -> JSONExtractFloat(stall, 'duration_ms'), JSONExtractArrayRaw(raw, 'answer', 'stalls')),
    precedence, type = 'answer') AS stalled_ms,
  argMaxStateIf(toString(application_id), precedence, type = 'answer') AS application_id,
  argMaxStateIf(toString(service), precedence, type = 'answer') AS service,
  argMaxStateIf(toString(env), precedence, type = 'answer') AS env,
  argMaxStateIf(toString(version), precedence, type = 'answer') AS version,
  argMaxStateIf(toString(browser), precedence, type = 'answer') AS browser,
  argMaxStateIf(toString(os), precedence, type = 'answer') AS os,
  argMaxStateIf(toString(device), precedence, type = 'answer') AS device,
  argMaxStateIf(user_id, precedence, type = 'answer') AS user_id,
  argMaxStateIf(user_name, precedence, type = 'answer') AS user_name,
  argMaxStateIf(user_email, precedence, type = 'answer') AS user_email,
  argMaxStateIf(view_id, precedence, type = 'answer') AS view_id,
  argMaxStateIf(view_url, precedence, type = 'answer') AS view_url,
  argMaxStateIf(view_name, precedence, type = 'answer') AS view_name,
  argMaxStateIf(tab_id, precedence, type = 'answer') AS tab_id,
  argMaxStateIf(JSONExtractString(raw, 'answer', 'url'), precedence, type = 'answer') AS url,
  argMaxStateIf(JSONExtractRaw(raw, 'answer', 'stalls'), precedence, type = 'answer') AS stall_list,
  groupUniqArrayIf((event_id, precedence, toUnixTimestamp64Milli(ts), toString(reaction),
    ifNull(JSONExtract(raw, 'reaction', 'after_ms', 'Nullable(Float64)'), -1),
    ifNull(JSONExtract(raw, 'reaction', 'confidence', 'Nullable(Float64)'), -1)), type = 'reaction') AS reactions
FROM rum_events
WHERE type IN ('answer', 'reaction')
GROUP BY project_id, hour, if(type = 'answer', event_id, JSONExtractString(raw, 'reaction', 'answer_id'))
HAVING if(type = 'answer', event_id, JSONExtractString(raw, 'reaction', 'answer_id')) != ''
SETTINGS prefer_column_name_to_alias = 1,
  max_bytes_before_external_group_by = 400000000, max_partitions_per_insert_block = 0;

EXCHANGE TABLES answers_by_hour AND answers;

DROP TABLE answers_by_hour;

CREATE MATERIALIZED VIEW answers_from_rum TO answers AS
SELECT
  project_id, toStartOfHour(seen_at) AS hour,
  if(type = 'answer', event_id, JSONExtractString(raw, 'reaction', 'answer_id')) AS event_id,
  min(if(type = 'answer', seen_at, toDateTime64('2299-12-31 00:00:00', 3, 'UTC'))) AS first_seen,
  max(seen_at) AS last_seen, max(retention_days) AS retention_days,
  min(if(type = 'answer', ts, toDateTime64('2299-12-31 00:00:00', 3, 'UTC'))) AS asked,
  maxIf(session_id, type = 'answer') AS session_id, maxIf(trace_id, type = 'answer') AS trace_id,
  max(toUInt8(type = 'answer')) AS is_answer,
  argMaxStateIf(toUnixTimestamp64Milli(ts), precedence, type = 'answer') AS asked_ms,
  argMaxStateIf(JSONExtractString(raw, 'answer', 'question'), precedence, type = 'answer') AS question,
  argMaxStateIf(toInt64(ifNull(first_byte_ms, -1)), precedence, type = 'answer') AS first_byte_ms,
  argMaxStateIf(toInt64(ifNull(first_paint_ms, -1)), precedence, type = 'answer') AS first_word_ms,
  argMaxStateIf(toInt64(ifNull(done_ms, -1)), precedence, type = 'answer') AS done_ms,
  argMaxStateIf(toString(end_reason), precedence, type = 'answer') AS end_reason,
  argMaxStateIf(toUInt64(arrayCount(stall -> JSONHas(stall, 'duration_ms'), JSONExtractArrayRaw(raw, 'answer', 'stalls'))),
    precedence, type = 'answer') AS stalls,
  argMaxStateIf(arraySum(stall -> JSONExtractFloat(stall, 'duration_ms'), JSONExtractArrayRaw(raw, 'answer', 'stalls')),
    precedence, type = 'answer') AS stalled_ms,
  argMaxStateIf(toString(application_id), precedence, type = 'answer') AS application_id,
  argMaxStateIf(toString(service), precedence, type = 'answer') AS service,
  argMaxStateIf(toString(env), precedence, type = 'answer') AS env,
  argMaxStateIf(toString(version), precedence, type = 'answer') AS version,
  argMaxStateIf(toString(browser), precedence, type = 'answer') AS browser,
  argMaxStateIf(toString(os), precedence, type = 'answer') AS os,
  argMaxStateIf(toString(device), precedence, type = 'answer') AS device,
  argMaxStateIf(user_id, precedence, type = 'answer') AS user_id,
  argMaxStateIf(user_name, precedence, type = 'answer') AS user_name,
  argMaxStateIf(user_email, precedence, type = 'answer') AS user_email,
  argMaxStateIf(view_id, precedence, type = 'answer') AS view_id,
  argMaxStateIf(view_url, precedence, type = 'answer') AS view_url,
  argMaxStateIf(view_name, precedence, type = 'answer') AS view_name,
  argMaxStateIf(tab_id, precedence, type = 'answer') AS tab_id,
  argMaxStateIf(JSONExtractString(raw, 'answer', 'url'), precedence, type = 'answer') AS url,
  argMaxStateIf(JSONExtractRaw(raw, 'answer', 'stalls'), precedence, type = 'answer') AS stall_list,
  groupUniqArrayIf((event_id, precedence, toUnixTimestamp64Milli(ts), toString(reaction),
    ifNull(JSONExtract(raw, 'reaction', 'after_ms', 'Nullable(Float64)'), -1),
    ifNull(JSONExtract(raw, 'reaction', 'confidence', 'Nullable(Float64)'), -1)), type = 'reaction') AS reactions
FROM rum_events
WHERE type IN ('answer', 'reaction')
GROUP BY project_id, hour, if(type = 'answer', event_id, JSONExtractString(raw, 'reaction', 'answer_id'))
HAVING if(type = 'answer', event_id, JSONExtractString(raw, 'reaction', 'answer_id')) != ''
SETTINGS prefer_column_name_to_alias = 1;

DROP VIEW IF EXISTS trace_prompts_from_spans;

DROP TABLE IF EXISTS trace_prompts_by_hour;

CREATE TABLE trace_prompts_by_hour (
  project_id LowCardinality(String),
  hour DateTime('UTC'),
  trace_id String CODEC(ZSTD(1)),
  last_seen SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  retention_days SimpleAggregateFunction(max, UInt16),
  prompt SimpleAggregateFunction(min, Tuple(start_ns Int64, span_id String, name String, version String))
    COMMENT 'of the first span that tells one'
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(hour)
ORDER BY (project_id, hour, trace_id)
TTL toDateTime(last_seen) + toIntervalDay(retention_days)
SETTINGS index_granularity = 128 /*packed*/;

INSERT INTO trace_prompts_by_hour
SELECT project_id, toStartOfHour(seen_at) AS hour, trace_id,
  max(seen_at) AS last_seen, max(retention_days) AS retention_days,
  min((start_ns, span_id,
    if(JSONExtractString(raw, 'prompt', 'name') != '', JSONExtractString(raw, 'prompt', 'name'),
       JSONExtractString(raw, 'prompt', 'id')),
    trim(BOTH '"' FROM JSONExtractRaw(raw, 'prompt', 'version')))) AS prompt
FROM spans
WHERE position(raw, '"prompt":{') > 0
  AND (JSONExtractString(raw, 'prompt', 'name') != '' OR JSONExtractString(raw, 'prompt', 'id') != '')
GROUP BY project_id, hour, trace_id
SETTINGS prefer_column_name_to_alias = 1,
  max_bytes_before_external_group_by = 400000000, max_partitions_per_insert_block = 0;

EXCHANGE TABLES trace_prompts_by_hour AND trace_prompts;

DROP TABLE trace_prompts_by_hour;

CREATE MATERIALIZED VIEW trace_prompts_from_spans TO trace_prompts AS
SELECT project_id, toStartOfHour(seen_at) AS hour, trace_id,
  max(seen_at) AS last_seen, max(retention_days) AS retention_days,
  min((start_ns, span_id,
    if(JSONExtractString(raw, 'prompt', 'name') != '', JSONExtractString(raw, 'prompt', 'name'),
       JSONExtractString(raw, 'prompt', 'id')),
    trim(BOTH '"' FROM JSONExtractRaw(raw, 'prompt', 'version')))) AS prompt
FROM spans
WHERE position(raw, '"prompt":{') > 0
  AND (JSONExtractString(raw, 'prompt', 'name') != '' OR JSONExtractString(raw, 'prompt', 'id') != '')
GROUP BY project_id, hour, trace_id
SETTINGS prefer_column_name_to_alias = 1;
