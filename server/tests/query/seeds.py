"""Rows for the tests of the query side, as the intake would make them."""

import gzip
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from diptych_server.store.database import Database
from diptych_server.store.rows import (
    EvaluationRow,
    ReplaySegmentRow,
    Row,
    RumEventRow,
    SpanRow,
    first_wins,
    last_wins,
)

NOW_MS = int(time.time()) * 1000
"""One moment for a whole run: the seeds are a minute old."""

ASKED_MS = NOW_MS - 60_000

TRACE = "a" * 32
ROOT = "b" * 16


def rum(project_id: str, event_id: str, **changes: Any) -> RumEventRow:
    """An action of session `s1`, on its view `v1`, at `ASKED_MS`."""
    row = RumEventRow(
        project_id=project_id,
        event_id=event_id,
        precedence=first_wins(NOW_MS),
        type="action",
        ts=ASKED_MS,
        seen_at=changes.get("ts", ASKED_MS),
        received_at=NOW_MS,
        clock_offset_ms=20,
        retention_days=30,
        application_id="shop",
        session_id="s1",
        view_id="v1",
        tab_id="tab",
        view_url="http://shop/",
        raw='{"type":"action"}',
    )
    return row._replace(**changes)


def view(project_id: str, view_id: str = "v1", version: int = 1, **changes: Any) -> RumEventRow:
    """One version of a view."""
    return rum(
        project_id,
        f"{view_id}-{version}",
        **{"type": "view", "view_id": view_id, "document_version": version, "name": "/"} | changes,
    )


def resource(project_id: str, event_id: str, **changes: Any) -> RumEventRow:
    """A request of the page that carried `traceparent` for `TRACE`; 400 ms long."""
    fields = {"type": "resource", "name": "http://shop/chat", "duration_ns": 400_000_000, "trace_id": TRACE}
    return rum(project_id, event_id, **fields | {"span_id": "e" * 16} | changes)


def span(project_id: str, span_id: str = ROOT, **changes: Any) -> SpanRow:
    """An agent span at the root of `TRACE`: 300 ms long, begun 50 ms after it was asked."""
    row = SpanRow(
        project_id=project_id,
        trace_id=TRACE,
        span_id=span_id,
        parent_id="",
        precedence=last_wins(NOW_MS),
        start_ns=(ASKED_MS + 50) * 1_000_000,
        duration_ns=300_000_000,
        seen_at=changes.get("start_ns", (ASKED_MS + 50) * 1_000_000) // 1_000_000,
        received_at=NOW_MS,
        retention_days=30,
        name="concierge",
        kind="agent",
        service="shop-agent",
        ml_app="concierge",
    )
    return row._replace(**changes)


def llm(project_id: str, span_id: str, **changes: Any) -> SpanRow:
    """A model call under the root: 100 tokens in, 20 out, 0.001 USD."""
    fields = {
        "parent_id": ROOT,
        "name": "chat model-1",
        "kind": "llm",
        "scope": "diptych",
        "start_ns": (ASKED_MS + 100) * 1_000_000,
        "duration_ns": 100_000_000,
        "model": "model-1",
        "has_usage": 1,
        "input_tokens": 100,
        "output_tokens": 20,
        "cost_usd": 0.001,
    }
    return span(project_id, span_id, **fields | changes)


def segment(project_id: str, index: int, **changes: Any) -> ReplaySegmentRow:
    """Segment of view `v1`, five seconds each, the first at `ASKED_MS` - 10 s."""
    start = ASKED_MS - 10_000 + 5_000 * index
    row = ReplaySegmentRow(
        project_id=project_id,
        session_id="s1",
        view_id="v1",
        segment_index=index,
        content_hash=f"hash-{index}",
        precedence=first_wins(NOW_MS),
        seen_at=start,
        received_at=NOW_MS,
        clock_offset_ms=30,
        retention_days=30,
        application_id="shop",
        tab_id="tab",
        start=start,
        end=start + 5_000,
        records=2,
        has_full_snapshot=int(index == 0),
        format="rrweb",
        bytes=10,
        blob_key=f"{project_id}/s1/v1/{index}-hash",
    )
    return row._replace(**changes)


def evaluation(project_id: str, evaluation_id: str, **changes: Any) -> EvaluationRow:
    """A passing verdict on `TRACE`."""
    row = EvaluationRow(
        project_id=project_id,
        evaluation_id=evaluation_id,
        precedence=last_wins(NOW_MS),
        ts=ASKED_MS + 1_000,
        seen_at=ASKED_MS + 1_000,
        received_at=NOW_MS,
        retention_days=30,
        label="faithful",
        metric_type="boolean",
        value="true",
        assessment="pass",
        source="judge",
        trace_id=TRACE,
    )
    return row._replace(**changes)


def blob(events: Sequence[dict[str, Any]]) -> bytes:
    """A segment as the intake keeps it: gzip of a header line and one event a line."""
    lines = [{"format": "rrweb"}, *events]
    return gzip.compress(b"\n".join(msgspec.json.encode(line) for line in lines))


async def deliver(database: Database, rows: Iterable[Row], seed: int = 0) -> None:
    """Insert the rows in a random order, cut into batches at random, some of them twice."""
    chance = random.Random(seed)
    shuffled = list(rows)
    shuffled += [row for row in shuffled if chance.random() < 0.4]
    chance.shuffle(shuffled)
    while shuffled:
        size = chance.randint(1, 5)
        batch, shuffled = shuffled[:size], shuffled[size:]
        by_table: dict[type[Row], list[Row]] = defaultdict(list)
        for row in batch:
            by_table[type(row)].append(row)
        for each in by_table.values():
            await database.insert(each)
