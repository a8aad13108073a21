"""Our place in a TracerProvider: knows every span, and passes on those of traces with an LLM in them."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.trace import StatusCode

from . import _twins as twins
from ._annotation import add_tags
from ._correlation import Node, Nodes, Request, Unit
from ._drops import Drops
from ._outgoing import Outgoing
from ._problems import failure
from ._scope import current_request

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan, Span

SCOPE = "diptych"
"""Name of the instrumentation scope of the spans that `LLMObs` starts."""

_LLM_PREFIXES = ("gen_ai.", "llm.", "openinference.", "traceloop.", "diptych.span.")
"""By these attributes a span is one of ours: GenAI conventions, OpenInference, OpenLLMetry, Diptych."""

_HELD_PER_UNIT = 2_000
"""Spans that are held for one request before it is known whether a model takes part in it."""

_SAMPLE_BITS = 56
"""Sampling looks at the lowest 56 bits of the trace id, the random ones (W3C Trace Context level 2)."""


class Processor(SpanProcessor):
    """The one span processor of the SDK.

    Args:
        deliver: takes a finished span that is to be sent.
        drops: where spans that are not sent are counted.
        max_held: how many spans may be held in all.
        sample_rate: share of traces to keep, 0 to 1; those with an error are kept anyway.
    """

    def __init__(
        self,
        deliver: Callable[[Outgoing], None],
        drops: Drops,
        max_held: int,
        sample_rate: float = 1.0,
    ) -> None:
        self.nodes = Nodes()
        self._deliver = deliver
        self._drops = drops
        self._max_held = max_held
        self._sample_limit = None if sample_rate >= 1 else int(sample_rate * (1 << _SAMPLE_BITS))
        self._held = 0
        self._lock = threading.RLock()  # reentrant, as in `Outbox`
        weak_reset = weakref.WeakMethod(self._after_fork)
        os.register_at_fork(after_in_child=lambda: (reset := weak_reset()) and reset())

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Gives the span its place."""
        request = current_request(parent_context)
        parent = self._parent(span, request)
        if parent is None:
            unit = self._unit(span, request)
        else:
            unit = parent.unit
            request = parent.request if request is None else request
        node = Node(span, parent, request, unit)
        self.nodes.start(span.get_span_context().span_id, node)
        scope = span.instrumentation_scope
        if scope is not None and scope.name == SCOPE:
            self._llm_started(node, span)
        elif _is_llm(attributes := span.attributes):
            operation = (attributes or {}).get("gen_ai.operation.name")
            node.is_model_call = operation in twins.MODEL_OPERATIONS
            self._llm_started(node, span)
            twins.started(node, span)
        else:
            twins.started(node, span)
        if not (unit.is_llm and unit.is_kept):
            with self._lock:
                unit.open_spans += 1
            node.is_counted = True

    def _parent(self, span: Span, request: Request | None) -> Node | None:
        parent = span.parent
        if parent is None or parent.is_remote:
            return None
        return self.nodes.get(parent.span_id) or self.nodes.adopt(parent.span_id, request)

    def _unit(self, span: Span, request: Request | None) -> Unit:
        unit = request.unit if request is not None and request.unit is not None else Unit()
        if self._sample_limit is not None and not unit.is_llm:
            trace_id = span.get_span_context().trace_id
            unit.is_kept = trace_id % (1 << _SAMPLE_BITS) < self._sample_limit
        return unit

    def _llm_started(self, node: Node, span: Span) -> None:
        if not node.unit.is_llm:
            node.unit.is_llm = True
            self._release(node.unit)
        request = node.request
        if request is not None:
            if request.tags:
                add_tags(node, request.tags, "annotation_context")
            if request.name:
                span.update_name(request.name)
            if request.agent and (span.attributes or {}).get("gen_ai.operation.name") == "invoke_agent":
                span.set_attributes(request.agent)
            if request.prompt:
                node.notes().prompt = request.prompt

    def on_end(self, span: ReadableSpan) -> None:
        """Sends the span, or holds it until it is known whether its trace is to be sent."""
        context = span.get_span_context()
        if context is None:
            return
        # A span without a node began before `enable`.
        node = self.nodes.end(context.span_id) or Node(None, None, None, Unit())
        unit = node.unit
        if not unit.is_llm and _is_llm(span.attributes):
            unit.is_llm = True
        if not unit.is_kept and span.status.status_code is StatusCode.ERROR:
            unit.is_kept = True
        if node.kind is None and twins.ended(node, span):
            pass  # its facts go out with the span of the instrumentation
        elif unit.is_llm and unit.is_kept and not unit.held:
            self._deliver(Outgoing(span, context, node))
        else:
            self._hold(Outgoing(span, context, node))
        node.said = None  # the node outlives the span, what was said of it shall not
        if node.is_counted:
            with self._lock:
                unit.open_spans -= 1
        if unit.held and ((unit.is_llm and unit.is_kept) or unit.open_spans <= 0):
            self._release(unit)

    def _hold(self, span: Outgoing) -> None:
        unit = span.node.unit
        with self._lock:
            if self._held < self._max_held and len(unit.held) < _HELD_PER_UNIT:
                self._held += 1
                unit.held.append(span)
                return
        self._drops.count("held_overflow")

    def _release(self, unit: Unit) -> None:
        """Sends what a unit held, or lets it go where the unit proved to be none of ours."""
        with self._lock:
            held, unit.held = unit.held, []
            self._held -= len(held)
        if unit.is_llm and unit.is_kept:
            for span in held:
                self._deliver(span)
        else:
            self._drops.count("sampled_out" if unit.is_llm else "trace_without_llm_span", len(held))

    def _after_fork(self) -> None:
        """In the child: a thread that it does not have may have held the locks."""
        self._lock = threading.RLock()


class Joint(SpanProcessor):
    """What is added to a TracerProvider, once; it passes everything to the processor in force.

    A TracerProvider has no way to remove a processor: `disable` only empties the joint.
    """

    def __init__(self) -> None:
        self.processor: SpanProcessor | None = None

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """See `Processor.on_start`."""
        if self.processor is not None:
            try:
                self.processor.on_start(span, parent_context)
            except Exception as error:  # a fault of ours is no fault of the host
                failure("span start", error)

    def on_end(self, span: ReadableSpan) -> None:
        """See `Processor.on_end`."""
        if self.processor is not None:
            try:
                self.processor.on_end(span)
            except Exception as error:  # a fault of ours is no fault of the host
                failure("span end", error)


def _is_llm(attributes: Iterable[str] | None) -> bool:
    return attributes is not None and any(key.startswith(_LLM_PREFIXES) for key in attributes)
