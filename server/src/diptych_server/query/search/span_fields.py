"""Fields of a span: columns of its row."""

from typing import get_args

from diptych_server.query.search.fields import OWN, Family, Field, Source, in_table
from diptych_server.query.search.sources import SPANS_OF_EVALUATIONS
from diptych_server.wire.answers import SpanKind

VERDICTS = "[toString(assessment), if(startsWith(value, '\"'), JSONExtractString(value), value)]"
"""What text can be compared with in an evaluation."""

TOTAL_TOKENS = "toUInt64(input_tokens) + output_tokens"

SPAN_FIELDS = in_table(
    "spans",
    Field(
        "kind",
        "text",
        "Kind of the span.",
        "kind",
        aliases=("span.kind", "meta.span.kind", "span_kind"),
        values=get_args(SpanKind),
        examples=("kind:llm",),
        is_facet=True,
    ),
    Field("name", "text", "Name of the span.", "name", aliases=("span.name", "resource_name"), is_facet=True),
    Field(
        "status",
        "text",
        "`error` or `ok`.",
        "if(status = 'error', 'error', 'ok')",
        values=("ok", "error"),
        examples=("status:error",),
        is_facet=True,
    ),
    Field(
        "model",
        "text",
        "Model that answered.",
        "model",
        aliases=("model_name", "meta.model_name", "gen_ai.response.model", "gen_ai.request.model"),
        examples=("model:claude*",),
        is_facet=True,
    ),
    Field(
        "provider",
        "text",
        "Who serves the model.",
        "provider",
        aliases=("model_provider", "meta.model_provider", "gen_ai.provider.name"),
        is_facet=True,
    ),
    Field("ml_app", "text", "Application of the agent.", "ml_app", is_facet=True),
    Field("service", "text", "Service that sent it.", "service", aliases=("service.name",), is_facet=True),
    Field("error.type", "text", "Type of the span's error.", "error_type", is_facet=True),
    Field("error.message", "text", "Message of the span's error.", "error_message"),
    Field("duration", "duration", "How long it took.", "duration_ns / 1000000", examples=("duration:>3s",)),
    Field("ttft", "duration", "Time to its first token.", "ttft_ms", aliases=("time_to_first_token",)),
    Field("cost", "number", "Cost in USD.", "cost_usd", aliases=("cost_usd", "estimated_total_cost")),
    Field(
        "tokens",
        "number",
        "Tokens in and out.",
        TOTAL_TOKENS,
        aliases=("total_tokens", "metrics.total_tokens"),
    ),
    Field(
        "tokens.input",
        "number",
        "Tokens in.",
        "input_tokens",
        aliases=("input_tokens", "metrics.input_tokens", "gen_ai.usage.input_tokens"),
    ),
    Field(
        "tokens.output",
        "number",
        "Tokens out.",
        "output_tokens",
        aliases=("output_tokens", "metrics.output_tokens", "gen_ai.usage.output_tokens"),
    ),
    Field("input.size", "bytes", "Size of its input.", "length(input)", examples=("input.size:>50kb",)),
    Field("output.size", "bytes", "Size of its output.", "length(output)"),
    Field("start", "time", "When it started.", "intDiv(start_ns, 1000000)", aliases=("date", "timestamp")),
    Field("trace_id", "text", "Its trace.", "trace_id", is_exact=True),
    Field("span_id", "text", "Its id.", "span_id", is_exact=True),
    Field("parent_id", "text", "The span it is part of.", "parent_id", is_exact=True),
    Field(
        "conversation_id",
        "text",
        "Conversation that the agent named.",
        "conversation_id",
        aliases=("conversation.id", "gen_ai.conversation.id"),
        is_exact=True,
    ),
    Field(
        "user_id",
        "text",
        "User that the agent named.",
        "user_id",
        aliases=("usr.id", "user.id"),
        is_exact=True,
    ),
)

SPAN_FAMILIES = (
    Family(
        "tag",
        "A tag of the span.",
        "mapContains(tags, {name}) AND {condition}",
        "tags[{name}]",
        "toFloat64OrNull(tags[{name}])",
        OWN,
        aliases=("tags",),
        examples=("tag.prompt_version:v2",),
    ),
    Family(
        "evaluation",
        "An evaluation of the span: its assessment, its value, or, for a range, its score.",
        "label = {name} AND {condition}",
        VERDICTS,
        "score",
        Source(SPANS_OF_EVALUATIONS),
        is_many=True,
        aliases=("evaluations", "eval"),
        examples=("evaluation.grounded:fail", "evaluation.helpfulness:<0.5"),
    ),
    Family(
        "verdict",
        "A verdict of a source on the span: human, judge, code or behaviour.",
        "source = {name} AND {condition}",
        "toString(assessment)",
        "score",
        Source(SPANS_OF_EVALUATIONS),
        examples=("verdict.human:fail", "verdict.behaviour:pass"),
    ),
)
