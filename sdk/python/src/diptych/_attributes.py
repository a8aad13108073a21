# GENERATED from server/src/diptych_server/wire/attributes.py by `make contracts`; do not edit.
"""Attribute keys of our own on OpenTelemetry spans, where the GenAI semantic conventions have no name.

The Python SDK writes them and the intake reads them; `make contracts` copies this table into the SDK, so the
two sides cannot drift. Everything that has a standard name (`gen_ai.*`, `input.value`, `user.id`) keeps it.
"""

SPAN_KIND = "diptych.span.kind"
"""One of `SPAN_KINDS`. Wins over what the intake would derive from `gen_ai.operation.name`."""

SESSION_ID = "diptych.session.id"
"""The browser session, said explicitly (by `LLMObs.annotate`, a decorator, or a page's baggage)."""

SESSION_SOURCE = "diptych.session.source"
"""How the SDK learnt the session: one of `SESSION_SOURCES`."""

ML_APP = "diptych.ml_app"
"""The name of the AI application that the span belongs to."""

METADATA = "diptych.metadata"
"""JSON object: free metadata of the span, merged over all `annotate` calls."""

TAGS = "diptych.tags"
"""JSON object of strings: tags of the span."""

METRICS = "diptych.metrics"
"""JSON object of numbers: metrics without a `gen_ai.usage.*` name."""

TOOL_DEFINITIONS = "gen_ai.tool.definitions"
"""JSON array, as the GenAI semantic conventions name it."""

PROMPT = "diptych.prompt"
"""JSON object: the prompt (id, version, template, variables) that an LLM span was made from."""

SPAN_KINDS = ("workflow", "agent", "llm", "tool", "task", "retrieval", "embedding")
"""The seven kinds of LLM Observability, the words of ddtrace's LLMObs."""

SESSION_SOURCES = ("explicit", "baggage", "header", "trace", "evaluation", "claim")
"""How a trace came to belong to a session, the surest first."""

CUT_MARK = "…[cut by diptych: {kept} of {size} bytes kept]"
"""Stands at the end of every text that was cut to a limit, at the SDK or at the intake."""
