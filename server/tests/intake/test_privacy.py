"""Privacy rules at every door: nothing that a rule finds reaches the store, and what joins still joins."""

import gzip
import json
from typing import Any

import pytest

from diptych_server.privacy.rules import Rules
from diptych_server.store.database import Database

from .conftest import House, OpenDoors, Sender, lines, sender_of
from .samples import TRACE_ID, event, otlp, segment_lines, span, span_event

MAIL = "ada@example.com"
CARD = "4111 1111 1111 1111"


@pytest.fixture(scope="module")
def strict(open_doors: OpenDoors) -> House:
    """Doors that let no mail address and no card number in."""
    return open_doors(rules=Rules.parse(["email", "card"]))


@pytest.fixture
def careful(strict: House, database: Database, project_id: str) -> Sender:
    """A sender to those doors."""
    return sender_of(strict, database, project_id)


async def everything(sender: Sender) -> str:
    """All that is stored of the project, as one text."""
    tables = ("rum_events", "replay_segments", "spans", "span_messages", "evaluations")
    held: list[Any] = [await sender.rows(table) for table in tables]
    blobs = [await sender.house.blobs.get(row["blob_key"]) for row in held[1]]
    held += [gzip.decompress(blob).decode() for blob in blobs]
    return json.dumps(held, default=str)


async def test_events(careful: Sender) -> None:
    session_id = "4111111111111111"
    sent = event(
        session={"id": session_id},
        usr={"id": MAIL, "email": MAIL},
        view={"id": "v", "url": f"https://x/?to={MAIL}"},
        action={"id": "a", "target": {"name": f"Mail {MAIL}"}},
        context={"note": [f"card {CARD}"]},
        dip={"trace_id": TRACE_ID},
    )
    answer = careful.rum(lines(sent, b'{"a":NaN}')).json()
    assert (answer["accepted"], answer["rejected"]) == (1, 1)
    (row,) = await careful.rows("rum_events")
    assert (row["session_id"], row["event_id"], row["trace_id"]) == (session_id, "a", TRACE_ID)
    assert (row["user_id"], row["name"], row["view_url"]) == (
        "[email]",
        "Mail [email]",
        "https://x/?to=[email]",
    )
    assert MAIL not in (text := await everything(careful))
    assert CARD not in text


async def test_recordings(careful: Sender) -> None:
    typed = {"type": 3, "timestamp": 1795375281000, "data": {"source": 5, "text": f"{CARD} {MAIL}", "id": 7}}
    assert careful.replay(lines(*segment_lines(), typed)).json()["accepted"] == 5
    text = await everything(careful)
    assert MAIL not in text
    assert CARD not in text
    assert "[card] [email]" in text


async def test_spans_and_logs(careful: Sender) -> None:
    said = json.dumps([{"role": "user", "parts": [{"type": "text", "content": f"I am {MAIL}"}]}])
    attributes = {
        "gen_ai.input.messages": said,
        "input.value": MAIL,
        "user.id": MAIL,
        "diptych.session.id": "4111111111111111",
        "deep": {"list": [MAIL, {"card": CARD}]},
        "number": 4111111111111111,
    }
    failed = span(
        attributes,
        status={"code": 2, "message": MAIL},
        events=[span_event("exception", {"exception.message": f"for {MAIL}"})],
        links=[{"traceId": TRACE_ID, "spanId": "00f067aa0ba902b7", "attributes": []}],
    )
    careful.traces(otlp(failed, resource={"service.name": "svc", "host.owner": MAIL}))
    (row,) = await careful.rows("spans")
    assert (row["session_id"], row["user_id"], row["input_preview"]) == (
        "4111111111111111",
        "[email]",
        "I am [email]",
    )
    assert json.loads(row["input"])[0]["parts"][0]["content"] == "I am [email]"
    text = await everything(careful)
    assert MAIL not in text
    assert CARD not in text


async def test_evaluations(careful: Sender) -> None:
    item = {
        "label": "tone",
        "metric_type": "text",
        "value": f"wrote to {MAIL}",
        "join_on": {"feedback_key": MAIL},
        "reasoning": MAIL,
        "metadata": {"by": MAIL},
    }
    careful.post("/v1/evaluations", lines({"evaluations": [item]}), key=careful.server_key)
    (row,) = await careful.rows("evaluations")
    assert row["feedback_key"] == MAIL, "a key that joins stays"
    assert (row["value"], row["reasoning"], row["metadata"]) == (
        '"wrote to [email]"',
        "[email]",
        '{"by":"[email]"}',
    )


async def test_headers_that_hold_keys_are_kept_nowhere_with_no_rule_at_all(sender: Sender) -> None:
    """Instrumentations record the headers that a call of a model was given; nobody asked them to."""
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.headers": "{'Authorization': 'Bearer sk-secret', 'X-Trace': '1'}",
        "llm.headers": "{'Helicone-Auth': 'Bearer sk-secret'}",
        "ai.request.headers.Authorization": "Bearer sk-secret",
        "ai.request.headers.user-agent": "ai/6",
        "http.request.header.x-api-key": ["sk-secret"],
        "http.response.header.set-cookie": ["session=sk-secret"],
        "http.request.header.accept": ["text/html"],
    }
    assert sender.traces(otlp(span(attributes))).json() == {}
    [row] = await sender.rows("spans")
    assert "sk-secret" not in repr(row)
    kept = json.loads(row["raw"])["attributes"]
    assert kept["ai.request.headers.user-agent"] == "ai/6"
    assert kept["http.request.header.accept"] == ["text/html"]
    assert kept["gen_ai.headers"] == "[not kept: keys may be in it]"
