"""One LLM Observability event becomes a row of `spans`."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import msgspec

from diptych_server.intake.content import Side, text_side
from diptych_server.intake.cutting import cut, cut_object, cut_value
from diptych_server.intake.datadog.llm_content import document_texts, documents, side
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.drops import Drops
from diptych_server.intake.genai import EXCEPTION_EVENT
from diptych_server.intake.span import MAX_NAME_CHARACTERS, MODEL_KINDS, NS_MS, provider_name
from diptych_server.intake.usage import Usage, number, usage
from diptych_server.store.rows import SpanRow, last_wins
from diptych_server.wire.attributes import SPAN_KINDS
from diptych_server.wire.datadog_span import ApmSpan, LlmEvent
from diptych_server.wire.rum import MAX_ID_CHARACTERS
from diptych_server.wire.span_raw import RawEvent, RawLink, SpanRaw

SCOPE = "ddtrace"
NO_PARENT = "undefined"
UNKNOWN = "unknown"
"""What the client calls a model or provider that the program did not name."""

OTHER_KINDS = {"experiment": "workflow"}
"""Kinds that LLM Observability has and we do not -> ours; any other is a task."""

SAMPLED_OUT = "0"

SESSION_DEFAULT = "_dd.p.llmobs_sid"
BAGGAGE_SESSION = "baggage.session.id"
BAGGAGE_USER = "baggage.user.id"
TRACE_ID_HIGH = "_dd.p.tid"

FEEDBACK_TAGS = ("feedback_join_key", "feedback_key")
"""The client's name of the key by which feedback finds a span, and the name that we look for."""

APM_TRACE_TAG = "apm_trace_id"
"""Leads from the trace id that a page's request carried to the trace."""

USER_TAGS = ("user.id", "usr.id", "user_id")

TOKENS = {
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cache_read_input_tokens": "cache_read_tokens",
    "cache_write_input_tokens": "cache_write_tokens",
    "reasoning_output_tokens": "reasoning_tokens",
}
"""Metrics that are columns -> the column."""

COSTS = ("input_cost", "output_cost")
TTFT = "time_to_first_token"
S_MS = 1_000

_encode = msgspec.json.encode


class ChunkContext(NamedTuple):
    """What the APM spans around an event say of its trace."""

    trace_id: str = ""
    """Of APM: 32 hex digits. The LLM Observability trace has another."""
    session_claim: str = ""
    """The trace's default session: it may stand on a span of APM where no event has one."""
    session_id: str = ""
    """What the page's `baggage` header said, taken over by the tracer."""
    user_id: str = ""

    @classmethod
    def of(cls, chunk: Sequence[ApmSpan]) -> Self:
        """From all spans of a chunk, which is one process's part of one trace."""
        high = _first(chunk, TRACE_ID_HIGH)
        return cls(
            trace_id=f"{high.zfill(16)[-16:]}{chunk[0].trace_id:016x}" if chunk else "",
            session_claim=_id(_first(chunk, SESSION_DEFAULT)),
            session_id=_id(_first(chunk, BAGGAGE_SESSION)),
            user_id=_id(_first(chunk, BAGGAGE_USER)),
        )


NO_CONTEXT = ChunkContext()


class SpanMaker:
    """Makes the rows of one delivery."""

    def __init__(self, delivery: Delivery, drops: Drops) -> None:
        self._delivery = delivery
        self._drops = drops

    def row(self, event: LlmEvent, context: ChunkContext = NO_CONTEXT) -> SpanRow | None:
        """The row of an event; None where the client's own sampling says that it is not to be kept."""
        internal = event.internal
        if internal is not None and str(internal.sampling_decision) == SAMPLED_OUT:
            self._drops.lost("datadog.sampled_out")
            return None
        delivery, meta = self._delivery, event.meta
        kind = _kind(event)
        tags = _tags(event.tags)
        if internal is not None and internal.apm_trace_id:
            tags.setdefault(APM_TRACE_TAG, _text(internal.apm_trace_id))
        model = _name(meta.model_name)
        provider = provider_name(_name(meta.model_provider))
        used = _usage(event.metrics or {}, provider, model, event.start_ns)
        entered, came = side(meta.input, "user"), side(meta.output, "assistant")
        if entered is None:
            entered = text_side(document_texts(meta.input), "")
        return SpanRow(
            project_id=delivery.project_id,
            trace_id=_trace_id(event.trace_id),
            span_id=event.span_id,
            parent_id="" if event.parent_id in (None, NO_PARENT) else event.parent_id or "",
            precedence=last_wins(delivery.received_at_ms),
            start_ns=event.start_ns,
            duration_ns=max(0, event.duration),
            seen_at=delivery.seen_at(event.start_ns // NS_MS),
            received_at=delivery.received_at_ms,
            retention_days=delivery.retention_days,
            name=event.name[:MAX_NAME_CHARACTERS],
            kind=kind,
            scope=SCOPE,
            service=tags.get("service") or event.service or "",
            ml_app=tags.get("ml_app") or event.ml_app or "",
            status="error" if event.status == "error" else "ok",
            **_failure(event),
            model=model,
            provider=provider,
            has_usage=int(used.is_given and kind in MODEL_KINDS),
            input_tokens=used.tokens.input,
            output_tokens=used.tokens.output,
            cache_read_tokens=used.tokens.cache_read,
            cache_write_tokens=used.tokens.cache_write,
            reasoning_tokens=used.tokens.reasoning,
            cost_usd=used.cost_usd,
            ttft_ms=_ttft_ms(event.metrics or {}),
            session_id=context.session_id,
            session_source="baggage" if context.session_id else "",
            session_claim=_id(event.session_id) or _id(tags.get("session_id")),
            user_id=_user_id(tags) or context.user_id,
            input=entered.text,
            output=came.text if came else "",
            input_preview=entered.preview,
            output_preview=came.preview if came else "",
            tags=tags,
            raw=_encode(_raw(event, entered, came)).decode(),
        )


def _raw(event: LlmEvent, entered: Side, came: Side | None) -> SpanRaw:
    """What has no column of its own."""
    meta = event.meta
    metadata = dict(meta.metadata) if isinstance(meta.metadata, dict) else {}
    reserved = metadata.pop("_dd", None)
    prompt = meta.input.get("prompt") if isinstance(meta.input, dict) else None
    definitions = meta.tool_definitions
    return SpanRaw(
        input_messages=entered.is_messages,
        output_messages=came is not None and came.is_messages,
        input_mime=entered.mime,
        output_mime=came.mime if came else "",
        attributes=cut_object(_attributes(event, reserved)),
        events=_exception(event),
        links=_links(event.span_links),
        metadata=cut_object(metadata),
        metrics={name: value for name, value in (event.metrics or {}).items() if name not in TOKENS},
        documents=documents(meta.output),
        tool_definitions=[cut_value(tool) for tool in definitions] if isinstance(definitions, list) else [],
        prompt=cut_object(prompt) if isinstance(prompt, dict) else {},
    )


def _attributes(event: LlmEvent, reserved: Any) -> dict[str, Any]:
    meta, internal = event.meta, event.internal
    found = {
        "apm_trace_id": internal.apm_trace_id if internal else None,
        "agent_attribution": meta.agent_attribution,
        "intent": meta.intent,
        "expected_output": meta.expected_output,
        "tool": meta.tool,
        "collection_errors": event.collection_errors,
        "config": event.config,
        "ddtrace.span.kind": _sent_kind(event) if _sent_kind(event) not in SPAN_KINDS else None,
        **(reserved if isinstance(reserved, dict) else {}),
    }
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def _kind(event: LlmEvent) -> str:
    kind = _sent_kind(event)
    return kind if kind in SPAN_KINDS else OTHER_KINDS.get(kind, "task")


def _sent_kind(event: LlmEvent) -> str:
    return (event.meta.span.kind if event.meta.span else None) or event.meta.span_kind or ""


def _usage(metrics: dict[str, Any], provider: str, model: str, start_ns: int) -> Usage:
    columns = {column: metrics[name] for name, column in TOKENS.items() if name in metrics}
    cost = number(metrics.get("total_cost"))
    if cost is None and any(name in metrics for name in COSTS):
        cost = sum(number(metrics.get(name)) or 0.0 for name in COSTS)
    if cost is not None:
        columns["cost_usd"] = cost
    return usage(columns, provider, model, start_ns)


def _ttft_ms(metrics: dict[str, Any]) -> float | None:
    seconds = number(metrics.get(TTFT))
    return None if seconds is None or seconds < 0 else seconds * S_MS


def _failure(event: LlmEvent) -> dict[str, str]:
    error = event.meta.error
    if event.status != "error" or error is None:
        return {}
    return {"error_type": _text(error.type), "error_message": cut(_text(error.message))}


def _exception(event: LlmEvent) -> list[RawEvent]:
    """The stack of a failure, where OpenTelemetry's senders have theirs."""
    error = event.meta.error
    if error is None or not error.stack:
        return []
    ended_ns = event.start_ns + max(0, event.duration)
    return [RawEvent(EXCEPTION_EVENT, ended_ns, {"exception.stacktrace": cut(_text(error.stack))})]


def _links(links: Any) -> list[RawLink]:
    if not isinstance(links, list):
        return []
    return [
        RawLink(_text(link.get("trace_id")), _text(link.get("span_id")), cut_object(_object(link)))
        for link in links
        if isinstance(link, dict)
    ]


def _object(link: dict[str, Any]) -> dict[str, Any]:
    attributes = link.get("attributes")
    return attributes if isinstance(attributes, dict) else {}


def _tags(tags: list[str] | dict[str, Any] | None) -> dict[str, str]:
    """Tags as pairs; a list has `key:value`, divided at the first colon."""
    if isinstance(tags, list):
        pairs = dict(cut(tag).partition(":")[::2] for tag in tags if tag)
    else:
        pairs = {key: cut(_text(value)) for key, value in (tags or {}).items()}
    theirs, ours = FEEDBACK_TAGS
    if pairs.get(theirs):
        pairs.setdefault(ours, pairs[theirs])
    return pairs


def _user_id(tags: dict[str, str]) -> str:
    return next((_id(tags[name]) for name in USER_TAGS if tags.get(name)), "")


def _trace_id(trace_id: str) -> str:
    return trace_id.lower() if len(trace_id) == 32 else trace_id


def _first(chunk: Sequence[ApmSpan], name: str) -> str:
    return next((value for span in chunk if (value := (span.meta or {}).get(name))), "")


def _name(value: Any) -> str:
    text = _text(value)
    return "" if text == UNKNOWN else text


def _id(value: Any) -> str:
    """An id of 1 to 128 characters; a longer one is no id."""
    text = _text(value)
    return text if len(text) <= MAX_ID_CHARACTERS else ""


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else _encode(value).decode()
