-- The sessions of fifty traces stand in fifty places: what is unpacked for each is as small as in the other roll-ups.
-- Parts are written so from now on, and older ones as they merge.

ALTER TABLE trace_sessions MODIFY SETTING min_compress_block_size = 16384;
