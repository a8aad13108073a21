"""What the reads are asked of: sessions as people have them, with answers, traces, judgements and recordings.

Sessions begin all over `SPREAD_HOURS`, last minutes, and are made in the order of time, as they would arrive.
They are the same every time; only the moment that they end at is now.
"""

import random
from collections.abc import Iterator
from itertools import accumulate
from typing import Any, NamedTuple

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from bench.payloads import SPANS_A_TRACE, attribute, event_of_kind, session_ids, trace_spans
from diptych_server.store.rows import EvaluationRow, ReplaySegmentRow

SPREAD_HOURS = 20.0
EVENTS_A_SESSION = 67
"""1 M events in 15,000 sessions, the load of the storage tests."""

HOUR_MS = 3_600_000
MINUTES_A_SESSION = (4.0, 30.0)
USERS = 5_000
VIEWS_A_SESSION = 4
SEGMENTS_A_VIEW = 3

ANSWERED_SHARE = 0.75
"""Of traces that a page asked for with its trace id; the others name the session alone."""

JUDGED_SHARE = 0.3
REACTED_SHARE = 0.3
RECORDED_SHARE = 0.5
FAILED_SHARE = 0.02

AGENTS = tuple(
    f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko)"
    f" Chrome/{version}.0.0.0 {device}Safari/537.36"
    for system, device in (
        ("Windows NT 10.0; Win64; x64", ""),
        ("Macintosh; Intel Mac OS X 10_15_7", ""),
        ("X11; Linux x86_64", ""),
        ("Linux; Android 10; K", "Mobile "),
    )
    for version in (139, 140, 141)
)
MODELS = ("claude-haiku-4-5", "claude-sonnet-4-5", "gpt-5-mini", "gemini-2.5-flash")
REACTIONS = ("copy", "rephrase", "retry", "thumbs_up", "thumbs_down", "leave")

VOCABULARY = 20_000
PROSE_WORDS = 200_000

COMMON_WORD = "titanium"
"""In about every second input or output."""


def _prose() -> tuple[str, str]:
    """Text whose words are as common as those of a language (Zipf), and one that stands in it but once."""
    source = random.Random(0)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(source.choices(letters, k=source.randint(3, 11))) for _ in range(VOCABULARY)]
    words[39] = COMMON_WORD
    weights = list(accumulate(1 / (rank + 10) for rank in range(VOCABULARY)))
    chosen = source.choices(words, cum_weights=weights, k=PROSE_WORDS)
    chosen[PROSE_WORDS // 2] = rare = "obsidianite"
    return " ".join(chosen), rare


PROSE, RARE_WORD = _prose()
"""The rare word is in some hundreds of 500,000 spans."""


class Visit(NamedTuple):
    """One session with all that belongs to it."""

    user_agent: str
    events: bytes
    """A body of `/v1/rum`."""
    spans: bytes
    """A body of `/v1/traces`."""
    judgements: list[EvaluationRow]
    segments: list[ReplaySegmentRow]
    trace_ids: list[str]


class Plan(NamedTuple):
    """All sessions of a load: when each begins, and how many events and traces it has."""

    sessions: list[tuple[str, int, int, int]]
    """Id, start (epoch ms), events, traces; the oldest first."""
    project_id: str

    @classmethod
    def of(cls, events: int, spans: int, project_id: str, *, now_ms: int, seed: int = 7) -> "Plan":
        """Sessions that hold `events` RUM events and `spans` spans in all."""
        source = random.Random(seed)
        ids = session_ids(max(1, events // EVENTS_A_SESSION))
        longest_ms = int(MINUTES_A_SESSION[1] * 60_000)
        before_ms = sorted((int(source.random() * SPREAD_HOURS * HOUR_MS) for _ in ids), reverse=True)

        def share(total: int, index: int) -> int:
            return total * (index + 1) // len(ids) - total * index // len(ids)

        return cls(
            [
                (
                    session_id,
                    now_ms - longest_ms - before_ms[index],
                    share(events, index),
                    share(spans // SPANS_A_TRACE, index),
                )
                for index, session_id in enumerate(ids)
            ],
            project_id,
        )

    def visits(self, first: int, count: int) -> Iterator[Visit]:
        """Some of the sessions; each is the same whichever others are made with it."""
        for session_id, start_ms, events, traces in self.sessions[first : first + count]:
            source = random.Random(session_id)
            yield _Session(source, self.project_id, session_id, start_ms).visit(events, traces)


class _Session:
    """Makes one session's payloads."""

    def __init__(self, source: random.Random, project_id: str, session_id: str, start_ms: int) -> None:
        self._source = source
        self._project_id = project_id
        self._id = session_id
        self._start_ms = start_ms
        self._length_ms = int(source.uniform(*MINUTES_A_SESSION) * 60_000)
        self._user = source.randrange(USERS)
        self._events: list[dict[str, Any]] = []
        self._judgements: list[EvaluationRow] = []

    def visit(self, events: int, traces: int) -> Visit:
        """Payloads with so many events and traces."""
        source = self._source
        request = ExportTraceServiceRequest()
        resource = request.resource_spans.add()
        resource.resource.attributes.append(attribute("service.name", f"bench-agent-{source.randrange(3)}"))
        scope = resource.scope_spans.add()
        scope.scope.name = "bench"
        trace_ids = []
        for _ in range(traces):
            trace_id = source.randbytes(16)
            trace_ids.append(trace_id.hex())
            is_answered = source.random() < ANSWERED_SHARE and len(self._events) + 3 <= events
            scope.spans.extend(self._trace(trace_id, is_answered=is_answered))
        while len(self._events) < events:
            self._add(
                source.choices(("view", "action", "resource", "error"), (1, 4, 8, 1))[0], self._moment()
            )
        self._events.sort(key=lambda event: event["date"])
        return Visit(
            source.choice(AGENTS),
            b"\n".join(map(msgspec.json.encode, self._events)),
            request.SerializeToString(),
            self._judgements,
            self._segments() if source.random() < RECORDED_SHARE else [],
            trace_ids,
        )

    def _moment(self) -> int:
        return self._start_ms + self._source.randrange(self._length_ms)

    def _view_id(self, at_ms: int) -> str:
        number = (at_ms - self._start_ms) * VIEWS_A_SESSION // self._length_ms
        return f"{self._id[:24]}{min(number, VIEWS_A_SESSION - 1):012d}"

    def _add(self, kind: str, at_ms: int) -> dict[str, Any]:
        event = event_of_kind(self._source, kind, at_ms, self._id, self._view_id(at_ms), self._user, PROSE)
        self._events.append(event)
        return event

    def _trace(self, trace_id: bytes, *, is_answered: bool) -> list[Any]:
        """The spans; with `is_answered` also the page's request, its answer and what was done with it."""
        source = self._source
        at_ms = self._moment()
        page_span = source.randbytes(8) if is_answered else b""
        spans = trace_spans(
            source,
            (at_ms + 30) * 1_000_000,
            self._id,
            trace_id=trace_id,
            parent=page_span,
            model=source.choice(MODELS),
            soup=PROSE,
        )
        if source.random() < FAILED_SHARE:
            spans[-1].status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message="overloaded"))
        if is_answered:
            self._answer(trace_id.hex(), page_span.hex(), at_ms)
        if source.random() < JUDGED_SHARE:
            self._judge(trace_id.hex(), at_ms + 2_000)
        return spans

    def _answer(self, trace_id: str, span_id: str, at_ms: int) -> None:
        source = self._source
        first_ms = source.randrange(100, 3_000)
        request = self._add("resource", at_ms)
        request["dip"] = {"trace_id": trace_id, "span_id": span_id}
        request["resource"]["duration"] = (first_ms + 900) * 1_000_000
        answer = self._add("answer", at_ms)
        answer["dip"] = {"trace_id": trace_id, "span_id": span_id}
        answer["answer"] = {
            "id": f"{source.getrandbits(128):032x}",
            "url": "https://shop.example.com/api/chat",
            "method": "POST",
            "question": PROSE[:80],
            "first_byte_ms": first_ms,
            "first_paint_ms": first_ms + 20,
            "done_ms": first_ms + 900,
            "end_reason": "done",
            "stalls": [],
        }
        if source.random() < REACTED_SHARE:
            reaction = self._add("reaction", at_ms + first_ms + 5_000)
            reaction["reaction"] = {
                "id": f"{source.getrandbits(128):032x}",
                "kind": source.choice(REACTIONS),
                "answer_id": answer["answer"]["id"],
                "after_ms": 4_000,
            }

    def _judge(self, trace_id: str, at_ms: int) -> None:
        verdict = self._source.choices(("pass", "fail"), (4, 1))[0]
        self._judgements.append(
            EvaluationRow(
                project_id=self._project_id,
                evaluation_id=f"{self._source.getrandbits(128):032x}",
                precedence=at_ms,
                ts=at_ms,
                seen_at=at_ms,
                received_at=at_ms,
                retention_days=30,
                label=self._source.choice(("grounded", "helpful", "safe")),
                metric_type="categorical",
                value=f'"{verdict}"',
                assessment=verdict,
                reasoning=PROSE[:200],
                source="judge",
                trace_id=trace_id,
            )
        )

    def _segments(self) -> list[ReplaySegmentRow]:
        """The index of a recording; there are no bytes behind it, since no question of the bench plays it."""
        step_ms = self._length_ms // (VIEWS_A_SESSION * SEGMENTS_A_VIEW)
        rows = []
        for number in range(VIEWS_A_SESSION * SEGMENTS_A_VIEW):
            start_ms = self._start_ms + number * step_ms
            rows.append(
                ReplaySegmentRow(
                    project_id=self._project_id,
                    session_id=self._id,
                    view_id=self._view_id(start_ms),
                    segment_index=number % SEGMENTS_A_VIEW,
                    content_hash=f"{self._source.getrandbits(128):032x}",
                    precedence=1,
                    seen_at=start_ms,
                    received_at=start_ms,
                    clock_offset_ms=40,
                    retention_days=30,
                    application_id="bench",
                    tab_id=f"tab-{self._id[:8]}",
                    start=start_ms,
                    end=start_ms + step_ms,
                    records=100,
                    has_full_snapshot=int(number % SEGMENTS_A_VIEW == 0),
                    format="rrweb",
                    bytes=30_000,
                    blob_key=f"bench/{self._id}/{number}",
                )
            )
        return rows
