"""Spans as they leave the process: with session, user, tags and the rest, as one OTLP request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from . import _attributes as keys
from ._correlation import Node, Said
from ._otlp import encode_request
from ._text import MOST_BYTES, as_json, cut
from ._twins import FIRST_CHUNK, add_facts, first_chunk

if TYPE_CHECKING:
    from ._outgoing import Outgoing
    from ._transport import Answer

Redact = Callable[[dict[str, Any], Node, Said | None], dict[str, Any] | None]

_SECRET = ("gen_ai.headers", "llm.headers")
"""Where OpenLLMetry records the headers that a call was given: keys of gateways and users are among them."""


class Encoder:
    """Turns batches of finished spans into OTLP requests."""

    def __init__(self, ml_app: str, max_text_bytes: int) -> None:
        self._ml_app = ml_app
        self._max_text_bytes = max_text_bytes
        self.redact: Redact | None = None
        """May change a span's attributes or (None) drop the span; set by `register_processor`."""
        self.resource: Mapping[str, Any] = {}
        """What is said of the resource in place of the provider's own."""
        self.dropped_by_processor: Callable[[int], None] = lambda _: None

    def encode(self, batch: Sequence[Outgoing]) -> bytes:
        """The body of a request."""
        return encode_request(self.dressed(batch), self.resource, self._max_text_bytes)

    def dressed(self, batch: Sequence[Outgoing]) -> Iterator[tuple[Outgoing, dict[str, Any]]]:
        """The spans that are to be sent, each with the attributes to send."""
        for span in batch:
            attributes = self._attributes(span)
            if attributes is not None:
                yield span, attributes

    def _attributes(self, span: Outgoing) -> dict[str, Any] | None:
        """All that is known now about a span; None where the user's processor drops it."""
        node = span.node
        said = span.said
        beside = None if said is None else said.attributes
        attributes = span.attributes.copy() if beside is None else {**beside, **span.attributes}
        self._add_place(attributes, node)
        if said is not None:
            _add_said(attributes, node, said, self._max_text_bytes)
        if node.is_model_call and FIRST_CHUNK not in attributes:
            attributes |= first_chunk(span.events, span.start_ns)
        if node.inner is not None:
            add_facts(attributes, node)
        if node.kind is None:  # what `annotate` said is within the limit already
            for key in _SECRET:
                attributes.pop(key, None)
            for key, value in attributes.items():
                if isinstance(value, str) and len(value) * MOST_BYTES > self._max_text_bytes:
                    attributes[key] = cut(value, self._max_text_bytes)
        if self.redact is None:
            return attributes
        redacted = self.redact(attributes, node, span.said)
        if redacted is None:
            self.dropped_by_processor(1)
        return redacted

    def _add_place(self, attributes: dict[str, Any], node: Node) -> None:
        session = node.session()
        if session is not None:
            attributes[keys.SESSION_ID], attributes[keys.SESSION_SOURCE] = session
        user_id = node.user()
        if user_id is not None and "user.id" not in attributes:
            attributes["user.id"] = user_id
        attributes[keys.ML_APP] = ml_app_of(node) or self._ml_app


def _add_said(attributes: dict[str, Any], node: Node, said: Said, max_text_bytes: int) -> None:
    if said.tags:
        attributes[keys.TAGS] = as_json({key: cut(tag, max_text_bytes) for key, tag in said.tags.items()})
    if said.metadata:
        members = [f"{as_json(key)}:{text}" for key, text in said.metadata.items()]
        attributes[keys.METADATA] = "{" + ",".join(members) + "}"
    if said.metrics:
        attributes[keys.METRICS] = as_json(said.metrics)
    if said.prompt is not None and node.is_model_call:
        attributes[keys.PROMPT] = said.prompt


def ml_app_of(node: Node) -> str | None:
    """The application that the span or its nearest local ancestor names."""
    at: Node | None = node
    while at is not None:
        if at.ml_app is not None:
            return at.ml_app
        at = at.parent
    return None


def rejected(answer: Answer) -> int:
    """How many spans the server did not take, of OTLP's partial success."""
    if not answer.body or "protobuf" not in answer.content_type:
        return 0
    response = ExportTraceServiceResponse()
    try:
        response.ParseFromString(answer.body)
    except Exception:  # protobuf's DecodeError has no stable home, and a proxy may answer anything
        return 0
    return int(response.partial_success.rejected_spans)
