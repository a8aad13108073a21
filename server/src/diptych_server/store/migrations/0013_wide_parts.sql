-- A part of some hundred rows keeps each column on its own as the large ones do. Where columns share granules, which the
-- engine does up to 10 MB unless told otherwise, each granule of each column is a block of its own to find and unpack:
-- the newest page of answers took 1.6 times as long. To insert costs the same: a packed part is one file either way.

ALTER TABLE answers MODIFY SETTING min_bytes_for_wide_part = 250000;

ALTER TABLE sessions MODIFY SETTING min_bytes_for_wide_part = 250000;

ALTER TABLE traces MODIFY SETTING min_bytes_for_wide_part = 250000;

ALTER TABLE evaluations MODIFY SETTING min_bytes_for_wide_part = 250000;

ALTER TABLE spans MODIFY SETTING min_bytes_for_wide_part = 1000000;
