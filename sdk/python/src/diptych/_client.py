"""What `LLMObs.enable` makes: the tracer, the way of spans to the server, and what is known meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from opentelemetry import trace
from opentelemetry.context import get_current
from opentelemetry.trace import SpanKind

from . import _attributes as keys
from ._annotation import add_tags, agent_attributes, annotate_node, prompt_json, split_tags
from ._correlation import Node, clean_id
from ._drops import Drops
from ._evaluations import Item, span_ids
from ._evaluations import encode as encode_items
from ._evaluations import rejected as rejected_items
from ._evaluations import size_bytes as size_bytes_of_item
from ._finished_span import SpanProcessor
from ._live_span import LiveSpan
from ._outbox import Outbox
from ._outgoing import Outgoing
from ._problems import problem
from ._processor import SCOPE, Processor
from ._propagation import activate, annotate_request, inject
from ._provider import OwnProvider, install_propagator, join, propagator
from ._redaction import Redaction
from ._scope import Activation, AnnotationContext
from ._span import OFF, Span
from ._text import safe_str
from ._transport import Answer, Transport
from ._version import __version__
from ._wire import Encoder, rejected

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor as OTelSpanProcessor
    from opentelemetry.util.types import AttributeValue

    from ._settings import Settings

T = TypeVar("T")

_JUDGEMENT_BYTES = 16 * 2**20
"""Judgements that may wait for the server."""

_OPERATIONS = {
    "llm": "chat",
    "embedding": "embeddings",
    "retrieval": "retrieval",
    "agent": "invoke_agent",
    "workflow": "invoke_workflow",
    "tool": "execute_tool",
}
"""`gen_ai.operation.name` by kind; a task has no operation in the GenAI conventions."""

_FIXED = {kind: {keys.SPAN_KIND: kind} for kind in keys.SPAN_KINDS}
for _kind, _operation in _OPERATIONS.items():
    _FIXED[_kind]["gen_ai.operation.name"] = _operation

_MODEL_KINDS = frozenset({"llm", "embedding"})

_NAME_KEYS = {"agent": "gen_ai.agent.name", "workflow": "gen_ai.workflow.name", "tool": "gen_ai.tool.name"}


class Client:
    """Everything of one `enable`, until `disable`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.drops = Drops()
        self.encoder = Encoder(settings.ml_app, settings.max_text_bytes)
        self.encoder.dropped_by_processor = lambda number: self.drops.count("span_processor", number)
        self.outbox: Outbox[Outgoing] = self._outbox(
            "spans",
            "/v1/traces",
            "application/x-protobuf",
            self.encoder.encode,
            rejected,
            settings.queue_bytes,
        )
        self.judgements: Outbox[Item] = self._outbox(
            "evaluations",
            "/v1/evaluations",
            "application/json",
            encode_items,
            rejected_items,
            _JUDGEMENT_BYTES,
        )
        self.processor = Processor(self._deliver, self.drops, settings.held_spans, settings.sample_rate)
        self.provider, self._joint, self.encoder.resource = join(settings)
        self._own_provider = self.provider if isinstance(self.provider, OwnProvider) else None
        self._joint.processor = self.processor
        self.nodes = self.processor.nodes
        self.tracer = self.provider.get_tracer(SCOPE, __version__)
        install_propagator()
        propagator.nodes = self.nodes

    def _outbox(
        self,
        name: str,
        path: str,
        content_type: str,
        encode: Callable[[Sequence[T]], bytes],
        confirm: Callable[[Answer], int],
        max_bytes: int,
    ) -> Outbox[T]:
        """The way to one of the server's doors."""
        settings = self.settings
        url = settings.url.rstrip("/") + path
        transport = Transport(url, settings.key, content_type, settings.timeout_ms / 1000, self.drops)
        return Outbox(
            f"diptych-{name}",
            encode,
            transport.send,
            confirm,
            self.drops,
            max_bytes,
            settings.linger_ms / 1000,
            settings.exit_timeout_ms / 1000,
            transport.reset,
        )

    def _deliver(self, span: Outgoing) -> None:
        self.outbox.put(span, span.size_bytes())

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
        attributes: dict[str, AttributeValue] = {**_FIXED[kind]}
        if (name_key := _NAME_KEYS.get(kind)) is not None:
            attributes[name_key] = name
        if extra:
            attributes.update(extra)
        is_model_call = kind in _MODEL_KINDS
        context = get_current()
        is_alone = self._own_provider is not None and not self._own_provider.is_shared
        otel = self.tracer.start_span(
            name,
            context,
            SpanKind.CLIENT if is_model_call else SpanKind.INTERNAL,
            None if is_alone else attributes,
        )
        node = self.nodes.get(otel.get_span_context().span_id)
        if node is None or node.span is None:
            return OFF  # the host's sampler refused it
        node.kind = kind
        node.ml_app = ml_app
        node.is_model_call = is_model_call
        if is_alone:
            if kind == "agent" and node.request is not None and node.request.agent:
                attributes.update(node.request.agent)
            node.notes().attributes = attributes
        if session_id is not None:
            node.say(clean_id(session_id), None)
        return LiveSpan(kind, node.span, node, self.nodes, context if activate else None)

    def annotate(self, span: Span | None, tags: Any, said: Mapping[str, Any]) -> None:
        """See `LLMObs.annotate`; `said` is all but the tags."""
        node = self.active_node() if span is None else self._node_of(span)
        if node is not None:
            if tags is not None:
                add_tags(node, tags, "annotate")
            annotate_node(node, said, self.settings.ml_app, self.settings.max_text_bytes)
            return
        if span is not None:
            return
        if any(value is not None for value in said.values()):
            problem("annotate", "an active span for anything but tags", None)
        if isinstance(tags, Mapping):
            annotate_request(*split_tags(tags))
        elif tags is not None:
            problem("annotate", "tags: a dict", tags)

    def activate(self, headers: Any) -> Activation:
        """See `LLMObs.activate_distributed_headers`."""
        return activate(headers, self.nodes)

    def inject(self, headers: MutableMapping[str, str], span: Span | None) -> None:
        """See `LLMObs.inject_distributed_headers`."""
        context = get_current()
        if span is not None and span.otel is not None:
            context = trace.set_span_in_context(span.otel, context)
        inject(headers, context, self.nodes)

    def _node_of(self, span: object) -> Node | None:
        """The node of a span that is still open, or None (and a problem told)."""
        if type(span) is LiveSpan and span.node.span is not None:
            return span.node
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

    def annotation_context(self, tags: Any, prompt: Any, name: str | None, agent: Any) -> AnnotationContext:
        """See `LLMObs.annotation_context`."""
        if tags is not None and not isinstance(tags, Mapping):
            problem("annotation_context", "tags: a dict", tags)
            tags = None
        written = None
        if prompt is not None:
            written = prompt_json(prompt, self.settings.ml_app, self.settings.max_text_bytes)
        described = {} if agent is None else agent_attributes("agent", agent)
        added = {safe_str(key): safe_str(value) for key, value in (tags or {}).items()}
        return AnnotationContext(added, written, name, described)

    def export(self, span: Span | None) -> dict[str, str] | None:
        """See `LLMObs.export_span`."""
        if span is not None:
            return span_ids("export_span", span)
        context = trace.get_current_span().get_span_context()
        if not context.is_valid:
            problem("export_span", "an active span", None)
            return None
        return {"span_id": format(context.span_id, "016x"), "trace_id": format(context.trace_id, "032x")}

    def judge(self, item: Item | None, ml_app: str | None) -> None:
        """Sends a judgement on its way."""
        if item is not None:
            item["tags"] = {"ml_app": ml_app or self.settings.ml_app, **item.get("tags", {})}
            self.judgements.put(item, size_bytes_of_item(item))

    def register_processor(self, processor: SpanProcessor | None) -> None:
        """See `LLMObs.register_processor`."""
        self.encoder.redact = None if processor is None else Redaction(processor)

    def record(
        self,
        take_spans: Callable[[Iterable[tuple[Outgoing, dict[str, Any]]]], None],
        take_items: Callable[[Sequence[Item]], None],
        watch: Callable[[OTelSpanProcessor], OTelSpanProcessor],
    ) -> None:
        """Hands over what would be sent, for tests; `watch` may see spans start and end."""
        self._joint.processor = watch(self.processor)
        self.outbox.deliver_to(lambda batch: take_spans(self.encoder.dressed(batch)))
        self.judgements.deliver_to(take_items)

    def flush(self, timeout_s: float) -> bool:
        """Sends what waits; whether all of it went."""
        deadline_s = time.monotonic() + timeout_s
        went = self.outbox.flush(timeout_s)
        return self.judgements.flush(deadline_s - time.monotonic()) and went

    def close(self) -> None:
        """Sends what waits, and takes nothing more."""
        self._joint.processor = None
        propagator.nodes = None
        deadline_s = time.monotonic() + self.settings.exit_timeout_ms / 1000
        self.outbox.close(deadline_s - time.monotonic())
        self.judgements.close(deadline_s - time.monotonic())
