"""A finished span on its way to the server, in as few objects as can be.

OpenTelemetry's finished span holds a dozen containers. Thousands of them in a queue make each run of Python's
garbage collector longer, in the host's threads: a fifth of what a span costs in a burst (measured). Here a
span is one object and a dict of plain values, which the collector does not look into.
"""

from __future__ import annotations

from collections.abc import Sequence
from sys import getsizeof
from typing import TYPE_CHECKING

from opentelemetry.trace import Link, SpanContext

from ._text import held_bytes
from ._twins import copy_attributes, sent_parent_id

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanKind, StatusCode

    from ._correlation import Node, Said

_SPAN_BYTES = 768
_EVENT_BYTES = 512
"""What a span, and an event or link on it, cost in memory besides their texts, roughly (measured)."""


class Outgoing:
    """What is sent of a span, but for what its node says when it is sent."""

    __slots__ = (
        "attributes",
        "dropped_attributes",
        "end_ns",
        "events",
        "is_parent_remote",
        "kind",
        "links",
        "name",
        "node",
        "parent_id",
        "resource",
        "said",
        "scope",
        "span_id",
        "start_ns",
        "status_code",
        "status_text",
        "trace_id",
        "trace_state",
    )

    def __init__(self, span: ReadableSpan, context: SpanContext, node: Node) -> None:
        parent, status = span.parent, span.status
        self.trace_id = context.trace_id
        self.span_id = context.span_id
        trace_state = context.trace_state
        self.trace_state = trace_state.to_header() if trace_state else ""
        self.parent_id = 0 if parent is None else sent_parent_id(node.parent, parent.span_id)
        self.is_parent_remote = parent is not None and parent.is_remote
        self.name = span.name
        self.kind: SpanKind = span.kind
        self.start_ns = span.start_time or 0
        self.end_ns = span.end_time or 0
        self.status_code: StatusCode = status.status_code
        self.status_text = status.description or ""
        self.attributes = copy_attributes(span)
        self.dropped_attributes = span.dropped_attributes
        self.events: Sequence[Event] = span.events
        self.links: Sequence[Link] = span.links
        self.resource: Resource = span.resource
        self.scope: InstrumentationScope | None = span.instrumentation_scope
        self.node = node
        """Its place."""
        self.said: Said | None = node.said
        """What was annotated on it."""

    def size_bytes(self) -> int:
        """About how much memory it takes."""
        size_bytes = _SPAN_BYTES + getsizeof(self.name) + getsizeof(self.status_text)
        if self.attributes:
            size_bytes += held_bytes(self.attributes.values())
        if self.said is not None:
            size_bytes += self.said.size_bytes()
        if self.events or self.links:
            parts: list[Event | Link] = [*self.events, *self.links]
            for part in parts:
                size_bytes += _EVENT_BYTES + held_bytes((part.attributes or {}).values())
        return size_bytes
