"""How the engine is set up: as it starts, for each connection, and for the two kinds of questions."""

from pathlib import Path
from xml.sax.saxutils import escape

MARK_CACHE_BYTES = 134_217_728
UNCOMPRESSED_CACHE_SHARE = 8
"""Of the engine's memory one part in so many is for blocks that point reads have unpacked: the next ones
mostly want the same. One page of spans takes 25 MB, what some people look at in turns a hundred.

The latest stay: by default the engine lets new blocks into one half only.
"""

QUERY_TIMEOUT_S = 30
QUERY_MEMORY_LIMIT_BYTES = 1_000_000_000

MERGE_NICE = 10
"""Of the threads that merge parts: those that store and those that answer come first. Merges that share a
core with them have a tenth of it, and inserts that many parts slow down leave more. Does nothing where the
process may not set it.
"""

MERGED_TIMES_THE_LARGEST = 4.9
"""So many times its largest part a merge has to take in, each part counted as 5 MB more than it is.

Of five commits of hardly any size that is five parts. By the default of 5 they lack a hair, as one is the
largest; then the large part before them, of up to a megabyte, makes up for it, the small ones but the first
are left out as too small beside it, and a roll-up of 10,000 sessions is written anew with each commit.
"""

CONNECTION = {
    "max_execution_time": QUERY_TIMEOUT_S,
    "max_memory_usage": QUERY_MEMORY_LIMIT_BYTES,
    # A row of ours has an id; a block that happens to equal an earlier one is no duplicate.
    "insert_deduplicate": 0,
    # They look through a long statement, for a long time, for what ours do not have.
    "optimize_group_by_function_keys": 0,
    "optimize_and_compare_chain": 0,
}

POINT_READ = {"max_threads": 1, "use_uncompressed_cache": 1}
SCAN = {
    # It would only push out of the cache what the next point read wants.
    "use_uncompressed_cache": 0,
    # Else a query has one thread for each GiB that it may still take: one. What it takes is limited anyway.
    "max_threads_min_free_memory_per_thread": 0,
    # To look for each of a hundred thousand ids in an index takes longer than to read what it leaves out.
    "use_index_for_in_with_subqueries_max_values": 10_000,
    # Pages of things known by their ids come first; does nothing where the process may not set it.
    "os_threads_nice_value_query": 5,
}

_CONFIG = """<clickhouse>
  <max_server_memory_usage>{memory}</max_server_memory_usage>
  <mark_cache_size>{marks}</mark_cache_size>
  <uncompressed_cache_size>{uncompressed}</uncompressed_cache_size>
  <uncompressed_cache_policy>LRU</uncompressed_cache_policy>
  <os_threads_nice_value_merge_mutate>{merge_nice}</os_threads_nice_value_merge_mutate>
  <merge_tree><merge_selector_base>{merged}</merge_selector_base></merge_tree>
  <background_pool_size>2</background_pool_size>
  <background_schedule_pool_size>4</background_schedule_pool_size>
  <tmp_path>{tmp}/</tmp_path>
</clickhouse>
"""


def engine_config(memory_limit_bytes: int, scratch: Path) -> str:
    """The engine's own settings, as XML.

    Args:
        memory_limit_bytes: what it may take before it refuses a query.
        scratch: folder for its temporary files.
    """
    return _CONFIG.format(
        memory=memory_limit_bytes,
        marks=MARK_CACHE_BYTES,
        uncompressed=memory_limit_bytes // UNCOMPRESSED_CACHE_SHARE,
        merge_nice=MERGE_NICE,
        merged=MERGED_TIMES_THE_LARGEST,
        tmp=escape(str(scratch)),
    )
