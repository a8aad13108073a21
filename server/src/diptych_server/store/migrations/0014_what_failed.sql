-- Whether anything failed is asked of every trace and session of a period; to count the hashes of what failed for it
-- took longer than all else that is asked of them. Older parts are given the columns in the background; until then they
-- are made as they are read.

ALTER TABLE traces ADD COLUMN IF NOT EXISTS has_errors SimpleAggregateFunction(max, UInt8)
  MATERIALIZED finalizeAggregation(errors) > 0;

ALTER TABLE traces MATERIALIZE COLUMN has_errors;

ALTER TABLE sessions ADD COLUMN IF NOT EXISTS has_errors SimpleAggregateFunction(max, UInt8)
  MATERIALIZED finalizeAggregation(errors) > 0;

ALTER TABLE sessions ADD COLUMN IF NOT EXISTS is_frustrated SimpleAggregateFunction(max, UInt8)
  MATERIALIZED finalizeAggregation(rage_clicks) + finalizeAggregation(dead_clicks) + finalizeAggregation(error_clicks) > 0;

ALTER TABLE sessions MATERIALIZE COLUMN has_errors;

ALTER TABLE sessions MATERIALIZE COLUMN is_frustrated;
