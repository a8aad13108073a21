-- What answers are searched by stands beside what they are listed by: as the page felt them, where they were asked,
-- and what people did with them. Of an answer that came twice the first delivery is told, as everywhere. And the
-- prompt of a trace, of the few spans that tell one. Each step can be run again, should the one before have been the last.

DROP VIEW IF EXISTS answers_from_rum;

DROP TABLE IF EXISTS answers_felt;

-- -1 is "not known". `reactions` come as events of their own, perhaps before the answer and on another day: a row of
-- them alone is no answer (`is_answer` 0), and its `first_seen` and `asked` are far away.
CREATE TABLE answers_felt (
  project_id LowCardinality(String),
  day Date,
  event_id String CODEC(ZSTD(1)),
  first_seen SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
  last_seen SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  retention_days SimpleAggregateFunction(max, UInt16),
  asked SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'page clock',
  session_id SimpleAggregateFunction(max, String),
  trace_id SimpleAggregateFunction(max, String),
  is_answer SimpleAggregateFunction(max, UInt8),
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
  view_url AggregateFunction(argMax, String, UInt64),
  view_name AggregateFunction(argMax, String, UInt64),
  reactions SimpleAggregateFunction(groupUniqArrayArray, Array(Tuple(event_id String, precedence UInt64, at_ms Int64,
    kind String, after_ms Float64, confidence Float64))) COMMENT 'every delivery',
  INDEX by_session session_id TYPE bloom_filter(0.001) GRANULARITY 1,
  INDEX by_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = AggregatingMergeTree
PARTITION BY day
ORDER BY (project_id, event_id, day)
TTL toDateTime(last_seen) + toIntervalDay(retention_days)
SETTINGS index_granularity = 128 /*packed*/;

INSERT INTO answers_felt
SELECT
  project_id, toDate(seen_at) AS day,
  if(type = 'answer', event_id, JSONExtractString(raw, 'reaction', 'answer_id')) AS event_id,
  min(if(type = 'answer', seen_at, toDateTime64('2299-12-31 00:00:00', 3, 'UTC'))) AS first_seen,
  max(seen_at) AS last_seen, max(retention_days) AS retention_days,
  min(if(type = 'answer', ts, toDateTime64('2299-12-31 00:00:00', 3, 'UTC'))) AS asked,
  maxIf(session_id, type = 'answer') AS session_id, maxIf(trace_id, type = 'answer') AS trace_id,
  max(toUInt8(type = 'answer')) AS is_answer,
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
  argMaxStateIf(view_url, precedence, type = 'answer') AS view_url,
  argMaxStateIf(view_name, precedence, type = 'answer') AS view_name,
  groupUniqArrayIf((event_id, precedence, toUnixTimestamp64Milli(ts), toString(reaction),
    ifNull(JSONExtract(raw, 'reaction', 'after_ms', 'Nullable(Float64)'), -1),
    ifNull(JSONExtract(raw, 'reaction', 'confidence', 'Nullable(Float64)'), -1)), type = 'reaction') AS reactions
FROM rum_events
WHERE type IN ('answer', 'reaction')
GROUP BY project_id, toDate(seen_at), if(type = 'answer', event_id, JSONExtractString(raw, 'reaction', 'answer_id'))
HAVING if(type = 'answer', event_id, JSONExtractString(raw, 'reaction', 'answer_id')) != ''
SETTINGS prefer_column_name_to_alias = 1;

EXCHANGE TABLES answers_felt AND answers;

DROP TABLE answers_felt;

CREATE MATERIALIZED VIEW answers_from_rum TO answers AS
SELECT
  project_id, toDate(seen_at) AS day,
  if(type = 'answer', event_id, JSONExtractString(raw, 'reaction', 'answer_id')) AS event_id,
  min(if(type = 'answer', seen_at, toDateTime64('2299-12-31 00:00:00', 3, 'UTC'))) AS first_seen,
  max(seen_at) AS last_seen, max(retention_days) AS retention_days,
  min(if(type = 'answer', ts, toDateTime64('2299-12-31 00:00:00', 3, 'UTC'))) AS asked,
  maxIf(session_id, type = 'answer') AS session_id, maxIf(trace_id, type = 'answer') AS trace_id,
  max(toUInt8(type = 'answer')) AS is_answer,
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
  argMaxStateIf(view_url, precedence, type = 'answer') AS view_url,
  argMaxStateIf(view_name, precedence, type = 'answer') AS view_name,
  groupUniqArrayIf((event_id, precedence, toUnixTimestamp64Milli(ts), toString(reaction),
    ifNull(JSONExtract(raw, 'reaction', 'after_ms', 'Nullable(Float64)'), -1),
    ifNull(JSONExtract(raw, 'reaction', 'confidence', 'Nullable(Float64)'), -1)), type = 'reaction') AS reactions
FROM rum_events
WHERE type IN ('answer', 'reaction')
GROUP BY project_id, toDate(seen_at), if(type = 'answer', event_id, JSONExtractString(raw, 'reaction', 'answer_id'))
HAVING if(type = 'answer', event_id, JSONExtractString(raw, 'reaction', 'answer_id')) != ''
SETTINGS prefer_column_name_to_alias = 1;

DROP VIEW IF EXISTS trace_prompts_from_spans;

CREATE TABLE IF NOT EXISTS trace_prompts (
  project_id LowCardinality(String),
  day Date,
  trace_id String CODEC(ZSTD(1)),
  last_seen SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  retention_days SimpleAggregateFunction(max, UInt16),
  prompt SimpleAggregateFunction(min, Tuple(start_ns Int64, span_id String, name String, version String))
    COMMENT 'of the first span that tells one'
)
ENGINE = AggregatingMergeTree
PARTITION BY day
ORDER BY (project_id, trace_id, day)
TTL toDateTime(last_seen) + toIntervalDay(retention_days)
SETTINGS index_granularity = 128 /*packed*/;

INSERT INTO trace_prompts
SELECT project_id, toDate(seen_at) AS day, trace_id,
  max(seen_at) AS last_seen, max(retention_days) AS retention_days,
  min((start_ns, span_id,
    if(JSONExtractString(raw, 'prompt', 'name') != '', JSONExtractString(raw, 'prompt', 'name'),
       JSONExtractString(raw, 'prompt', 'id')),
    trim(BOTH '"' FROM JSONExtractRaw(raw, 'prompt', 'version')))) AS prompt
FROM spans
WHERE position(raw, '"prompt":{') > 0
  AND (JSONExtractString(raw, 'prompt', 'name') != '' OR JSONExtractString(raw, 'prompt', 'id') != '')
GROUP BY project_id, day, trace_id
SETTINGS prefer_column_name_to_alias = 1;

CREATE MATERIALIZED VIEW trace_prompts_from_spans TO trace_prompts AS
SELECT project_id, toDate(seen_at) AS day, trace_id,
  max(seen_at) AS last_seen, max(retention_days) AS retention_days,
  min((start_ns, span_id,
    if(JSONExtractString(raw, 'prompt', 'name') != '', JSONExtractString(raw, 'prompt', 'name'),
       JSONExtractString(raw, 'prompt', 'id')),
    trim(BOTH '"' FROM JSONExtractRaw(raw, 'prompt', 'version')))) AS prompt
FROM spans
WHERE position(raw, '"prompt":{') > 0
  AND (JSONExtractString(raw, 'prompt', 'name') != '' OR JSONExtractString(raw, 'prompt', 'id') != '')
GROUP BY project_id, day, trace_id
SETTINGS prefer_column_name_to_alias = 1;
