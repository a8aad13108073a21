"""Messages that came as log records, shown on the span that has none of its own."""

from typing import Any

import msgspec

from diptych_server.store.database import Database
from diptych_server.store.rows import SpanMessagesRow, last_wins
from diptych_server.wire.span_raw import SpanRaw

from .conftest import Ask
from .seeds import ASKED_MS, NOW_MS, TRACE, deliver, llm

CALL = "c" * 16


def said(role: str, text: str) -> str:
    return msgspec.json.encode([{"role": role, "parts": [{"type": "text", "content": text}]}]).decode()


def record(project_id: str, number: int, **changes: Any) -> SpanMessagesRow:
    row = SpanMessagesRow(
        project_id=project_id,
        trace_id=TRACE,
        span_id=CALL,
        record_id=f"record-{number}",
        precedence=last_wins(NOW_MS),
        time_ns=(ASKED_MS + number) * 1_000_000,
        seen_at=ASKED_MS,
        received_at=NOW_MS,
        retention_days=30,
        event_name="gen_ai.user.message",
    )
    return row._replace(**changes)


async def messages(ask: Ask) -> dict[str, list[str]]:
    """Texts of the only span's messages, the same in its trace and in the list."""
    [span] = (await ask("traces", TRACE)).json()["spans"]
    assert (await ask("spans")).json()["items"] == [span]
    return {
        side: [part["content"] for message in span[side] for part in message["parts"]]
        for side in ("input_messages", "output_messages")
    }


async def test_logged_messages_stand_in_the_order_in_which_they_were_said(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            llm(project_id, CALL),
            record(project_id, 1, input=said("user", "Where is it?")),
            record(project_id, 2, input=said("assistant", "Which one?")),
            record(project_id, 3, input=said("user", "The boots.")),
            record(project_id, 4, output=said("assistant", "On their way.")),
            record(project_id, 5, span_id="d" * 16, input=said("user", "another call")),
            record(f"{project_id}-other", 6, input=said("user", "another project")),
        ],
    )
    assert await messages(ask) == {
        "input_messages": ["Where is it?", "Which one?", "The boots."],
        "output_messages": ["On their way."],
    }


async def test_a_record_of_the_whole_call_is_enough(database: Database, project_id: str, ask: Ask) -> None:
    whole = "gen_ai.client.inference.operation.details"
    await deliver(
        database,
        [
            llm(project_id, CALL),
            record(project_id, 1, input=said("user", "part")),
            record(
                project_id, 2, event_name=whole, input=said("user", "all"), output=said("assistant", "of it")
            ),
        ],
    )
    assert await messages(ask) == {"input_messages": ["all"], "output_messages": ["of it"]}


async def test_what_the_span_says_itself_stays(database: Database, project_id: str, ask: Ask) -> None:
    own = llm(
        project_id,
        CALL,
        input=said("user", "own"),
        raw=msgspec.json.encode(SpanRaw(input_messages=True)).decode(),
    )
    logged = record(project_id, 1, input=said("user", "logged"), output=said("assistant", "logged"))
    await deliver(database, [own, logged])
    assert await messages(ask) == {"input_messages": ["own"], "output_messages": ["logged"]}
