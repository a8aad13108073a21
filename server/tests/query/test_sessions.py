"""The list of sessions: what it holds, its order, its pages, its range."""

from typing import Any

from diptych_server.query.instants import DAY_MS
from diptych_server.store.database import Database

from .conftest import Ask
from .seeds import ASKED_MS, TRACE, deliver, llm, resource, rum, segment, span, view


async def test_a_session_shows_both_of_its_sides(database: Database, project_id: str, ask: Ask) -> None:
    await deliver(
        database,
        [
            view(project_id, browser="Chrome 131", os="Linux", device="desktop"),
            view(project_id, version=2, user_id="42", user_name="Ada", user_email="ada@example.org"),
            view(
                project_id, "v2", ts=ASKED_MS + 9_000, view_url="http://shop/faq", service="web", env="prod"
            ),
            rum(project_id, "click", frustrations=("rage_click", "error_click")),
            rum(project_id, "tap", frustrations=("rage_click",)),
            rum(project_id, "oops", type="error"),
            rum(project_id, "slow", type="long_task"),
            rum(project_id, "answer", type="answer", trace_id=TRACE),
            resource(project_id, "chat"),
            span(project_id),
            llm(project_id, "c" * 16),
            segment(project_id, 0),
            segment(project_id, 1),
            segment(project_id, 3),
        ],
    )
    [session] = (await ask("sessions")).json()["items"]
    assert session.pop("first_seen") < session.pop("last_seen")
    assert session == {
        "session_id": "s1",
        "application_id": "shop",
        "service": "web",
        "env": "prod",
        "version": "",
        "user": {"id": "42", "name": "Ada", "email": "ada@example.org"},
        "browser": "Chrome 131",
        "os": "Linux",
        "device": "desktop",
        "country": "",
        "duration_ms": 9_000,
        "is_active": True,
        "views": 2,
        "actions": 2,
        "errors": 1,
        "resources": 1,
        "long_tasks": 1,
        "answers": 1,
        "frustrations": {"rage_click": 2, "error_click": 1},
        "first_view_url": "http://shop/",
        "last_view_url": "http://shop/faq",
        "has_replay": True,
        "replay_ms": 15_000,
        "traces": 1,
        "tokens": {
            "input": 100,
            "output": 20,
            "cache_read": 0,
            "cache_write": 0,
            "reasoning": 0,
            "total": 120,
        },
        "cost_usd": 0.001,
    }
    assert (await ask("sessions", "s1")).json().items() >= session.items()


async def test_pages_follow_each_other_without_a_gap_in_either_order(
    database: Database, project_id: str, ask: Ask
) -> None:
    # Two of them were last seen in the same millisecond.
    ends = {"a": 0, "b": 1_000, "c": 1_000, "d": 2_000, "e": 3_000}
    await deliver(
        database,
        [rum(project_id, name, session_id=name, ts=ASKED_MS + end) for name, end in ends.items()],
    )
    for order, expected in (("desc", list("edcba")), ("asc", list("abcde"))):
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = (await ask("sessions", limit=2, order=order, **cursor)).json()
            found += [session["session_id"] for session in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert found == expected


async def test_sessions_sort_by_their_start_and_by_their_length(
    database: Database, project_id: str, ask: Ask
) -> None:
    spans_of_time = {"long": (0, 9_000), "late": (8_000, 8_500), "short": (100, 200)}
    await deliver(
        database,
        [
            rum(project_id, f"{name}-{at}", session_id=name, ts=ASKED_MS + at)
            for name, moments in spans_of_time.items()
            for at in moments
        ],
    )

    async def ids(sort: str) -> list[str]:
        return [session["session_id"] for session in (await ask("sessions", sort=sort)).json()["items"]]

    assert await ids("first_seen") == ["late", "short", "long"]
    assert await ids("duration") == ["long", "late", "short"]
    assert await ids("last_seen") == ["long", "late", "short"]


async def test_the_range_holds_the_sessions_that_were_going_on_in_it(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            rum(project_id, "1", session_id="over", ts=ASKED_MS - 2 * DAY_MS),
            rum(project_id, "2", session_id="going on", ts=ASKED_MS - DAY_MS - 60_000),
            rum(project_id, "3", session_id="going on", ts=ASKED_MS - DAY_MS + 60_000),
            rum(project_id, "4", session_id="to come", ts=ASKED_MS),
        ],
    )
    bounds = {"from_": ASKED_MS - DAY_MS - 1_000, "to": ASKED_MS - 1_000}
    page = (await ask("sessions", **bounds)).json()
    assert [session["session_id"] for session in page["items"]] == ["going on"]
    # What lies outside the range still belongs to the session.
    assert page["items"][0]["actions"] == 2
    assert page["items"][0]["duration_ms"] == 120_000


async def test_without_a_range_the_last_24_hours_are_meant(
    database: Database, project_id: str, ask: Ask
) -> None:
    old = rum(project_id, "old", session_id="old", ts=ASKED_MS - DAY_MS - 1)
    ahead = rum(project_id, "ahead", session_id="ahead", ts=ASKED_MS + 4 * 60_000)
    await deliver(database, [old, ahead])
    items = (await ask("sessions")).json()["items"]
    assert [session["session_id"] for session in items] == ["ahead"]


async def test_one_id_in_two_projects_is_two_sessions(database: Database, project_id: str, ask: Ask) -> None:
    other = f"{project_id}-other"
    await deliver(
        database,
        [
            view(project_id, user_id="mine"),
            resource(project_id, "chat"),
            span(project_id),
            llm(project_id, "c" * 16),
            view(other, user_id="theirs"),
            rum(other, "click"),
            segment(other, 0),
        ],
    )
    [mine] = (await ask("sessions")).json()["items"]
    [theirs] = (await ask("sessions", project=other)).json()["items"]
    assert (mine["user"]["id"], mine["actions"], mine["traces"], mine["has_replay"]) == ("mine", 0, 1, False)
    assert (theirs["user"]["id"], theirs["actions"], theirs["traces"], theirs["has_replay"]) == (
        "theirs",
        1,
        0,
        True,
    )


async def test_a_session_is_found_when_its_rum_comes_and_not_before(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [span(project_id, session_claim="s1"), llm(project_id, "c" * 16), segment(project_id, 0)],
    )
    missing = await ask("sessions", "s1")
    assert missing.status_code == 404
    assert missing.json()["detail"] == "no RUM event of session 's1' has arrived in this project"
    assert (await ask("sessions")).json() == {"items": [], "next_cursor": None}
    await deliver(database, [view(project_id)])
    session = (await ask("sessions", "s1")).json()
    # What it had before it was known to be one comes with it.
    assert (session["traces"], session["tokens"]["total"], session["has_replay"]) == (1, 120, True)


async def test_an_id_may_hold_any_text(database: Database, project_id: str, ask: Ask) -> None:
    awkward = 'ü/é?x=1#y 100%25 it\'s "quoted" ../\\'
    await deliver(database, [view(project_id, session_id=awkward)])
    assert (await ask("sessions", awkward)).json()["session_id"] == awkward
    assert len((await ask("sessions", awkward, "events")).json()["items"]) == 1


async def test_a_search_that_finds_too_few_among_the_first_rows_looks_through_all_the_next_time(
    database: Database, project_id: str, ask: Ask, statements: list[str]
) -> None:
    def session(number: int, **changes: Any) -> Any:
        return rum(project_id, f"event {number}", session_id=f"s{number:02}", ts=ASKED_MS + number, **changes)

    await deliver(database, [session(0, type="error"), *(session(number) for number in range(1, 60))])

    def looked() -> list[str]:
        keys = [sql for sql in statements if "sessions" in sql and "sort_key" in sql]
        return ["some" if "{among" in sql else "all" for sql in keys]

    async def found() -> list[str]:
        statements.clear()
        sessions = (await ask("sessions", query="error.count:>0", limit=1)).json()["items"]
        return [each["session_id"] for each in sessions]

    assert (await found(), looked()) == (["s00"], ["some", "all"])
    assert (await found(), looked()) == (["s00"], ["all"])
    await database.insert([session(number, type="error") for number in range(60, 70)])
    assert (await found(), looked()) == (["s69"], ["all"])
    assert (await ask("sessions", limit=1)).json()["items"][0]["session_id"] == "s69"
    assert looked() == ["all", "some"], "a list of all looks at the first rows"
