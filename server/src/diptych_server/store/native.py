"""Rows in ClickHouse's Native format: what an insert of the engine reads fastest."""

from collections.abc import Sequence

from clickhouse_connect.datatypes.base import ClickHouseType
from clickhouse_connect.driver.insert import InsertContext
from clickhouse_connect.driver.transform import NativeTransform

from diptych_server.store.rows import Row

Blocks = Sequence[bytes]
"""One or two megabytes each."""


def native(table: str, names: list[str], types: list[ClickHouseType], rows: Sequence[Row]) -> Blocks:
    """The columns of `rows`, in the order of `names`, as the driver itself encodes them for an insert.

    Raises:
        ClickHouseError, TypeError, ValueError, OverflowError: a column cannot hold a value.
    """
    context = InsertContext(
        table, names, types, list(zip(*rows, strict=True)), column_oriented=True, compression=False
    )
    first, *others = NativeTransform.build_insert(context)
    if context.insert_exception is not None:
        raise context.insert_exception
    # The statement stands before the data, as HTTP has it.
    return [first[first.index(b"\n") + 1 :], *others]
