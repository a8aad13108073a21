"""One row of `spans` as the API shows it."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import msgspec

from diptych_server.query.instants import rfc3339_of_ns
from diptych_server.query.log_messages import NOTHING_LOGGED, LoggedBySpan
from diptych_server.query.messages import decode_messages
from diptych_server.wire.answers import Document, Message, Span, SpanError, SpanEvent, Tokens
from diptych_server.wire.span_raw import SpanRaw

COLUMNS = """
trace_id, span_id, parent_id, name, kind, service, ml_app, start_ns, duration_ns,
status, error_type, error_message, model, provider,
has_usage, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd,
ttft_ms, session_id, session_claim, conversation_id, user_id, input, output, tags, raw,
cityHash64(span_id) AS span_hash
"""
"""What `span_of` reads."""


class TraceContext(NamedTuple):
    """What is known of a span's trace beyond the span itself."""

    counted: Collection[int]
    """Hashes of the spans whose usage counts (see usage)."""
    browser_session_ids: Collection[str]
    """Which claims are browser sessions; any other is a conversation."""
    logged: LoggedBySpan
    """Messages that came as log records."""


def span_of(row: Mapping[str, Any], context: TraceContext) -> Span:
    """One span, from `COLUMNS` of it."""
    raw = msgspec.json.decode(row["raw"] or "{}", type=SpanRaw)
    logged = context.logged.get((row["trace_id"], row["span_id"]), NOTHING_LOGGED)
    input_messages, input_text = _content(row["input"], raw.input_messages, logged.input)
    output_messages, output_text = _content(row["output"], raw.output_messages, logged.output)
    session_id, conversation_id = _belonging(row, context.browser_session_ids)
    return Span(
        span_id=row["span_id"],
        parent_id=row["parent_id"] or None,
        trace_id=row["trace_id"],
        name=row["name"],
        kind=row["kind"],
        service=row["service"],
        ml_app=row["ml_app"],
        start=rfc3339_of_ns(row["start_ns"]),
        start_ns=row["start_ns"],
        duration_ns=row["duration_ns"],
        status="error" if row["status"] == "error" else "ok",
        error=_error(row, raw),
        model=row["model"],
        provider=row["provider"],
        tokens=_tokens(row) if row["has_usage"] else None,
        cost_usd=row["cost_usd"],
        is_counted=row["span_hash"] in context.counted,
        ttft_ms=row["ttft_ms"],
        session_id=session_id,
        conversation_id=conversation_id,
        user_id=row["user_id"] or None,
        input_messages=input_messages,
        output_messages=output_messages,
        input=input_text,
        output=output_text,
        documents=_documents(raw),
        tool_definitions=[tool for tool in raw.tool_definitions if isinstance(tool, dict)],
        parameters=raw.parameters,
        metadata=raw.metadata,
        metrics=_metrics(raw),
        tags=dict(row["tags"]),
        events=_events(raw),
        attributes=_attributes(raw),
    )


def _content(text: str, is_messages: bool, logged: list[Message]) -> tuple[list[Message], str | None]:
    """Messages where there are some, else the text itself; what was logged where the span says nothing."""
    if not text:
        return logged, None
    messages = decode_messages(text) if is_messages else None
    return ([], text) if messages is None else (messages, None)


def _belonging(row: Mapping[str, Any], browser_session_ids: Collection[str]) -> tuple[str | None, str | None]:
    """Session and conversation that the span names."""
    claim = row["session_claim"]
    claimed_session = claim if claim in browser_session_ids else ""
    claimed_conversation = "" if claimed_session else claim
    return (
        row["session_id"] or claimed_session or None,
        row["conversation_id"] or claimed_conversation or None,
    )


def _documents(raw: SpanRaw) -> list[Document]:
    return [Document(id=each.id, name=each.name, text=each.text, score=each.score) for each in raw.documents]


def _metrics(raw: SpanRaw) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in raw.metrics.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _events(raw: SpanRaw) -> list[SpanEvent]:
    return [
        SpanEvent(name=each.name, time_ns=each.time_ns, attributes=each.attributes) for each in raw.events
    ]


def _tokens(row: Mapping[str, Any]) -> Tokens:
    return Tokens(
        input=row["input_tokens"],
        output=row["output_tokens"],
        cache_read=row["cache_read_tokens"],
        cache_write=row["cache_write_tokens"],
        reasoning=row["reasoning_tokens"],
        total=row["input_tokens"] + row["output_tokens"],
    )


def _error(row: Mapping[str, Any], raw: SpanRaw) -> SpanError | None:
    if row["status"] != "error":
        return None
    stacks = (event.attributes.get("exception.stacktrace") for event in raw.events)
    stack = next((stack for stack in stacks if isinstance(stack, str)), None)
    return SpanError(type=row["error_type"], message=row["error_message"], stack=stack)


def _attributes(raw: SpanRaw) -> dict[str, Any]:
    """What has no field of its own, with the prompt, the links and the resource beside the attributes."""
    attributes = dict(raw.attributes)
    if raw.prompt:
        attributes["prompt"] = raw.prompt
    if raw.links:
        attributes["links"] = msgspec.to_builtins(raw.links)
    if raw.resource:
        attributes["resource"] = raw.resource
    return attributes
