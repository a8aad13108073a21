"""Our place in the application's OpenTelemetry: its TracerProvider, or one of ours, and its propagators."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol, cast

from opentelemetry import propagate, trace
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from ._ids import ids
from ._library_span import LibraryTracer
from ._processor import Joint
from ._propagation import IdPropagator
from ._twins import LIBRARY_SCOPES

if TYPE_CHECKING:
    from ._settings import Settings

_MAX_ATTRIBUTES = 1_024
"""Older instrumentations write one attribute a message; OpenTelemetry's default of 128 drops the first."""


class Joinable(Protocol):
    """A TracerProvider that takes span processors, as the SDK's does."""

    def add_span_processor(self, span_processor: SpanProcessor) -> None:
        """Adds a processor."""

    def get_tracer(self, instrumenting_module_name: str, version: str | None = None) -> trace.Tracer:
        """A tracer."""


_joints: list[tuple[Joinable, Joint]] = []
"""The providers that were joined; a processor cannot be removed from one, so each is joined only once."""


class OwnProvider(TracerProvider):
    """The provider that we set where the application has none; knows whether anybody else listens to it."""

    is_shared = False
    """Whether the application has added span processors of its own."""

    def add_span_processor(self, span_processor: SpanProcessor) -> None:
        """See `TracerProvider.add_span_processor`."""
        if not isinstance(span_processor, Joint):
            self.is_shared = True
        super().add_span_processor(span_processor)

    def get_tracer(self, instrumenting_module_name: str, *args: Any, **kwargs: Any) -> trace.Tracer:
        """See `TracerProvider.get_tracer`; client libraries' spans are notes where nobody else listens."""
        tracer = super().get_tracer(instrumenting_module_name, *args, **kwargs)
        if not instrumenting_module_name.startswith(LIBRARY_SCOPES):
            return tracer
        return LibraryTracer(tracer, lambda: None if self.is_shared else propagator.nodes)


_own: OwnProvider | None = None

propagator = IdPropagator()
"""The one that stands behind the application's propagators."""


def join(settings: Settings) -> tuple[Joinable, Joint, dict[str, Any]]:
    """The application's provider where it has set one, else one of ours; with our joint in it.

    Third: what its resource says otherwise in this `enable`. A provider's resource is made once; ours
    outlives `disable`, and may be enabled again under another name.
    """
    current = trace.get_tracer_provider()
    provider = (
        cast("Joinable", current) if hasattr(current, "add_span_processor") else _own_provider(settings)
    )
    resource = _resource_attributes(settings) if provider is _own else {}
    for known, joint in _joints:
        if known is provider:
            return provider, joint, resource
    joint = Joint()
    provider.add_span_processor(joint)
    _joints.append((provider, joint))
    return provider, joint, resource


def _own_provider(settings: Settings) -> OwnProvider:
    """Our provider, which becomes the application's where it has none at all."""
    global _own
    if _own is None:
        limits = SpanLimits(max_span_attributes=_MAX_ATTRIBUTES, max_events=_MAX_ATTRIBUTES)
        _own = OwnProvider(
            # A caller that does not sample its requests has no say in whether their model calls are seen.
            sampler=None if "OTEL_TRACES_SAMPLER" in os.environ else ALWAYS_ON,
            resource=Resource.create({}).merge(Resource(_resource_attributes(settings))),
            span_limits=limits,
            shutdown_on_exit=False,
            id_generator=ids,
        )
        # A sampler or a limit that the environment names is to see the attributes, too.
        _own.is_shared = "OTEL_TRACES_SAMPLER" in os.environ or limits.max_span_attribute_length is not None
        if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
            trace.set_tracer_provider(_own)
    return _own


def _resource_attributes(settings: Settings) -> dict[str, Any]:
    """What the settings say of our own provider's resource; a `service.name` of the environment stays."""
    attributes: dict[str, Any] = {}
    named = str(Resource.create({}).attributes.get("service.name", ""))
    if settings.service or named.startswith("unknown_service") or not named:
        attributes["service.name"] = settings.service or settings.ml_app
    if settings.env:
        attributes["deployment.environment.name"] = settings.env
    if settings.version:
        attributes["service.version"] = settings.version
    return attributes


class _WithIds(CompositePropagator):
    """The application's propagators, and ours behind them."""


def install_propagator() -> None:
    """Puts ours behind the application's propagators, once."""
    current = propagate.get_global_textmap()
    if not isinstance(current, _WithIds):
        propagate.set_global_textmap(_WithIds([current, propagator]))
