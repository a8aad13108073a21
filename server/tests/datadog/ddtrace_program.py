# mypy: disable-error-code="untyped-decorator, arg-type, no-untyped-call, no-any-return, assignment"
# ddtrace types its decorators and arguments loosely.
"""A program with the real ddtrace, run by the tests as a process of its own; prints what it made, as JSON.

python ddtrace_program.py SCENARIO SESSION_ID
"""

import asyncio
import json
import os
import sys
import time
from typing import Any

from ddtrace.llmobs import LLMObs
from ddtrace.llmobs.decorators import agent, tool, workflow
from ddtrace.trace import tracer

made: dict[str, Any] = {"spans": {}}


def note(name: str) -> dict[str, str]:
    """Remember the ids of the active span."""
    ids: dict[str, str] = LLMObs.export_span()
    made["spans"][name] = ids
    return ids


@tool
def stock(product: str) -> dict[str, Any]:
    note("stock")
    return {"product": product, "left": 7}


@agent
async def agent_loop(question: str, session_id: str) -> str:
    LLMObs.annotate(
        span=None,
        tags={
            "session_id": session_id,
            "tier": "pro",
            "user_id": "ana",
            "feedback_join_key": f"of {session_id}",
        },
    )
    note("agent_loop")
    stock("tent")
    with LLMObs.retrieval(name="search") as span:
        LLMObs.annotate(
            span, input_data=question, output_data=[{"text": "Weighs 4 kg", "id": "d1", "score": 0.5}]
        )
        note("search")
    with LLMObs.embedding(name="embed", model_name="text-embedding-3-small", model_provider="openai") as span:
        LLMObs.annotate(span, input_data=question, output_data="[1 vector]", metrics={"input_tokens": 4})
        note("embed")
    with LLMObs.llm(name="think", model_name="claude-haiku-5-5", model_provider="anthropic") as span:
        LLMObs.annotate(
            span,
            input_data=[
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": question},
                {
                    "role": "assistant",
                    "content": "",
                    "tool_calls": [{"name": "stock", "arguments": {"product": "tent"}, "tool_id": "t1"}],
                },
                {
                    "role": "tool",
                    "content": "",
                    "tool_results": [{"name": "stock", "result": "7", "tool_id": "t1"}],
                },
            ],
            output_data=[
                {"role": "reasoning", "content": "hm"},
                {"role": "assistant", "content": "Seven are left."},
            ],
            metadata={"temperature": 0.2},
            metrics={
                "input_tokens": 100,
                "output_tokens": 20,
                "cache_read_input_tokens": 10,
                "reasoning_output_tokens": 5,
                "time_to_first_token": 0.25,
            },
            tool_definitions=[
                {"name": "stock", "description": "How many are left", "schema": {"type": "object"}}
            ],
            prompt={"id": "shop", "version": "2", "template": "Q: {{q}}", "variables": {"q": question}},
        )
        note("think")
    return "Seven are left."


@workflow
async def handle(question: str, session_id: str) -> str:
    root = note("handle")
    try:
        with LLMObs.task(name="fails"):
            note("fails")
            raise ValueError("no luck")
    except ValueError:
        pass
    LLMObs.submit_evaluation("brief", "boolean", True, span=root, eval_scope="trace", assessment="pass")
    return await agent_loop(question, session_id)


def turn(session_id: str) -> None:
    """One turn, with evaluations before and after it, and feedback on all that feedback can name."""
    asyncio.run(handle("How many tents?", session_id))
    spans = made["spans"]
    LLMObs.submit_evaluation("faithful", "score", 0.9, span=spans["think"], reasoning="as the tool said")
    LLMObs.submit_evaluation(
        "tone", "categorical", "kind", span_with_tag_value={"tag_key": "tier", "tag_value": "pro"}
    )
    LLMObs.submit_evaluation("facts", "json", {"left": 7}, span=spans["think"], metadata={"judge": "me"})
    person = {"id": "ana", "type": "user"}
    LLMObs.submit_feedback("thumbs", "boolean", True, submitter=person, span_id=spans["think"]["span_id"])
    LLMObs.submit_feedback("words", "text", "thanks", submitter=person, trace_id=spans["handle"]["trace_id"])
    LLMObs.submit_feedback("stars", "score", 5, submitter=person, session_id=session_id)
    LLMObs.submit_feedback("joined", "boolean", False, submitter=person, feedback_join_key=f"of {session_id}")


def many(session_id: str) -> None:
    """A trace that is sent in parts, its root last."""
    with LLMObs.workflow(name="many", session_id=session_id):
        note("many")
        for _ in range(700):
            with LLMObs.task(name="step"):
                pass


def plain(_: str) -> None:
    """Spans of APM alone, one of them of the type `llm`, beside one span of LLM Observability."""
    with tracer.trace("web.request", service="shop", resource="POST /ask", span_type="web"):
        with tracer.trace("model.call", span_type="llm"):
            pass
        with LLMObs.task(name="kept"):
            note("kept")


def odd(session_id: str) -> None:
    """Values that JSON does not know, and long ones."""
    with LLMObs.task(name="odd", session_id=session_id) as span:
        LLMObs.annotate(
            span,
            input_data={
                "nan": float("nan"),
                "inf": float("inf"),
                "big": 2**70,
                "": 1,
                "__proto__": 2,
                "nul": "a\0b",
            },
            output_data="a lone half: \\ud800",
            metadata={"weird:key": "v:1", "deep": {"a": [1, {"b": None}]}},
            metrics={"large": 2**60},
            tags={"weird:tag": "v:1,2", "empty": ""},
        )
        note("odd")


def long(_: str) -> None:
    """A text of 6 MB, which the client cuts only where it sends JSON."""
    with LLMObs.task(name="long") as span:
        LLMObs.annotate(span, output_data="x" * 6_000_000)
        note("long")


def sampled(_: str) -> None:
    """Half of nothing: the client marks every trace as not to be kept."""
    with LLMObs.task(name="unwanted"):
        note("unwanted")


def datasets(_: str) -> None:
    """What is not there yet says so, and the program goes on."""
    try:
        LLMObs.create_dataset(dataset_name="questions", project_name="shop", records=[])
    except Exception as error:
        made["error"] = str(error)


def by_headers(session_id: str) -> None:
    """A web framework that ddtrace knows takes the page's headers over: no line of code joins the two."""
    ask_over_http(0x123456789ABCDEF0, {"baggage": f"session.id={session_id},user.id=ana"})


def by_trace_id(trace_id: str) -> None:
    """The same for a page that sends no baggage."""
    ask_over_http(int(trace_id), {})


def ask_over_http(trace_id: int, more: dict[str, str]) -> None:
    """A request as a page with Datadog's SDK sends it, to a handler with two spans."""
    import fastapi
    from fastapi.testclient import TestClient

    app = fastapi.FastAPI()

    @app.post("/ask")
    def ask() -> str:
        with LLMObs.workflow(name="by headers"):
            note("by headers")
            with LLMObs.task(name="below"):
                return "ok"

    headers = {
        "traceparent": f"00-{trace_id:032x}-1111111111111111-01",
        "tracestate": "dd=s:1;o:rum",
        "x-datadog-origin": "rum",
        "x-datadog-trace-id": str(trace_id),
        "x-datadog-parent-id": str(0x1111111111111111),
        "x-datadog-sampling-priority": "1",
        **more,
    }
    assert TestClient(app).post("/ask", headers=headers).status_code == 200


def main() -> None:
    """Run one scenario, flush, and print."""
    scenario, session_id = sys.argv[1:]
    enable: dict[str, Any] = {"sample_rate": 0.0} if scenario == "sampled" else {}
    LLMObs.enable(agent_service="tent-agent", **enable)
    globals()[scenario](session_id)
    LLMObs.flush()
    tracer.flush()
    made["ended_ms"] = time.time_ns() // 1_000_000
    made["mode"] = os.environ.get("MODE", "")
    print(json.dumps(made))


if __name__ == "__main__":
    main()
