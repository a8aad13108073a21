"""Fields of a trace: its totals."""

from diptych_server.query.search.fields import Field, in_table
from diptych_server.query.search.totals import COST_USD, INPUT_TOKENS, OUTPUT_TOKENS, STATUS, TOKENS

TRACE_FIELDS = in_table(
    "traces",
    Field("name", "text", "Name of the trace.", "max(traces.named).name", is_facet=True),
    Field(
        "status",
        "text",
        "`error` where a span of it failed, else `ok`.",
        STATUS,
        values=("ok", "error"),
        examples=("status:error",),
        is_facet=True,
    ),
    Field("ml_app", "text", "Application of the agent.", "max(traces.ml_app)", is_facet=True),
    Field(
        "service",
        "text",
        "Service of its root.",
        "max(traces.root).service",
        aliases=("service.name",),
        is_facet=True,
    ),
    Field(
        "model",
        "text",
        "A model that answered in it.",
        "groupUniqArrayArray(traces.models)",
        aliases=("model_name", "models", "meta.model_name", "gen_ai.response.model", "gen_ai.request.model"),
        examples=("model:claude*",),
        is_many=True,
        is_facet=True,
    ),
    Field(
        "duration",
        "duration",
        "From its first start to its last end.",
        "(max(traces.end_ns) - min(traces.start_ns)) / 1000000",
        examples=("duration:>3s", "duration:[1s TO 5s]"),
    ),
    Field(
        "ttft",
        "duration",
        "From its start to its first token.",
        "(min(traces.first_token_ns) - min(traces.start_ns)) / 1000000",
        aliases=("time_to_first_token",),
    ),
    Field(
        "cost",
        "number",
        "Cost in USD of the model calls that count.",
        COST_USD,
        aliases=("cost_usd", "estimated_total_cost"),
        examples=("cost:>0.01",),
    ),
    Field("tokens", "number", "Tokens in and out.", TOKENS, aliases=("total_tokens", "metrics.total_tokens")),
    Field(
        "tokens.input", "number", "Tokens in.", INPUT_TOKENS, aliases=("input_tokens", "metrics.input_tokens")
    ),
    Field(
        "tokens.output",
        "number",
        "Tokens out.",
        OUTPUT_TOKENS,
        aliases=("output_tokens", "metrics.output_tokens"),
    ),
    Field(
        "spans", "number", "How many spans it has.", "uniqExactMerge(traces.spans)", aliases=("span.count",)
    ),
    Field(
        "errors",
        "number",
        "How many of its spans failed.",
        "uniqExactMerge(traces.errors)",
        aliases=("error.count",),
    ),
    Field(
        "user_id",
        "text",
        "User that the agent named.",
        "max(traces.user_id)",
        aliases=("usr.id", "user.id"),
        is_exact=True,
    ),
    Field(
        "conversation_id",
        "text",
        "Conversation that the agent named.",
        "max(traces.conversation_id)",
        aliases=("conversation.id", "gen_ai.conversation.id"),
        is_exact=True,
    ),
    Field(
        "start",
        "time",
        "When it started.",
        "intDiv(min(traces.start_ns), 1000000)",
        aliases=("date", "timestamp"),
    ),
    Field("trace_id", "text", "Its id.", "trace_id", is_exact=True),
)
