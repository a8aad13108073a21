"""`LLMObs`, the face of the SDK: class methods that do nothing when it is off, and never raise."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from . import _switch
from ._judgements import Judgements
from ._problems import be_strict, failure, problem
from ._span import OFF, Span

if TYPE_CHECKING:
    from opentelemetry.util.types import AttributeValue

    from ._finished_span import SpanProcessor
    from ._scope import Activation, AnnotationContext

_FLUSH_TIMEOUT_S = 10.0


class LLMObs(Judgements):
    """LLM Observability of this process.

    `LLMObs.enable()` switches it on. Until then, and after `disable()`, every call is a silent no-op. Wrong
    arguments are told once in the log of `diptych`, with what was expected; with `DIPTYCH_STRICT=1` they
    raise `DiptychError`.
    """

    _lock = threading.Lock()

    # Switching on and off

    @classmethod
    def enable(
        cls,
        ml_app: str | None = None,
        integrations_enabled: bool | Iterable[str] | None = None,
        *,
        url: str | None = None,
        key: str | None = None,
        service: str | None = None,
        env: str | None = None,
        version: str | None = None,
        capture_content: bool | None = None,
        sample_rate: float | None = None,
        span_processor: SpanProcessor | None = None,
        strict: bool | None = None,
        agent_service: str | None = None,
        **more: Any,
    ) -> None:
        """Switches LLM Observability on. A second call does nothing until `disable()`.

        Each argument may be left out, and is also an environment variable (`DIPTYCH_URL`, `DIPTYCH_KEY`, …);
        the README has the table.

        Args:
            ml_app: name of the AI application.
            integrations_enabled: libraries to trace: all that are installed, none, or those named.
            url: where Diptych listens.
            key: a server key.
            service: name of the service (`service.name`).
            env: deployment environment.
            version: version of the application.
            capture_content: record inputs and outputs that are captured automatically.
            sample_rate: share of traces to keep, 0 to 1; those with an error are always kept.
            span_processor: see `register_processor`.
            strict: raise on wrong arguments in place of logging them.
            agent_service: ddtrace's newer name for `ml_app`.
            more: the other settings of the table; names that only ddtrace knows are told once and ignored.
        """
        arguments = {
            **more,
            "ml_app": ml_app if agent_service is None else agent_service,
            "integrations_enabled": integrations_enabled,
            "url": url,
            "key": key,
            "service": service,
            "env": env,
            "version": version,
            "capture_content": capture_content,
            "sample_rate": sample_rate,
            "strict": strict,
        }
        from ._settings import read_settings

        with cls._lock:
            if _switch.client is not None:
                return
            settings = read_settings(arguments)
            be_strict(settings.strict)
            if not settings.enabled:
                return
            try:
                from ._client import Client
                from .integrations import switch_on

                client = Client(settings)
                client.register_processor(span_processor)
                switch_on(settings, client)
                _switch.turn(client)
            except Exception as error:  # a fault of ours must not keep the host from starting
                failure("enable", error)

    @classmethod
    def disable(cls) -> None:
        """Sends what waits and switches LLM Observability off. Does nothing when it is off."""
        with cls._lock:
            client = _switch.client
            _switch.turn(None)
        if client is not None:
            try:
                from .integrations import switch_off

                switch_off()
                client.close()
            except Exception as error:  # a fault of ours is no fault of the host
                failure("disable", error)

    @classmethod
    def flush(cls, timeout_s: float = _FLUSH_TIMEOUT_S) -> bool:
        """Sends everything that waits: spans and evaluations.

        Returns:
            Whether all of it went within `timeout_s`.
        """
        client = _switch.client
        return True if client is None else client.flush(timeout_s)

    @classmethod
    def enabled(cls) -> bool:
        """Whether LLM Observability is on."""
        return _switch.client is not None

    @classmethod
    def dropped(cls) -> dict[str, int]:
        """What was not delivered, by reason; the README lists the reasons."""
        client = _switch.client
        return {} if client is None else client.drops.read()

    @classmethod
    def register_processor(cls, processor: SpanProcessor | None = None) -> None:
        """Lets `processor` see each span before it is sent, to change or (returning None) drop it.

        The last one registered is in force; None removes it. It is given a `diptych.LLMObsSpan`, in a thread
        of the SDK.
        """
        client = _switch.client
        if client is not None:
            client.register_processor(processor)

    # Spans

    @classmethod
    def workflow(
        cls,
        name: str | None = None,
        session_id: str | None = None,
        ml_app: str | None = None,
        agent_service: str | None = None,
    ) -> Span:
        """A fixed sequence of steps, such as a chain."""
        return cls._start("workflow", name, session_id, ml_app or agent_service)

    @classmethod
    def agent(
        cls,
        name: str | None = None,
        session_id: str | None = None,
        ml_app: str | None = None,
        agent_service: str | None = None,
        version: str | None = None,
    ) -> Span:
        """A loop in which a model decides what to do next."""
        extra: dict[str, AttributeValue] | None = None
        if version is not None:
            extra = {"gen_ai.agent.version": version}
        return cls._start("agent", name, session_id, ml_app or agent_service, extra)

    @classmethod
    def llm(
        cls,
        model_name: str | None = None,
        name: str | None = None,
        model_provider: str | None = None,
        session_id: str | None = None,
        ml_app: str | None = None,
        agent_service: str | None = None,
    ) -> Span:
        """A call of a model."""
        extra = _model(model_name, model_provider)
        return cls._start("llm", name, session_id, ml_app or agent_service, extra)

    @classmethod
    def embedding(
        cls,
        model_name: str | None = None,
        name: str | None = None,
        model_provider: str | None = None,
        session_id: str | None = None,
        ml_app: str | None = None,
        agent_service: str | None = None,
    ) -> Span:
        """A call of an embedding model."""
        extra = _model(model_name, model_provider)
        return cls._start("embedding", name, session_id, ml_app or agent_service, extra)

    @classmethod
    def tool(
        cls,
        name: str | None = None,
        session_id: str | None = None,
        ml_app: str | None = None,
        agent_service: str | None = None,
    ) -> Span:
        """A call of a tool that a model asked for."""
        return cls._start("tool", name, session_id, ml_app or agent_service)

    @classmethod
    def task(
        cls,
        name: str | None = None,
        session_id: str | None = None,
        ml_app: str | None = None,
        agent_service: str | None = None,
    ) -> Span:
        """A step that asks no model and nothing outside."""
        return cls._start("task", name, session_id, ml_app or agent_service)

    @classmethod
    def retrieval(
        cls,
        name: str | None = None,
        session_id: str | None = None,
        ml_app: str | None = None,
        agent_service: str | None = None,
    ) -> Span:
        """A search for documents."""
        return cls._start("retrieval", name, session_id, ml_app or agent_service)

    @classmethod
    def _start(
        cls,
        kind: str,
        name: str | None,
        session_id: str | None,
        ml_app: str | None,
        extra: Mapping[str, AttributeValue] | None = None,
        activate: bool = True,
    ) -> Span:
        client = _switch.client
        if client is None:
            return OFF
        try:
            return client.start(kind, name, session_id, ml_app, extra, activate)
        except Exception as error:  # a fault of ours is no fault of the host
            failure(kind, error)
            return OFF

    # What is said about spans

    @classmethod
    def annotate(
        cls,
        span: Span | None = None,
        prompt: Mapping[str, Any] | None = None,
        input_data: Any = None,
        output_data: Any = None,
        metadata: Mapping[str, Any] | None = None,
        metrics: Mapping[str, float] | None = None,
        tags: Mapping[str, Any] | None = None,
        tool_definitions: Any = None,
        cost_tags: Iterable[str] | None = None,
        agent: Mapping[str, Any] | None = None,
    ) -> None:
        """Says something about `span` (None: the current one).

        `LLMObs.annotate(span=None, tags={"session_id": session_id})` names the browser session of the person
        who asked. It may be said at any time and in any span of a request: the whole trace follows. With no
        current span it holds for the spans that this context starts next.

        Args:
            span: what `LLMObs.agent()` and its sisters return; None: the current span.
            prompt: {id, version, template or chat_template, variables, …} that an llm span was made from.
            input_data: text or anything JSON; llm: messages; embedding: documents.
            output_data: text or anything JSON; llm: messages; retrieval: documents.
            metadata: free, merged over earlier calls.
            metrics: numbers, such as input_tokens, output_tokens, time_to_first_token (seconds).
            tags: strings; `session_id`, `user_id` and `conversation_id` name the browser session, user and
                the conversation.
            tool_definitions: the tools that an llm span was offered: {name, description, schema}.
            cost_tags: taken for ddtrace's sake; costs can be told apart by every tag.
            agent: {name, version, instructions, model} of an agent span.
        """
        client = _switch.client
        if client is None or span is OFF:
            return
        said = {
            "prompt": prompt,
            "input_data": input_data,
            "output_data": output_data,
            "metadata": metadata,
            "metrics": metrics,
            "tool_definitions": tool_definitions,
            "agent": agent,
        }
        try:
            client.annotate(span, tags, said)
        except Exception as error:  # a fault of ours is no fault of the host
            failure("annotate", error)

    @classmethod
    def annotation_context(
        cls,
        tags: Mapping[str, Any] | None = None,
        prompt: Mapping[str, Any] | None = None,
        name: str | None = None,
        cost_tags: Iterable[str] | None = None,
        agent: Mapping[str, Any] | None = None,
    ) -> AnnotationContext | Span:
        """Adds tags, a prompt and a name to every span that starts inside it, automatic ones, too.

        `with` and `async with`; inner ones add to outer ones.

        Args:
            tags: strings; `session_id`, `user_id` and `conversation_id` name what they say.
            prompt: what the llm spans were made from, as for `annotate`.
            name: of the spans.
            cost_tags: taken for ddtrace's sake; costs can be told apart by every tag.
            agent: describes the agent spans, as for `annotate`.
        """
        client = _switch.client
        if client is None:
            return OFF
        try:
            return client.annotation_context(tags, prompt, name, agent)
        except Exception as error:  # a fault of ours is no fault of the host
            failure("annotation_context", error)
            return OFF

    @classmethod
    def export_span(cls, span: Span | None = None) -> dict[str, str] | None:
        """`{"span_id", "trace_id"}` (16 and 32 hex digits) of `span` (None: the current), for evaluations.

        None when there is no such span, or LLM Observability is off.
        """
        client = _switch.client
        if client is None or span is OFF:
            return None
        try:
            return client.export(span)
        except Exception as error:  # a fault of ours is no fault of the host
            failure("export_span", error)
            return None

    # Requests

    @classmethod
    def activate_distributed_headers(cls, request_headers: Any) -> Activation | Span:
        """Makes the request that these headers came with current: its trace, browser session and user.

        Reads `traceparent`, `baggage` (session.id, user.id), `dip-session`, `dip-traceparent` and Datadog's
        headers. Call it first thing in a request's handler. It lasts for the asyncio task or the request;
        with `with LLMObs.activate_distributed_headers(headers):` it ends with the block.

        Args:
            request_headers: a mapping, pairs, ASGI's byte pairs, or a WSGI environ.
        """
        client = _switch.client
        if client is None:
            return OFF
        try:
            return client.activate(request_headers)
        except Exception as error:  # a fault of ours is no fault of the host
            failure("activate_distributed_headers", error)
            return OFF

    @classmethod
    def inject_distributed_headers(
        cls, request_headers: MutableMapping[str, str], span: Span | None = None
    ) -> MutableMapping[str, str]:
        """Adds `traceparent` and `baggage` of `span` (None: the current one) to headers, and returns them."""
        client = _switch.client
        if client is None or span is OFF:
            return request_headers
        if not isinstance(request_headers, MutableMapping):
            problem("inject_distributed_headers", "request_headers: a dict", request_headers)
            return request_headers
        try:
            client.inject(request_headers, span)
        except Exception as error:  # a fault of ours is no fault of the host
            failure("inject_distributed_headers", error)
        return request_headers

    @classmethod
    def _captures_content(cls) -> bool:
        client = _switch.client
        return client is not None and client.settings.capture_content


def _model(name: str | None, provider: str | None) -> dict[str, AttributeValue]:
    lowered = None if provider is None else provider.lower()
    return _some({"gen_ai.request.model": name, "gen_ai.provider.name": lowered})


def _some(values: Mapping[str, str | None]) -> dict[str, AttributeValue]:
    return {key: value for key, value in values.items() if value is not None}
