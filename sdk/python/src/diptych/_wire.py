"""Spans as they leave the process: with session, user, tags and the rest, as one OTLP request."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.trace import ReadableSpan

from . import _attributes as keys
from ._correlation import Node
from ._text import cut
from ._twins import add_facts

if TYPE_CHECKING:
    from ._transport import Answer

Finished = tuple[ReadableSpan, Node]
"""A span that has ended, and its place."""

_SPAN_BYTES = 512
"""What a span costs in memory besides its texts, roughly."""

Redact = Callable[[dict[str, Any], Node], dict[str, Any] | None]


def size_bytes(span: ReadableSpan, node: Node) -> int:
    """About how much memory a finished span takes."""
    if node.kind is not None:
        return _SPAN_BYTES + node.text_bytes
    return _SPAN_BYTES + sum(len(value) for value in copy_attributes(span).values() if isinstance(value, str))


def copy_attributes(span: ReadableSpan) -> dict[str, Any]:
    """The attributes of a span as a dict of one's own."""
    # A span's attributes are read-only views whose items cost a microsecond each; their copy is one C call.
    attributes: Any = span.attributes
    copied: dict[str, Any] = attributes.copy() if hasattr(attributes, "copy") else dict(attributes or {})
    return copied


class Encoder:
    """Turns batches of finished spans into OTLP requests."""

    def __init__(self, ml_app: str, max_text_bytes: int) -> None:
        self._ml_app = ml_app
        self._max_text_bytes = max_text_bytes
        self.redact: Redact | None = None
        """May change a span's attributes or (None) drop the span; set by `register_processor`."""
        self.dropped_by_processor: Callable[[int], None] = lambda _: None

    def encode(self, batch: Sequence[Finished]) -> bytes:
        """The body of a request."""
        spans = [dressed for span, node in batch if (dressed := self._dress(span, node)) is not None]
        if len(spans) < len(batch):
            self.dropped_by_processor(len(batch) - len(spans))
        return encode_spans(spans).SerializeToString()

    def _dress(self, span: ReadableSpan, node: Node) -> ReadableSpan | None:
        """The span with all that is known about it now."""
        attributes = copy_attributes(span)
        self._add_place(attributes, node)
        add_facts(attributes, node)
        if self.redact is not None:
            redacted = self.redact(attributes, node)
            if redacted is None:
                return None
            attributes = redacted
        for key, value in attributes.items():
            if isinstance(value, str):
                attributes[key] = _sendable(cut(value, self._max_text_bytes))
        return ReadableSpan(
            name=_sendable(span.name),
            context=span.get_span_context(),
            parent=span.parent,
            resource=span.resource,
            attributes=attributes,
            events=span.events,
            links=span.links,
            kind=span.kind,
            status=span.status,
            start_time=span.start_time,
            end_time=span.end_time,
            instrumentation_scope=span.instrumentation_scope,
        )

    def _add_place(self, attributes: dict[str, Any], node: Node) -> None:
        session = node.session()
        if session is not None:
            attributes[keys.SESSION_ID], attributes[keys.SESSION_SOURCE] = session
        user_id = node.user()
        if user_id is not None and "user.id" not in attributes:
            attributes["user.id"] = user_id
        attributes[keys.ML_APP] = ml_app_of(node) or self._ml_app
        if node.tags:
            attributes[keys.TAGS] = json.dumps(node.tags, ensure_ascii=False)
        if node.metadata:
            fragments = (
                f"{json.dumps(key, ensure_ascii=False)}:{text}" for key, text in node.metadata.items()
            )
            attributes[keys.METADATA] = "{" + ",".join(fragments) + "}"
        if node.metrics:
            attributes[keys.METRICS] = json.dumps(node.metrics)
        if node.prompt is not None and node.is_model_call:
            attributes[keys.PROMPT] = node.prompt


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
    except (
        Exception
    ):  # DecodeError's home differs between protobuf's implementations; a proxy may answer anything
        return 0
    return int(response.partial_success.rejected_spans)


def _sendable(text: str) -> str:
    """`text` without lone surrogates, which protobuf refuses to encode."""
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")
