"""Ids that come in with a request's headers, and that go out with ours."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, unquote_plus

from opentelemetry import baggage, trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context, get_current
from opentelemetry.propagators.textmap import (
    CarrierT,
    Getter,
    Setter,
    TextMapPropagator,
    default_getter,
    default_setter,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from ._correlation import Request, Unit, clean_id
from ._scope import Activation, current_request, with_request

if TYPE_CHECKING:
    from ._correlation import Nodes

SESSION_BAGGAGE = "session.id"
USER_BAGGAGE = "user.id"
SESSION_HEADER = "dip-session"
TRACE_HEADER = "dip-traceparent"
"""For pages whose `traceparent` is replaced on the way (a service mesh): wins over `traceparent`."""

_INCOMING = (
    "baggage",
    SESSION_HEADER,
    TRACE_HEADER,
    "x-datadog-tags",
    "x-datadog-trace-id",
    "x-datadog-parent-id",
)
"""Headers that the application's own propagators do not read, or not as we do."""

_TRACE_CONTEXT = TraceContextTextMapPropagator()
_BAGGAGE = W3CBaggagePropagator()


def header_map(headers: Any) -> dict[str, str]:
    """Headers with lower-case names, of a mapping, pairs, ASGI's byte pairs, or a WSGI environ."""
    items = headers.items() if hasattr(headers, "items") else headers
    known: dict[str, str] = {}
    for name, value in items:
        key = _as_str(name).lower()
        if key.startswith("http_"):  # WSGI
            key = key[5:].replace("_", "-")
        text = _as_str(value[0] if isinstance(value, (list, tuple)) and value else value)
        known[key] = f"{known[key]},{text}" if key == "baggage" and key in known else text
    return known


def _as_str(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def activate(headers: Any, nodes: Nodes) -> Activation:
    """Makes the request of `headers` current: its trace, session and user.

    While a local span is open it stays the parent, and only the ids are taken over.
    """
    carrier = header_map(headers)
    known = get_current()
    here = nodes.get(trace.get_current_span(known).get_span_context().span_id)
    is_inside_span = here is not None and here.span is not None
    context = known if is_inside_span else trace.set_span_in_context(trace.INVALID_SPAN, known)
    context = _BAGGAGE.extract(carrier, baggage.clear(context))
    if not is_inside_span:
        context = _extract_trace(carrier, context)
    unit = here.unit if here is not None and is_inside_span else Unit()
    context = _with_ids(carrier, context, unit)
    if here is not None and is_inside_span:
        here.request = current_request(context)
    return Activation(context)


def _extract_trace(carrier: Mapping[str, str], context: Context) -> Context:
    own = carrier.get(TRACE_HEADER)
    if own:
        return _TRACE_CONTEXT.extract({"traceparent": own}, context)
    if "traceparent" in carrier:
        return _TRACE_CONTEXT.extract(carrier, context)
    return _extract_datadog(carrier, context)


def _extract_datadog(carrier: Mapping[str, str], context: Context) -> Context:
    """Datadog's headers: decimal 64-bit ids, the upper half of the trace id in `_dd.p.tid`."""
    try:
        low = int(carrier["x-datadog-trace-id"])
        span_id = int(carrier["x-datadog-parent-id"])
        high = int(_datadog_tags(carrier).get("_dd.p.tid", "0"), 16)
    except (KeyError, ValueError):
        return context
    remote = trace.SpanContext(
        (high << 64 | low) & (1 << 128) - 1, span_id, is_remote=True, trace_flags=trace.TraceFlags(1)
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(remote), context) if remote.is_valid else context


def _datadog_tags(carrier: Mapping[str, str]) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in carrier.get("x-datadog-tags", "").split(","))
    return {name.strip(): value for name, _, value in pairs}


def _member(header: str, name: str) -> str | None:
    """The value of one member of a baggage header, without its properties (OpenTelemetry leaves them on)."""
    for member in header.split(","):
        key, _, value = member.partition("=")
        if key.strip() == name:
            return unquote_plus(value.partition(";")[0].strip())
    return None


def _with_ids(carrier: Mapping[str, str], context: Context, unit: Unit) -> Context:
    """`context` with the request of its baggage and headers.

    Session and user are taken out of the baggage: the SDK adds them to outgoing requests itself, and leaves
    them out where the request goes to a model's vendor.
    """
    members = carrier.get("baggage", "")
    session_id = clean_id(_member(members, SESSION_BAGGAGE))
    source = "baggage"
    if session_id is None:
        session_id = clean_id(unquote(carrier.get(SESSION_HEADER, "")))
        source = "header"
    if session_id is None:
        session_id = clean_id(_datadog_tags(carrier).get("_dd.p.llmobs_sid"))
    user_id = clean_id(_member(members, USER_BAGGAGE))
    context = baggage.remove_baggage(USER_BAGGAGE, baggage.remove_baggage(SESSION_BAGGAGE, context))
    request = Request(unit=unit, remote_session_id=session_id, remote_source=source, remote_user_id=user_id)
    return with_request(request, context)


def outgoing_ids(context: Context | None, nodes: Nodes) -> tuple[str | None, str | None]:
    """The session and user that a request made in `context` carries on; none to a model's vendor."""
    node = nodes.get(trace.get_current_span(context).get_span_context().span_id)
    at = node
    while at is not None:
        if at.is_model_call:
            return None, None
        at = at.parent
    if node is not None:
        session = node.session()
        return (None if session is None else session[0]), node.user()
    request = current_request(context)
    if request is None:
        return None, None
    unit = request.unit or Unit()
    return (
        request.session_id or request.remote_session_id or unit.session_id,
        request.user_id or request.remote_user_id or unit.user_id,
    )


def inject(headers: MutableMapping[str, str], context: Context, nodes: Nodes) -> None:
    """Writes `traceparent` and `baggage` of `context` into `headers`."""
    _TRACE_CONTEXT.inject(headers, context)
    _inject_ids(headers, context, outgoing_ids(context, nodes), default_setter)


def _inject_ids(
    carrier: CarrierT,
    context: Context | None,
    ids: tuple[str | None, str | None],
    setter: Setter[CarrierT],
) -> None:
    session_id, user_id = ids
    if session_id is not None:
        context = baggage.set_baggage(SESSION_BAGGAGE, session_id, context)
    if user_id is not None:
        context = baggage.set_baggage(USER_BAGGAGE, user_id, context)
    _BAGGAGE.inject(carrier, context, setter)


class IdPropagator(TextMapPropagator):
    """Stands behind the application's propagators: every instrumented server and client carries the ids."""

    def __init__(self) -> None:
        self.nodes: Nodes | None = None
        """None while LLM Observability is off."""

    def extract(
        self, carrier: CarrierT, context: Context | None = None, getter: Getter[CarrierT] = default_getter
    ) -> Context:
        """Reads session and user of an incoming request."""
        context = get_current() if context is None else context
        if self.nodes is None:
            return context
        known: dict[str, str] = {}
        for name in _INCOMING:
            values = getter.get(carrier, name)
            if values:
                known[name] = ",".join(values) if name == "baggage" else values[0]
        if TRACE_HEADER in known or not trace.get_current_span(context).get_span_context().is_valid:
            context = _extract_trace(known, context)
        return _with_ids(known, context, Unit())

    def inject(
        self, carrier: CarrierT, context: Context | None = None, setter: Setter[CarrierT] = default_setter
    ) -> None:
        """Writes session and user, as they are known now, into an outgoing request."""
        if self.nodes is None:
            return
        ids = outgoing_ids(context, self.nodes)
        if any(ids):  # else the baggage is as the application's own propagators have written it
            _inject_ids(carrier, context, ids, setter)

    @property
    def fields(self) -> set[str]:
        """The headers that `inject` writes."""
        return {"baggage"}


def annotate_request(session_id: str | None, user_id: str | None, tags: Mapping[str, str]) -> None:
    """Says, in a context without an active span, whose spans start next.

    The context is given a request of its own, so that contexts cannot mix; where the bounds of the request
    are known, its other contexts learn what they have no better word for.
    """
    request = (current_request() or Request()).saying(session_id, user_id, tags)
    unit = request.unit
    if unit is not None:
        unit.session_id = unit.session_id or session_id
        unit.user_id = unit.user_id or user_id
    Activation(with_request(request))
