"""Why nothing is linked: what the server knows of both sides of a session id."""

from diptych_server.store.database import Database

from .conftest import Ask
from .seeds import ASKED_MS, TRACE, deliver, llm, resource, rum, span, view

NOTHING = {
    "session_exists": False,
    "linked_traces": 0,
    "answers": 0,
    "requests": 0,
    "traced_requests": 0,
    "untraced_origins": [],
    "failed_requests": 0,
    "unseen_trace_id": None,
    "unseen_traces": 0,
    "traces_without_llm": 0,
    "homeless_traces": 0,
    "homeless_trace_id": None,
    "project_has_traces": False,
    "project_has_sessions": False,
    "named_at": None,
    "named_by": [],
    "sessions_around": 0,
    "session_sample_rate": None,
}


async def test_of_an_id_that_nobody_named_nothing_is_known(ask: Ask) -> None:
    answer = await ask("sessions", "nobody", "link-check")
    assert (answer.status_code, answer.json()) == (200, NOTHING)


async def test_a_page_whose_requests_carry_no_ids(database: Database, project_id: str, ask: Ask) -> None:
    plain = {"resource_type": "fetch", "trace_id": "", "span_id": ""}
    await deliver(
        database,
        [
            view(project_id, ts=ASKED_MS - 5_000),
            resource(project_id, "r1", name="https://agent.shop/chat", **plain),
            resource(project_id, "r2", name="https://agent.shop/chat", status_code=200, **plain),
            resource(project_id, "r3", name="https://cdn.shop/logo.png", resource_type="image", trace_id=""),
            rum(project_id, "late", ts=ASKED_MS + 5_000),
            # Of an agent that was asked meanwhile, and was told of no session.
            span(project_id, trace_id="f" * 32),
            llm(project_id, "c" * 16, trace_id="f" * 32),
        ],
    )
    told = (await ask("sessions", "s1", "link-check")).json()
    assert told == NOTHING | {
        "session_exists": True,
        "requests": 2,
        "untraced_origins": ["https://agent.shop"],
        "failed_requests": 1,
        "homeless_traces": 1,
        "homeless_trace_id": "f" * 32,
        "project_has_traces": True,
        "project_has_sessions": True,
    }


async def test_ids_that_only_the_page_has_seen(database: Database, project_id: str, ask: Ask) -> None:
    asked = resource(project_id, "r1", resource_type="fetch", status_code=200)
    answered = rum(project_id, "a1", type="answer", trace_id=TRACE)
    await deliver(database, [view(project_id), asked, answered])
    told = (await ask("sessions", "s1", "link-check")).json()
    assert (told["answers"], told["traced_requests"]) == (1, 2)
    assert (told["unseen_traces"], told["unseen_trace_id"]) == (1, TRACE)

    await deliver(database, [span(project_id, kind="span")])
    told = (await ask("sessions", "s1", "link-check")).json()
    assert (told["unseen_traces"], told["traces_without_llm"], told["linked_traces"]) == (0, 1, 0)

    await deliver(database, [llm(project_id, "c" * 16)])
    told = (await ask("sessions", "s1", "link-check")).json()
    assert (told["traces_without_llm"], told["linked_traces"]) == (0, 1)


async def test_an_id_that_only_traces_name(database: Database, project_id: str, ask: Ask) -> None:
    raw = '{"type":"view","_dd":{"configuration":{"session_sample_rate":20}}}'
    await deliver(
        database,
        [
            view(project_id, session_id="another", raw=raw),
            span(project_id, session_id="unsampled", session_source="baggage"),
        ],
    )
    told = (await ask("sessions", "unsampled", "link-check")).json()
    named_at = told.pop("named_at")
    assert named_at.endswith("Z")
    del told["project_has_traces"]
    assert told == {key: value for key, value in NOTHING.items() if key in told} | {
        "linked_traces": 1,
        "project_has_sessions": True,
        "named_by": ["baggage"],
        "sessions_around": 1,
        "session_sample_rate": 20.0,
    }
