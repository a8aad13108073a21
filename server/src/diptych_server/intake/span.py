"""One span of any sender becomes a row of `spans`."""

from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from diptych_server.intake.content import Content, content
from diptych_server.intake.cutting import cut, cut_object, cut_value
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.documents import documents, tool_definitions
from diptych_server.intake.genai import EXCEPTION_EVENT, KIND_SIGNS, KINDS, PROVIDER_APIS, PROVIDERS
from diptych_server.intake.messages import parse
from diptych_server.intake.otlp import Attributes, Group, OtlpSpan
from diptych_server.intake.placing import Placed, placed
from diptych_server.intake.usage import take_ttft_ms, usage
from diptych_server.store.rows import SpanRow, last_wins
from diptych_server.wire.attributes import ML_APP, SESSION_SOURCES
from diptych_server.wire.rum import MAX_ID_CHARACTERS
from diptych_server.wire.span_raw import RawEvent, RawLink, SpanRaw

NS_MS = 1_000_000
OTHER_KIND = "span"
MODEL_KINDS = frozenset({"llm", "embedding"})
MAX_NAME_CHARACTERS = 500

SERVICE = "service.name"

_encode = msgspec.json.encode


class Sender:
    """What all spans of a group share: the process and the instrumentation that sent them."""

    __slots__ = ("ml_app", "resource", "scope", "scope_version", "service", "session_claim")

    def __init__(self, group: Group) -> None:
        resource = cut_object(group.resource)
        self.resource = resource
        self.scope = group.scope_name
        self.scope_version = group.scope_version
        self.service = _text(resource.get(SERVICE))
        self.ml_app = _text(resource.get(ML_APP)) or self.service
        self.session_claim = resource.get("session.id")


def row(span: OtlpSpan, sender: Sender, delivery: Delivery) -> SpanRow:
    """The row of a span."""
    attributes = span.attributes
    sorted_ = placed(attributes)
    columns = sorted_.columns
    kind = _kind(attributes)
    tags = _tags(columns["tags"]) if "tags" in columns else {}
    model = _text(columns.get("model"))
    provider = provider_name(_text(columns.get("provider")))
    used = usage(columns, provider, model, span.start_ns)
    told = content(sorted_, span.events)
    session = _session(columns, tags, sender)
    failed = _failure(span, columns) if span.is_error else _FINE
    return SpanRow(
        project_id=delivery.project_id,
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_id=span.parent_id,
        precedence=last_wins(delivery.received_at_ms),
        start_ns=span.start_ns,
        duration_ns=max(0, span.end_ns - span.start_ns),
        seen_at=delivery.seen_at(span.start_ns // NS_MS),
        received_at=delivery.received_at_ms,
        retention_days=delivery.retention_days,
        name=span.name[:MAX_NAME_CHARACTERS],
        kind=kind,
        scope=sender.scope,
        service=sender.service,
        ml_app=_text(columns.get("ml_app")) or sender.ml_app,
        status="error" if failed.is_error else "ok",
        error_type=failed.type,
        error_message=failed.message,
        model=model,
        provider=provider,
        has_usage=int(used.is_given and kind in MODEL_KINDS),
        input_tokens=used.tokens.input,
        output_tokens=used.tokens.output,
        cache_read_tokens=used.tokens.cache_read,
        cache_write_tokens=used.tokens.cache_write,
        reasoning_tokens=used.tokens.reasoning,
        cost_usd=used.cost_usd,
        ttft_ms=take_ttft_ms(sorted_.others, span.events, span.start_ns),
        session_id=session.session_id,
        session_source=session.source,
        session_claim=session.claim,
        conversation_id=_id(columns.get("conversation_id")),
        user_id=_id(columns.get("user_id")),
        input=told.input.text,
        output=told.output.text,
        input_preview=told.input.preview,
        output_preview=told.output.preview,
        tags=tags,
        raw=_encode(_raw(span, sorted_, told, sender)).decode(),
    )


def _raw(span: OtlpSpan, sorted_: Placed, told: Content, sender: Sender) -> SpanRaw:
    """What has no column of its own."""
    raw = SpanRaw(
        input_messages=told.input.is_messages,
        output_messages=told.output.is_messages,
        input_mime=told.input.mime,
        output_mime=told.output.mime,
        attributes=_others(sorted_),
        resource=sender.resource,
        scope_version=sender.scope_version,
    )
    if span.events:
        raw.events = [RawEvent(e.name, e.time_ns, cut_object(e.attributes)) for e in span.events]
    if span.links:
        raw.links = [RawLink(x.trace_id, x.span_id, cut_object(x.attributes)) for x in span.links]
    for name in FAMILIES:
        if name in sorted_.columns or name in sorted_.parts:
            setattr(raw, name, _family(sorted_, name))
    if "documents" in sorted_.columns or "documents" in sorted_.lists:
        raw.documents = documents(sorted_)
    if "tool_definitions" in sorted_.columns or "tool_definitions" in sorted_.lists:
        raw.tool_definitions = tool_definitions(sorted_)
    return raw


def _kind(attributes: Attributes) -> str:
    for attribute, kinds in KINDS:
        value = attributes.get(attribute)
        if isinstance(value, str) and (kind := kinds.get(value.lower())) is not None:
            return kind
    for attribute, kind in KIND_SIGNS:
        if attribute in attributes:
            return kind
    return OTHER_KIND


class _Failure(NamedTuple):
    is_error: bool
    type: str = ""
    message: str = ""


_FINE = _Failure(False)


def _failure(span: OtlpSpan, columns: dict[str, Any]) -> _Failure:
    """Why a span failed: its status, and what an exception event or `error.type` add to it."""
    held: Attributes = next(
        (event.attributes for event in reversed(span.events) if event.name == EXCEPTION_EVENT), {}
    )
    return _Failure(
        True,
        _text(columns.get("error_type")) or _text(held.get("exception.type")),
        cut(_text(held.get("exception.message")) or span.status_message),
    )


class _Session(NamedTuple):
    session_id: str
    source: str
    claim: str


def _session(columns: dict[str, Any], tags: dict[str, str], sender: Sender) -> _Session:
    """Said explicitly, or only claimed: what senders call a session may be a conversation."""
    explicit = _id(columns.get("session_id"))
    source = _text(columns.get("session_source"))
    claim = _id(columns.get("session_claim") or tags.get("session_id") or sender.session_claim)
    if explicit:
        return _Session(explicit, source if source in SESSION_SOURCES else "explicit", claim)
    return _Session("", "", claim)


def _id(value: Any) -> str:
    """An id of 1 to 128 characters; a longer one is no id, and stays where nobody joins on it."""
    text = _text(value)
    return text if len(text) <= MAX_ID_CHARACTERS else ""


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, (dict, list)) else str(value)


@lru_cache(maxsize=1024)
def provider_name(name: str) -> str:
    """The conventions' name of a provider; Vercel's `openai.chat` names the API too."""
    name = name.lower().replace(" ", "_")
    maker, _, api = name.partition(".")
    return PROVIDERS.get(name) or PROVIDERS.get(maker) or (maker if api in PROVIDER_APIS else name)


def _tags(value: Any) -> dict[str, str]:
    """Tags as pairs: from an object, from a list of `key:value`, or from words divided by commas."""
    value = parse(value)
    if isinstance(value, str):
        value = [word.strip() for word in value.split(",")]
    if isinstance(value, list):
        value = dict(_text(item).partition(":")[::2] for item in value)
    if not isinstance(value, dict):
        return {}
    return {key: cut(_text(item) or _json(item)) for key, item in value.items() if key}


def _json(value: Any) -> str:
    return "" if value is None or isinstance(value, str) else _encode(value).decode()


FAMILIES = ("parameters", "metadata", "metrics", "prompt")
"""Parts of `raw` that are one object."""


def _family(sorted_: Placed, name: str) -> dict[str, Any]:
    """An open family of attributes, and the JSON object that says the same in one attribute."""
    whole = parse(sorted_.columns.get(name))
    family = sorted_.parts.get(name, {})
    return cut_object({**whole, **family} if isinstance(whole, dict) else family)


ALL_HEADERS = frozenset({"gen_ai.headers", "llm.headers"})
"""Where OpenLLMetry records all headers that a call of a model was given, as one text."""

SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "x-api-key", "api-key", "cookie", "set-cookie"}
)

NOT_KEPT = "[not kept: keys may be in it]"
"""Stands in place of the value."""


def _is_secret(name: str) -> bool:
    """Whether an attribute of that name holds headers with which one can sign in."""
    return name in ALL_HEADERS or name.rpartition(".")[2].lower().replace("_", "-") in SECRET_HEADERS


SIDES = frozenset({"input", "output"})
"""Texts that stood beside messages, and were not what the columns hold."""


def _others(sorted_: Placed) -> dict[str, Any]:
    """Attributes without a place of their own; why a model stopped is told under its name of today."""
    others = cut_object(sorted_.others)
    for name in others:
        if "header" in name and _is_secret(name):
            others[name] = NOT_KEPT
    if "finish_reasons" in sorted_.columns:
        others["gen_ai.response.finish_reasons"] = cut_value(sorted_.columns["finish_reasons"])
    for name in SIDES & sorted_.columns.keys():
        others[sorted_.attributes[name]] = cut_value(sorted_.columns[name])
    return others
