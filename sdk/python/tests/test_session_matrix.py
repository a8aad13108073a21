"""Which spans belong to the session, however it was said: printed as a table, every cell asserted.

Rows are ways to say it, columns are places where a span starts (or where a request goes out). ddtrace 4.16.0
leaves 6 of the first row's cells empty.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from anthropic import AsyncAnthropic

from diptych import LLMObs

from .anthropic_api import AnthropicAPI
from .receiver import Receiver

if TYPE_CHECKING:
    from conftest import AddCells

PLACES = (
    "root",
    "earlier sibling",
    "agent",
    "child",
    "model call",
    "gather",
    "create_task",
    *(("TaskGroup",) if hasattr(asyncio, "TaskGroup") else ()),  # from Python 3.11
    "to_thread",
    "pool",
    "old task",
    "later sibling",
    "header",
    "old task's header",
)
"""`old task`: its context was copied before the session was said; `earlier sibling`: it was open then."""

TRACEPARENT = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
PAGE = {**TRACEPARENT, "baggage": "session.id=page"}


def say() -> None:
    """The documented call."""
    LLMObs.annotate(span=None, tags={"session_id": "said"})


def arrive_and_say() -> None:
    """The page's headers, then the documented call, before any span."""
    LLMObs.activate_distributed_headers(PAGE)
    say()


@dataclass(frozen=True)
class Row:
    """One way to say the session."""

    says: str
    everywhere: str | None
    """The session that every place must have …"""
    but: dict[str, str | None] = field(default_factory=dict)
    """… but these."""
    before: Callable[[], object] = lambda: None
    in_agent: Callable[[], object] = lambda: None
    root_session: str | None = None
    decorated: bool = True


ROWS = (
    Row("annotate(span=None) in the agent", "said", in_agent=say),
    Row("session_id= of the root", "root", root_session="root"),
    Row("baggage of the page", "page", before=lambda: LLMObs.activate_distributed_headers(PAGE)),
    Row(
        "header dip-session",
        "page",
        before=lambda: LLMObs.activate_distributed_headers({**TRACEPARENT, "dip-session": "page"}),
    ),
    Row("nobody", None),
    Row(
        "page's baggage, then annotate in the agent",
        "said",
        # What is not below the agent keeps what the page said: remote goes before trace.
        but=dict.fromkeys(
            ("root", "earlier sibling", "old task", "later sibling", "old task's header"), "page"
        ),
        before=lambda: LLMObs.activate_distributed_headers(PAGE),
        in_agent=say,
    ),
    Row(
        "session_id= of the root, then annotate in the agent",
        "said",
        but=dict.fromkeys(
            ("root", "earlier sibling", "old task", "later sibling", "old task's header"), "root"
        ),
        root_session="root",
        in_agent=say,
    ),
    Row(
        "page's baggage, then annotate before any span",
        "said",
        before=arrive_and_say,
    ),
    Row(
        "annotate, no span open (undecorated loop)",
        "said",
        # A context of its own, made before, in a trace of its own: nothing ties it to this loop.
        but={"old task": None, "old task's header": None},
        in_agent=say,
        decorated=False,
    ),
    Row(
        "… within a request of known bounds",
        "said",
        before=lambda: LLMObs.activate_distributed_headers(TRACEPARENT),
        in_agent=say,
        decorated=False,
    ),
)

TABLE = "Who told the session that a place of the program is seen with; -: nobody, as it must be"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.says)
async def test_session_reaches(
    row: Row, llmobs: type[LLMObs], receiver: Receiver, api: AnthropicAPI, add_cells: AddCells
) -> None:
    async with AsyncAnthropic(api_key="x", base_url=api.url) as client:
        headers = await asyncio.create_task(request_of(row, client))
    assert llmobs.flush()
    spans = {span.name: span.session_id for span in receiver.spans}
    spans["model call"] = spans.pop("anthropic.chat")
    found = {**spans, **{place: session_in(sent) for place, sent in headers.items()}}
    add_cells(TABLE, row.says, {place: found[place] or "-" for place in PLACES if place in found})

    absent = set() if row.decorated else {"root", "earlier sibling", "agent"}
    expected = {place: row.but.get(place, row.everywhere) for place in PLACES if place not in absent}
    assert found == expected


async def request_of(row: Row, client: AsyncAnthropic) -> dict[str, dict[str, str]]:
    """One request that starts a span in every place; the headers it would send on."""
    row.before()
    headers: dict[str, dict[str, str]] = {}
    said = asyncio.Event()
    with ThreadPoolExecutor(1) as pool, span("workflow", "root", row, session_id=row.root_session):
        old = asyncio.create_task(old_task(said, headers))
        await asyncio.sleep(0)
        earlier = LLMObs.tool("earlier sibling") if row.decorated else None
        if earlier is not None:
            earlier.deactivate()
        with span("agent", "agent", row):
            row.in_agent()
            await work(client, pool, headers)
        if earlier is not None:
            earlier.finish()
        step("later sibling")
        said.set()
        await old
    return headers


async def work(client: AsyncAnthropic, pool: ThreadPoolExecutor, headers: dict[str, dict[str, str]]) -> None:
    """What the agent does after the session was said."""
    step("child")
    await client.messages.create(
        model="claude-test", max_tokens=9, messages=[{"role": "user", "content": "hello"}]
    )
    await asyncio.gather(in_task("gather"))
    await asyncio.create_task(in_task("create_task"))
    if "TaskGroup" in PLACES:
        async with asyncio.TaskGroup() as group:
            group.create_task(in_task("TaskGroup"))
    await asyncio.to_thread(step, "to_thread")
    pool.submit(step, "pool").result()
    headers["header"] = dict(LLMObs.inject_distributed_headers({}))


def step(name: str) -> None:
    with LLMObs.task(name):
        pass


async def in_task(name: str) -> None:
    await asyncio.sleep(0)
    step(name)


async def old_task(said: asyncio.Event, headers: dict[str, dict[str, str]]) -> None:
    with LLMObs.task("old task"):
        await said.wait()
        headers["old task's header"] = dict(LLMObs.inject_distributed_headers({}))


def span(kind: str, name: str, row: Row, **options: Any) -> AbstractContextManager[Any]:
    """The span, or nothing where the row's program has no decorators."""
    return getattr(LLMObs, kind)(name, **options) if row.decorated else nullcontext()


def session_in(headers: dict[str, str]) -> str | None:
    """The session that outgoing headers carry."""
    members = dict(member.split("=", 1) for member in headers.get("baggage", "").split(",") if member)
    return unquote(members["session.id"]) if "session.id" in members else None


Work = Callable[[int], Coroutine[Any, Any, None]]


async def decorated(number: int) -> None:
    with LLMObs.workflow("w"):
        await asyncio.sleep(0)
        with LLMObs.agent("a"):
            await asyncio.sleep(0)
            LLMObs.annotate(span=None, tags={"session_id": f"s{number}", "number": number})
            await asyncio.gather(*(tagged(number) for _ in range(2)))
        await tagged(number)


async def undecorated(number: int) -> None:
    await asyncio.sleep(0)
    LLMObs.annotate(span=None, tags={"session_id": f"s{number}"})
    await asyncio.gather(*(tagged(number) for _ in range(2)))
    await tagged(number)


async def activated(number: int) -> None:
    LLMObs.activate_distributed_headers({"baggage": f"session.id=s{number}"})
    await asyncio.sleep(0)
    await asyncio.gather(*(tagged(number) for _ in range(2)))
    await asyncio.to_thread(tag, number)


async def tagged(number: int) -> None:
    with LLMObs.tool("t"):
        await asyncio.sleep(0)
        LLMObs.annotate(tags={"number": number})


def tag(number: int) -> None:
    with LLMObs.tool("t"):
        LLMObs.annotate(tags={"number": number})


@pytest.mark.parametrize("work", [decorated, undecorated, activated], ids=lambda work: work.__name__)
async def test_a_thousand_interleaved_requests_never_mix(
    work: Work, llmobs: type[LLMObs], receiver: Receiver
) -> None:
    async def request(number: int) -> None:
        await work(number)

    await asyncio.gather(*(asyncio.create_task(request(number)) for number in range(1_000)))
    assert llmobs.flush()
    tagged_spans = [span for span in receiver.spans if "diptych.tags" in span.attributes]
    assert len(tagged_spans) >= 3_000
    mixed = [span for span in tagged_spans if span.session_id != f"s{span.json('diptych.tags')['number']}"]
    assert mixed == []


def test_threads_of_one_pool_never_mix(llmobs: type[LLMObs], receiver: Receiver) -> None:
    with ThreadPoolExecutor(8) as shared, ThreadPoolExecutor(16) as server:

        def request(number: int) -> None:
            with LLMObs.activate_distributed_headers({"baggage": f"session.id=s{number}"}):
                list(shared.map(tag, [number] * 3))

        list(server.map(request, range(1_000)))
    assert llmobs.flush()
    assert len(receiver.spans) == 3_000
    assert {span.session_id == f"s{span.json('diptych.tags')['number']}" for span in receiver.spans} == {True}
