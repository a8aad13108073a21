"""The official OpenTelemetry exporter against our doors."""

import json

import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import StatusCode

from .conftest import Sender

RESOURCE = Resource.create({"service.name": "shop-agent", "session.id": "browser-1"})


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip, Compression.Deflate])
@pytest.mark.parametrize("key_in", ["header", "path"])
async def test_spans(sender: Sender, compression: Compression, key_in: str) -> None:
    exporter = OTLPSpanExporter(
        endpoint=f"{sender.house.url}{f'/k/{sender.server_key}' if key_in == 'path' else ''}/v1/traces",
        headers={"authorization": f"Bearer {sender.server_key}"} if key_in == "header" else {},
        compression=compression,
    )
    provider = TracerProvider(resource=RESOURCE)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("shop", "1.2")
    with tracer.start_as_current_span("agent") as agent:
        agent.set_attributes({"gen_ai.operation.name": "invoke_agent", "tags": ["a", "b"], "weight": 0.5})
        with pytest.raises(ValueError, match="no tents"), tracer.start_as_current_span("search"):
            raise ValueError("no tents")
        agent.set_status(StatusCode.OK)
    provider.shutdown()
    agent_row, search = await sender.rows("spans", order="start_ns")
    assert (agent_row["kind"], agent_row["service"], agent_row["scope"]) == ("agent", "shop-agent", "shop")
    assert (agent_row["status"], agent_row["session_claim"]) == ("ok", "browser-1")
    raw = json.loads(agent_row["raw"])
    assert (raw["attributes"]["tags"], raw["attributes"]["weight"]) == (["a", "b"], 0.5)
    assert raw["scope_version"] == "1.2"
    assert search["parent_id"] == agent_row["span_id"]
    assert (search["status"], search["error_type"], search["error_message"]) == (
        "error",
        "ValueError",
        "no tents",
    )
    assert (
        "ValueError: no tents" in json.loads(search["raw"])["events"][0]["attributes"]["exception.stacktrace"]
    )


async def test_logs(sender: Sender) -> None:
    exporter = OTLPLogExporter(
        endpoint=f"{sender.house.url}/v1/logs", headers={"dd-api-key": sender.server_key}
    )
    logs = LoggerProvider(resource=RESOURCE)
    logs.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    tracer = TracerProvider(resource=RESOURCE).get_tracer("shop")
    with tracer.start_as_current_span("chat") as span:
        logs.get_logger("shop").emit(
            event_name="gen_ai.client.inference.operation.details",
            attributes={
                "gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "content": "Hello?"}]}]
            },
        )
        span_id = format(span.get_span_context().span_id, "016x")
    logs.shutdown()
    (row,) = await sender.rows("span_messages")
    assert row["span_id"] == span_id
    assert json.loads(row["input"]) == [{"role": "user", "parts": [{"type": "text", "content": "Hello?"}]}]
