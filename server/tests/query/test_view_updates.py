"""Differences of a view (`view_update`) are folded onto its last whole version, in their own order."""

from typing import Any

import msgspec
import pytest

from diptych_server.query.view_updates import fold
from diptych_server.store.database import Database
from diptych_server.store.rows import RumEventRow

from .conftest import Ask
from .seeds import deliver, view

WHOLE: dict[str, Any] = {
    "type": "view",
    "view": {"id": "v1", "time_spent": 1_000, "action": {"count": 1}, "custom_timings": {"first": 5}},
    "context": {"plan": "pro", "cart": 2},
    "_dd": {"document_version": 4, "page_states": [{"state": "active", "start": 0}]},
}


def whole(project_id: str, version: int, **changes: Any) -> RumEventRow:
    raw = WHOLE | {"_dd": WHOLE["_dd"] | {"document_version": version}}
    return view(project_id, version=version, raw=msgspec.json.encode(raw).decode(), **changes)


def difference(project_id: str, version: int, **said: Any) -> RumEventRow:
    raw = {"type": "view_update", "_dd": {"document_version": version, **said.pop("_dd", {})}, **said}
    return view(
        project_id,
        version=version,
        type="view_update",
        duration_ns=said.get("view", {}).get("time_spent", 0),
        raw=msgspec.json.encode(raw).decode(),
    )._replace(event_id=f"v1:{version}:update")


@pytest.mark.parametrize(
    ("changed", "folded"),
    [
        ({"view": {"action": {"count": 2}}}, {"view": WHOLE["view"] | {"action": {"count": 2}}}),
        (
            {"view": {"time_spent": None}},
            {"view": {k: v for k, v in WHOLE["view"].items() if k != "time_spent"}},
        ),
        (
            {"view": {"custom_timings": {"last": 9}}},
            {"view": WHOLE["view"] | {"custom_timings": {"last": 9}}},
        ),
        ({"context": {"cart": 3}}, {"context": {"cart": 3}}),
        ({"usr": {"id": "ana"}}, {"usr": {"id": "ana"}}),
        (
            {"_dd": {"page_states": [{"state": "hidden", "start": 7}]}},
            {
                "_dd": {
                    "document_version": 4,
                    "page_states": [{"state": "active", "start": 0}, {"state": "hidden", "start": 7}],
                }
            },
        ),
    ],
)
def test_objects_merge_but_for_what_stands_whole(changed: dict[str, Any], folded: dict[str, Any]) -> None:
    assert fold(WHOLE, changed) == WHOLE | folded
    assert WHOLE["view"]["time_spent"] == 1_000


async def test_a_view_is_its_whole_version_with_all_later_differences_in_their_order(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            difference(project_id, 7, view={"time_spent": 3_000_000, "action": {"count": 5}}),
            difference(
                project_id, 6, view={"time_spent": 2_000_000, "action": {"count": 4}}, context={"a": 1}
            ),
            difference(project_id, 3, view={"action": {"count": 99}}, context={"old": True}),
            whole(project_id, 4),
            whole(project_id, 1),
        ],
    )
    [event] = (await ask("sessions", "s1", "events", types="view")).json()["items"]
    assert (event["type"], event["event_id"], event["document_version"]) == ("view", "v1", 7)
    assert event["duration_ms"] == 3
    assert event["attributes"]["view"]["action"] == {"count": 5}
    assert event["attributes"]["context"] == {"a": 1}
    assert event["attributes"]["_dd"]["document_version"] == 7


async def test_a_view_of_which_only_differences_arrived_is_what_they_say(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            difference(project_id, 3, view={"time_spent": 2_000_000}),
            difference(project_id, 2, view={"action": {"count": 1}}),
        ],
    )
    [event] = (await ask("sessions", "s1", "events")).json()["items"]
    assert (event["type"], event["document_version"]) == ("view", 3)
    assert event["attributes"]["view"] == {"action": {"count": 1}, "time_spent": 2_000_000}
