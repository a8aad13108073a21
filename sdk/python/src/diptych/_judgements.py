"""The part of `LLMObs` that sends judgements of spans, traces and sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _switch
from ._problems import failure
from ._span import Span


class Judgements:
    """Evaluations (of judges and programs) and feedback (of people)."""

    @classmethod
    def submit_evaluation(
        cls,
        label: str,
        metric_type: str,
        value: Any,
        span: Mapping[str, str] | Span | None = None,
        span_with_tag_value: Mapping[str, str] | None = None,
        tags: Mapping[str, Any] | None = None,
        ml_app: str | None = None,
        timestamp_ms: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        assessment: str | None = None,
        reasoning: str | None = None,
        eval_scope: str = "span",
        agent_service: str | None = None,
        source: str | None = None,
    ) -> None:
        """Sends a judgement of a span or trace; it may come before what it judges.

        Args:
            label: name of the measure, such as `faithfulness`.
            metric_type: categorical, score, boolean, json or text.
            value: the verdict, of that type.
            span: what `export_span` gave, or a span.
            span_with_tag_value: in place of a span, {"tag_key", "tag_value"} of all spans that are meant.
            tags: strings.
            ml_app: name of the AI application.
            timestamp_ms: when it was judged; now by default.
            metadata: free.
            assessment: pass or fail.
            reasoning: why.
            eval_scope: span, or trace for the whole trace of the span.
            agent_service: ddtrace's newer name for `ml_app`.
            source: who judged: human, judge (a model), code, behaviour; code by default.
        """
        from ._evaluations import judged, make_item

        client = _switch.client
        if client is None:
            return
        details = {
            "tags": tags,
            "timestamp_ms": timestamp_ms,
            "metadata": metadata,
            "assessment": assessment,
            "reasoning": reasoning,
            "source": source,
        }
        where = "submit_evaluation"
        try:
            join_on = judged(where, span, span_with_tag_value, eval_scope)
            item = make_item(where, label, metric_type, value, join_on, details)
            client.judge(item, ml_app or agent_service)
        except Exception as error:  # a fault of ours is no fault of the host
            failure(where, error)

    @classmethod
    def submit_feedback(
        cls,
        label: str,
        metric_type: str,
        value: Any,
        submitter: Mapping[str, str] | str,
        span: Mapping[str, str] | Span | None = None,
        span_id: str | None = None,
        trace_id: str | None = None,
        session_id: str | None = None,
        feedback_join_key: str | None = None,
        tags: Mapping[str, Any] | None = None,
        ml_app: str | None = None,
        timestamp_ms: int | None = None,
        assessment: str | None = None,
        reasoning: str | None = None,
        agent_service: str | None = None,
    ) -> None:
        """Sends what a person thought of an answer.

        Exactly one of span, span_id with trace_id, trace_id, session_id and feedback_join_key (the value of
        the tag `feedback_key` of the spans that are meant) says what it is about; the rest is as for
        `submit_evaluation`.

        Args:
            submitter: {"id", "type"?} of the person.
        """
        from ._evaluations import feedback_target, make_item

        client = _switch.client
        if client is None:
            return
        details = {
            "tags": tags,
            "timestamp_ms": timestamp_ms,
            "assessment": assessment,
            "reasoning": reasoning,
            "submitter": submitter,
            "source": "human",
        }
        where = "submit_feedback"
        try:
            join_on = feedback_target(where, span, span_id, trace_id, session_id, feedback_join_key)
            item = make_item(where, label, metric_type, value, join_on, details)
            client.judge(item, ml_app or agent_service)
        except Exception as error:  # a fault of ours is no fault of the host
            failure(where, error)
