"""Cuts the tape into visits: whose request is whose, and what there is of each kind.

The bodies stay as they were sent, but for this: a request of the agent holds spans of several visitors, so
its spans are sorted; stacks of errors name no folder of the machine that recorded them; and the many small
requests of one visit at one door become one.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from .archive import Counts, Manifest, Start, manifest_of
from .frames import Recorded, pack, read
from .moments import moments, span_moments
from .plan import Visit

SESSION = "diptych.session.id"
CONVERSATION = "gen_ai.conversation.id"

PLACES = {
    sys.prefix: "/srv/concierge/.venv",
    sys.base_prefix: "/usr/local",
    str(Path(__file__).parents[2]): "/srv/concierge",
}
"""Folders of this machine, and what stands for each in the sample."""

Bodies = dict[tuple[int, str, str], list[Recorded]]
"""Requests by visit, door and browser."""


def cut(tape: Path, visited: Path, planned: dict[int, Visit], to: Path) -> str:
    """Writes the archive and its manifest; returns one line that says what is in them."""
    came = [json.loads(line) for line in visited.read_text().splitlines()]
    whose = {name: visit["number"] for visit in came for name in visit["sessions"] + visit["conversations"]}
    with tape.open("rb") as file:
        sorted_requests = list(_sorted(list(read(file)), whose))
    requests = sorted(_joined(sorted_requests), key=lambda each: (each[0].visit, each[0].door, each[0].at_ms))
    starts = {
        number: _start(number, [each for each in requests if each[0].visit == number], planned)
        for number in sorted({frame.visit for frame, _ in requests})
    }
    pack(to, requests)
    counts = _count(requests)
    manifest = msgspec.json.format(msgspec.json.encode(Manifest(counts, starts)), indent=2)
    manifest_of(to).write_bytes(manifest + b"\n")
    return f"{to}: {to.stat().st_size / 1e6:.2f} MB, {len(starts)} visits, {counts}"


def _sorted(requests: list[Recorded], whose: dict[str, int]) -> Iterator[Recorded]:
    """Each request with the visit it belongs to; those of visits that failed are left out."""
    spans = [_exported(body) for frame, body in requests if frame.door == "traces"]
    trace_visits = _trace_visits(spans, whose)
    for frame, body in requests:
        if frame.door == "traces":
            request = _exported(body)
            without_places(request, PLACES)
            parts = _spans_by_visit(request, trace_visits)
        elif frame.door == "evaluations":
            parts = _judgements_by_visit(body, trace_visits)
        else:
            head = json.loads(body.partition(b"\n")[0])
            parts = {whose.get(head["session"]["id"], -1): body}
        for visit, part in parts.items():
            if visit >= 0:
                yield msgspec.structs.replace(frame, visit=visit), part


def _exported(body: bytes) -> ExportTraceServiceRequest:
    return ExportTraceServiceRequest.FromString(body)


def _spans(request: ExportTraceServiceRequest) -> Iterator[Any]:
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            yield from scope.spans


def without_places(request: ExportTraceServiceRequest, places: Mapping[str, str]) -> None:
    """Writes the folders anew in what spans tell of their errors; of nested ones the inner first."""

    def told(text: str) -> str:
        for place in sorted(places, key=len, reverse=True):
            text = text.replace(f"{place}/", f"{places[place]}/")
        return text

    for span in _spans(request):
        span.status.message = told(span.status.message)
        for holder in (span, *span.events):
            for attribute in holder.attributes:
                if attribute.value.HasField("string_value"):
                    attribute.value.string_value = told(attribute.value.string_value)


def _trace_visits(requests: Iterable[ExportTraceServiceRequest], whose: dict[str, int]) -> dict[str, int]:
    """The visit of each trace: any of its spans may say the session or the conversation."""
    visits = {}
    for request in requests:
        for span in _spans(request):
            for attribute in span.attributes:
                name = attribute.value.string_value
                if attribute.key in (SESSION, CONVERSATION) and name in whose:
                    visits[span.trace_id.hex()] = whose[name]
    return visits


def _spans_by_visit(request: ExportTraceServiceRequest, trace_visits: dict[str, int]) -> dict[int, bytes]:
    parts: dict[int, ExportTraceServiceRequest] = defaultdict(ExportTraceServiceRequest)
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for visit in {trace_visits.get(span.trace_id.hex(), -1) for span in scope.spans}:
                new = parts[visit].resource_spans.add(
                    resource=resource.resource, schema_url=resource.schema_url
                )
                spans = new.scope_spans.add(scope=scope.scope, schema_url=scope.schema_url).spans
                spans.extend(s for s in scope.spans if trace_visits.get(s.trace_id.hex(), -1) == visit)
    return {visit: part.SerializeToString() for visit, part in parts.items()}


def _judgements_by_visit(body: bytes, trace_visits: dict[str, int]) -> dict[int, bytes]:
    parts: dict[int, list[Any]] = defaultdict(list)
    for item in json.loads(body)["evaluations"]:
        joined = item["join_on"]
        trace_id = joined["span"]["trace_id"] if "span" in joined else joined.get("trace", "")
        parts[trace_visits.get(trace_id, -1)].append(item)
    return {visit: msgspec.json.encode({"evaluations": items}) for visit, items in parts.items()}


def _joined(requests: Iterable[Recorded]) -> Iterator[Recorded]:
    """One request a visit, door and browser in place of many; segments of recordings stay what they are."""
    groups: Bodies = defaultdict(list)
    for frame, body in requests:
        if frame.door == "replay":
            yield frame, body
        else:
            groups[frame.visit, frame.door, frame.user_agent].append((frame, body))
    for (_, door, _), parts in groups.items():
        bodies = [body for _, body in parts]
        yield parts[-1][0], _join(door, bodies)


def _join(door: str, bodies: list[bytes]) -> bytes:
    if door == "rum":
        return b"\n".join(bodies)
    if door == "traces":
        return b"".join(bodies)  # protobuf: the repeated fields of messages one after the other are one list
    return msgspec.json.encode(
        {"evaluations": [each for b in bodies for each in json.loads(b)["evaluations"]]}
    )


def _start(number: int, requests: list[Recorded], planned: dict[int, Visit]) -> Start:
    near = [frame.at_ms for frame, _ in requests]
    times = [
        time
        for frame, body in requests
        for time in (span_moments(body) if frame.door == "traces" else moments(body, min(near), max(near)))
    ]
    first, last = min(times, default=min(near)), max([*times, *near])
    return Start(int(first), planned[number].ago_s * 1000, int(last))


def _count(requests: list[Recorded]) -> Counts:
    sessions, replays, answers, reactions = set[str](), set[str](), set[str](), set[str]()
    traces, linked = set[bytes](), set[bytes]()
    judged = failed = 0
    for frame, body in requests:
        if frame.door == "replay":
            replays.add(json.loads(body.partition(b"\n")[0])["session"]["id"])
        elif frame.door == "rum":
            for event in map(json.loads, filter(None, body.split(b"\n"))):
                sessions.add(event["session"]["id"])
                if event["type"] in ("answer", "reaction"):
                    (answers if event["type"] == "answer" else reactions).add(event["dip"]["event_id"])
        elif frame.door == "traces":
            for span in _spans(_exported(body)):
                traces.add(span.trace_id)
                if any(attribute.key == SESSION for attribute in span.attributes):
                    linked.add(span.trace_id)
        else:
            items = json.loads(body)["evaluations"]
            judged += len(items)
            failed += sum(item.get("assessment") == "fail" for item in items)
    return Counts(
        sessions=len(sessions),
        replays=len(replays),
        traces=len(traces),
        linked_traces=len(linked),
        answers=len(answers),
        reactions=len(reactions),
        evaluations=judged,
        failed_evaluations=failed,
    )
