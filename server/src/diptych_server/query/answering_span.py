"""Which span of a trace wrote the answer that the person saw: where what they did with it belongs."""

from collections.abc import Iterable, Mapping
from typing import Any


def answering_span(spans: Iterable[Mapping[str, Any]], answer: str) -> str | None:
    """Id of the model call whose output is the trace's answer, else of the last that said anything.

    Of several the one that ended last; of no model call nothing. What arrives later may change it.

    Args:
        spans: `span_id`, `kind`, `start_ns`, `duration_ns` and `output_preview` of each.
        answer: the trace's output, as its summary has it.
    """
    calls = [span for span in spans if span["kind"] == "llm"]
    for wrote in (
        [span for span in calls if answer and span["output_preview"] == answer],
        [span for span in calls if span["output_preview"]],
        calls,
    ):
        if wrote:
            last = max(wrote, key=lambda span: (span["start_ns"] + span["duration_ns"], span["span_id"]))
            return str(last["span_id"])
    return None
