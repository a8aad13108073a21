"""What `LLMObs.enable` makes: the tracer, the way of spans to the server, and what is known meanwhile."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from opentelemetry import propagate, trace
from opentelemetry.context import get_current
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import SpanKind

from . import _attributes as keys
from ._annotation import (
    add_metadata,
    add_tags,
    agent_attributes,
    input_attributes,
    output_attributes,
    prompt_json,
    split_metrics,
    split_tags,
    tool_definition_attributes,
)
from ._correlation import Node, clean_id
from ._drops import Drops
from ._live_span import LiveSpan
from ._outbox import Outbox
from ._problems import problem
from ._processor import SCOPE, Joint, Processor
from ._propagation import IdPropagator, annotate_request, inject
from ._span import OFF, Span
from ._transport import Transport
from ._version import __version__
from ._wire import Encoder, Finished, rejected, size_bytes

if TYPE_CHECKING:
    from opentelemetry.util.types import AttributeValue

    from ._settings import Settings

_OPERATIONS = {
    "llm": "chat",
    "embedding": "embeddings",
    "retrieval": "retrieval",
    "agent": "invoke_agent",
    "workflow": "invoke_workflow",
    "tool": "execute_tool",
}
"""`gen_ai.operation.name` by kind; a task has no operation in the GenAI conventions."""

_MODEL_KINDS = frozenset({"llm", "embedding"})

_NAME_KEYS = {"agent": "gen_ai.agent.name", "workflow": "gen_ai.workflow.name", "tool": "gen_ai.tool.name"}

_MAX_ATTRIBUTES = 1_024
"""Older instrumentations write one attribute a message; OpenTelemetry's default of 128 drops the first."""

_joints: dict[int, tuple[trace.TracerProvider, Joint]] = {}
"""The providers that were joined; a processor cannot be removed from one, so each is joined only once."""

_propagator = IdPropagator()


class Client:
    """Everything of one `enable`, until `disable`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.drops = Drops()
        transport = Transport(
            settings.url.rstrip("/") + "/v1/traces",
            settings.key,
            "application/x-protobuf",
            settings.timeout_ms / 1000,
        )
        self.encoder = Encoder(settings.ml_app, settings.max_text_bytes)
        self.encoder.dropped_by_processor = lambda number: self.drops.count("span_processor", number)
        self.outbox: Outbox[Finished] = Outbox(
            "diptych-spans",
            self.encoder.encode,
            transport.send,
            rejected,
            self.drops,
            settings.queue_bytes,
            settings.linger_ms / 1000,
            settings.exit_timeout_ms / 1000,
            transport.reset,
        )
        self.processor = Processor(self._deliver, self.drops, settings.held_spans, settings.sample_rate)
        self.provider, self._joint = _join(settings)
        self._joint.processor = self.processor
        self.nodes = self.processor.nodes
        self.tracer = self.provider.get_tracer(SCOPE, __version__)
        _install_propagator()
        _propagator.nodes = self.nodes

    def _deliver(self, span: ReadableSpan, node: Node) -> None:
        self.outbox.put((span, node), size_bytes(span, node))

    def start(
        self,
        kind: str,
        name: str | None,
        session_id: object = None,
        ml_app: str | None = None,
        extra: Mapping[str, AttributeValue] | None = None,
        activate: bool = True,
    ) -> Span:
        """Starts a span of `kind`, current at once unless `activate` is False."""
        name = name or kind
        attributes: dict[str, AttributeValue] = {keys.SPAN_KIND: kind}
        if (operation := _OPERATIONS.get(kind)) is not None:
            attributes["gen_ai.operation.name"] = operation
        if (name_key := _NAME_KEYS.get(kind)) is not None:
            attributes[name_key] = name
        if extra:
            attributes.update(extra)
        otel_kind = SpanKind.CLIENT if kind in _MODEL_KINDS else SpanKind.INTERNAL
        otel = self.tracer.start_span(name, kind=otel_kind, attributes=attributes)
        node = self.nodes.get(otel.get_span_context().span_id)
        if node is None or node.span is None:
            return OFF  # the host's sampler refused it
        node.kind = kind
        node.ml_app = ml_app
        node.is_model_call = kind in _MODEL_KINDS
        if session_id is not None:
            node.say(clean_id(session_id), None)
        span = LiveSpan(kind, node.span, node)
        if activate:
            span.activate()
        return span

    def annotate(
        self,
        span: Span | None,
        prompt: Any,
        input_data: Any,
        output_data: Any,
        metadata: Any,
        metrics: Any,
        tags: Any,
        tool_definitions: Any,
        cost_tags: Any,
        agent: Any,
    ) -> None:
        """See `LLMObs.annotate`."""
        node = self.active_node() if span is None else self._node_of(span)
        if node is None:
            rest = (prompt, input_data, output_data, metadata, metrics, tool_definitions, agent)
            if any(value is not None for value in rest):
                problem("annotate", "an active span for anything but tags", None)
            if tags is not None:
                annotate_request(*split_tags(tags))
            return
        limit = self.settings.max_text_bytes
        if tags is not None:
            add_tags(node, tags, "annotate")
        if metadata is not None:
            add_metadata(node, metadata, limit)
        if prompt is not None:
            node.prompt = prompt_json(prompt, node.ml_app or self.settings.ml_app, limit) or node.prompt
        attributes: dict[str, AttributeValue] = {}
        if input_data is not None:
            attributes.update(input_attributes(node.kind, input_data, limit))
        if output_data is not None:
            attributes.update(output_attributes(node.kind, output_data, limit))
        if metrics is not None:
            named, others = split_metrics(metrics)
            attributes.update(named)
            if others:
                node.metrics = {**(node.metrics or {}), **others}
        if tool_definitions is not None:
            attributes.update(tool_definition_attributes(node.kind, tool_definitions))
        if agent is not None:
            attributes.update(agent_attributes(node.kind, agent))
        if attributes and node.span is not None:
            node.text_bytes += sum(len(value) for value in attributes.values() if isinstance(value, str))
            node.span.set_attributes(attributes)

    def inject(self, headers: MutableMapping[str, str], span: Span | None) -> None:
        """See `LLMObs.inject_distributed_headers`."""
        context = get_current()
        if span is not None and span.otel is not None:
            context = trace.set_span_in_context(span.otel, context)
        inject(headers, context, self.nodes)

    def _node_of(self, span: object) -> Node | None:
        """The node of a span that is still open, or None (and a problem told)."""
        otel = span.otel if isinstance(span, Span) else span
        if isinstance(otel, trace.Span):
            node = self.nodes.get(otel.get_span_context().span_id)
            if node is not None and node.span is not None:
                return node
        problem("annotate", "span: an open span, or None for the current one", span)
        return None

    def active_node(self) -> Node | None:
        """The open local span of the current context."""
        node = self.nodes.get(trace.get_current_span().get_span_context().span_id)
        return node if node is not None and node.span is not None else None

    def flush(self, timeout_s: float) -> bool:
        """Sends what waits; whether all of it went."""
        return self.outbox.flush(timeout_s)

    def close(self) -> None:
        """Sends what waits, and takes nothing more."""
        self._joint.processor = None
        _propagator.nodes = None
        self.outbox.close(self.settings.exit_timeout_ms / 1000)


def _join(settings: Settings) -> tuple[trace.TracerProvider, Joint]:
    """The host's provider where it has set one, else one of ours; with our joint in it."""
    provider = trace.get_tracer_provider()
    if not hasattr(provider, "add_span_processor"):
        own = TracerProvider(
            resource=_resource(settings),
            sampler=None if "OTEL_TRACES_SAMPLER" in os.environ else ALWAYS_ON,
            span_limits=SpanLimits(max_span_attributes=_MAX_ATTRIBUTES, max_events=_MAX_ATTRIBUTES),
            shutdown_on_exit=False,
        )
        if isinstance(provider, trace.ProxyTracerProvider):
            trace.set_tracer_provider(own)
        provider = own
    known = _joints.get(id(provider))
    if known is None:
        joint = Joint()
        provider.add_span_processor(joint)
        known = _joints[id(provider)] = (provider, joint)
    return known


def _resource(settings: Settings) -> Resource:
    """The resource of our own provider; a `service.name` of the environment stays."""
    resource = Resource.create({})
    attributes: dict[str, Any] = {}
    named = str(resource.attributes.get("service.name", ""))
    if settings.service or named.startswith("unknown_service") or not named:
        attributes["service.name"] = settings.service or settings.ml_app
    if settings.env:
        attributes["deployment.environment.name"] = settings.env
    if settings.version:
        attributes["service.version"] = settings.version
    return resource.merge(Resource(attributes))


def _install_propagator() -> None:
    """Puts ours behind the application's propagators, once."""
    current = propagate.get_global_textmap()
    if getattr(current, "diptych", None) is _propagator:
        return
    both = CompositePropagator([current, _propagator])
    both.diptych = _propagator  # type: ignore[attr-defined]  # a mark, to know ours again
    propagate.set_global_textmap(both)
