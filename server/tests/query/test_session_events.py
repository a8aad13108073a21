"""The events of a session: each once, a view in its highest version, in order of time."""

import msgspec

from diptych_server.store.database import Database
from diptych_server.store.rows import first_wins

from .conftest import Ask
from .seeds import ASKED_MS, NOW_MS, TRACE, deliver, resource, rum, span, view


async def test_an_event_is_shown_in_the_words_of_the_timeline(
    database: Database, project_id: str, ask: Ask
) -> None:
    sent = {
        "type": "error",
        "date": ASKED_MS,
        "error": {"id": "oops", "message": "x is not a function", "stack": "at app.js:1"},
        "context": {"cart": [1, 2]},
    }
    await deliver(
        database,
        [
            rum(
                project_id,
                "oops",
                type="error",
                seen_at=ASKED_MS + 20,
                name="x is not a function",
                view_name="Shop",
                error_type="TypeError",
                raw=msgspec.json.encode(sent).decode(),
            )
        ],
    )
    [event] = (await ask("sessions", "s1", "events")).json()["items"]
    assert event.pop("seen_at") > event.pop("ts")
    assert event == {
        "event_id": "oops",
        "type": "error",
        "view_id": "v1",
        "view_url": "http://shop/",
        "view_name": "Shop",
        "name": "x is not a function",
        "duration_ms": None,
        "status_code": None,
        "method": None,
        "resource_type": None,
        "action_type": None,
        "frustrations": [],
        "error_type": "TypeError",
        "error_stack": "at app.js:1",
        "trace_id": None,
        "tab_id": "tab",
        "document_version": None,
        "attributes": {"error": sent["error"], "context": {"cart": [1, 2]}},
    }


async def test_a_view_is_its_highest_version_whenever_that_came(
    database: Database, project_id: str, ask: Ask
) -> None:
    versions = [view(project_id, version=number, view_name=f"name {number}") for number in (1, 2, 10)]
    await deliver(database, versions, seed=3)
    [event] = (await ask("sessions", "s1", "events")).json()["items"]
    assert (event["event_id"], event["document_version"], event["view_name"]) == ("v1", 10, "name 10")
    assert (await ask("sessions", "s1")).json()["views"] == 1


async def test_the_first_delivery_of_an_event_stays(database: Database, project_id: str, ask: Ask) -> None:
    first = rum(project_id, "click", name="first", precedence=first_wins(NOW_MS))
    forged = rum(project_id, "click", name="forged", precedence=first_wins(NOW_MS + 1), ts=ASKED_MS + 5)
    await deliver(database, [forged, first])
    [event] = (await ask("sessions", "s1", "events")).json()["items"]
    assert event["name"] == "first"


async def test_events_come_oldest_first_page_by_page(database: Database, project_id: str, ask: Ask) -> None:
    rows = [rum(project_id, f"click-{number}", ts=ASKED_MS + number // 3) for number in range(8)]
    await deliver(database, [*rows, view(project_id, version=1, ts=ASKED_MS + 1)])
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await ask("sessions", "s1", "events", limit=4, **cursor)).json()
        found += [event["event_id"] for event in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == [
        *(f"click-{number}" for number in range(6)),
        "v1",
        *(f"click-{number}" for number in (6, 7)),
    ]


async def test_types_can_be_chosen(database: Database, project_id: str, ask: Ask) -> None:
    await deliver(
        database, [view(project_id), rum(project_id, "click"), resource(project_id, "chat", status_code=200)]
    )
    items = (await ask("sessions", "s1", "events", type=["view", "resource"])).json()["items"]
    assert [(event["event_id"], event["status_code"]) for event in items] == [("chat", 200), ("v1", None)]
    assert items[0]["trace_id"] == TRACE
    assert items[0]["duration_ms"] == 400.0
    assert (await ask("sessions", "s1", "events", type="vital")).json()["items"] == []


async def test_a_session_without_rum_has_no_events(database: Database, project_id: str, ask: Ask) -> None:
    await deliver(database, [span(project_id, session_id="s1", session_source="explicit")])
    assert (await ask("sessions", "s1", "events")).status_code == 404
    other = f"{project_id}-other"
    await deliver(database, [rum(other, "click")])
    assert (await ask("sessions", "s1", "events")).status_code == 404
