"""An agent with nothing of ours: OpenTelemetry, an instrumentor, the processor that copies baggage to spans.

Only its environment points at Diptych: OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_HEADERS.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from asking import serve
from model import ask_model
from opentelemetry import propagate, trace
from opentelemetry.context import attach, detach
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor
from opentelemetry.processor.baggage import ALLOW_ALL_BAGGAGE_KEYS, BaggageSpanProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

AGENT = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "agent_loop"}


def answer(body: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """Goes on with the trace that the page began."""
    token = attach(propagate.extract({name.lower(): value for name, value in headers.items()}))
    try:
        with trace.get_tracer("tent-agent").start_as_current_span("agent_loop", attributes=AGENT):
            return asyncio.run(ask_model(body["question"]))
    finally:
        detach(token)


if __name__ == "__main__":
    provider = TracerProvider()
    provider.add_span_processor(BaggageSpanProcessor(ALLOW_ALL_BAGGAGE_KEYS))
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    AnthropicInstrumentor().instrument()
    serve(answer)
