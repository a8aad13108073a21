"""Judgements on their way to `/v1/evaluations`, checked here: a wrong one is told where it was made."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ._correlation import clean_id
from ._problems import problem
from ._span import Span
from ._text import as_json, as_number, safe_str

if TYPE_CHECKING:
    from ._transport import Answer

Item = dict[str, Any]
"""One judgement, as it stands on the wire."""

ASSESSMENTS = ("pass", "fail")
SOURCES = ("human", "judge", "code", "behaviour")
SCOPES = ("span", "trace")

_MAX_LABEL_CHARACTERS = 200

VALUE_TYPES: dict[str, tuple[type, ...]] = {
    "categorical": (str,),
    "text": (str,),
    "score": (int, float),
    "boolean": (bool,),
    "json": (dict, list),
}
"""What a value must be, by `metric_type`."""


def make_item(
    where: str,
    label: object,
    metric_type: object,
    value: object,
    join_on: Mapping[str, Any] | None,
    details: Mapping[str, Any],
) -> Item | None:
    """The judgement, or None (and a problem told) where it cannot be one."""
    kind = metric_type.lower() if isinstance(metric_type, str) else ""
    if not isinstance(label, str) or not 0 < len(label) <= _MAX_LABEL_CHARACTERS:
        problem(where, f"label: a text of 1 to {_MAX_LABEL_CHARACTERS} characters", label)
        return None
    if kind not in VALUE_TYPES:
        problem(where, "metric_type: one of " + ", ".join(VALUE_TYPES), metric_type)
        return None
    value = _native(kind, value)
    if not isinstance(value, VALUE_TYPES[kind]) or (kind == "score" and not _is_score(value)):
        problem(where, f"value: a {kind} value", value)
        return None
    if join_on is None:
        return None
    item: Item = {"label": label, "metric_type": kind, "value": value, "join_on": dict(join_on)}
    item["timestamp_ms"] = time.time_ns() // 1_000_000
    for name, detail in details.items():
        if detail is not None and (checked := _detail(where, name, detail)) is not None:
            item[name] = checked
    return item


def _native(kind: str, value: object) -> object:
    """A score or a verdict of another library, mostly numpy, in Python's own types; else what was given."""
    if kind == "score" and (number := as_number(value)) is not None:
        return number
    if kind == "boolean" and type(value).__module__ == "numpy":
        return bool(value)
    return value


def _is_score(value: object) -> bool:
    """Whether it is a number, and neither infinite nor NaN."""
    return not isinstance(value, bool) and isinstance(value, (int, float)) and math.isfinite(value)


def _detail(where: str, name: str, given: object) -> object:
    """One of the optional fields, or None (and a problem told) where it does not fit."""
    if name == "timestamp_ms":
        if isinstance(given, int) and not isinstance(given, bool) and given >= 0:
            return given
        problem(where, "timestamp_ms: milliseconds since 1970, 0 or more", given)
    elif name == "assessment":
        if given in ASSESSMENTS:
            return given
        problem(where, "assessment: pass or fail", given)
    elif name == "source":
        if given in SOURCES:
            return given
        problem(where, "source: one of " + ", ".join(SOURCES), given)
    elif name in ("tags", "metadata"):
        if isinstance(given, Mapping):
            pairs = {safe_str(key): value for key, value in given.items()}
            return {key: safe_str(value) for key, value in pairs.items()} if name == "tags" else pairs
        problem(where, f"{name}: a dict", given)
    elif name == "submitter":
        return _submitter(where, given)
    elif isinstance(given, str):
        return given
    else:
        problem(where, f"{name}: a text", given)
    return None


def _submitter(where: str, given: object) -> object:
    if isinstance(given, str) and given:
        return {"id": given}
    if isinstance(given, Mapping) and isinstance(given.get("id"), str):
        kind = given.get("type")
        return {"id": given["id"]} | ({} if kind is None else {"type": safe_str(kind)})
    problem(where, 'submitter: {"id": text, "type"?: text}', given)
    return None


def judged(
    where: str,
    span: object,
    tag: object = None,
    scope: str = "span",
) -> dict[str, Any] | None:
    """`join_on` of an evaluation: a span (or its trace), or the spans with a tag."""
    if (span is None) == (tag is None):
        problem(where, "one of span and span_with_tag_value", "both" if span is not None else "none")
        return None
    if scope not in SCOPES:
        problem(where, "eval_scope: span or trace", scope)
        return None
    if tag is not None:
        if isinstance(tag, Mapping) and isinstance(tag.get("tag_key"), str) and "tag_value" in tag:
            return {"tag": {"key": tag["tag_key"], "value": safe_str(tag["tag_value"])}}
        problem(where, 'span_with_tag_value: {"tag_key", "tag_value"}', tag)
        return None
    ids = span_ids(where, span)
    if ids is None:
        return None
    return {"trace": ids["trace_id"]} if scope == "trace" else {"span": ids}


def span_ids(where: str, span: object) -> dict[str, str] | None:
    """`{"span_id", "trace_id"}` of a span or of what `export_span` gave."""
    if isinstance(span, Span) and span.trace_id:
        return {"span_id": span.span_id, "trace_id": span.trace_id}
    if isinstance(span, Mapping):
        span_id, trace_id = span.get("span_id"), span.get("trace_id")
        if isinstance(span_id, str) and isinstance(trace_id, str) and span_id and trace_id:
            return {"span_id": span_id, "trace_id": trace_id}
    problem(where, 'span: {"span_id", "trace_id"} as export_span gives it', span)
    return None


def feedback_target(
    where: str, span: object, span_id: object, trace_id: object, session_id: object, join_key: object
) -> dict[str, Any] | None:
    """`join_on` of a feedback: exactly one of span (or span_id with trace_id), trace, session and key."""
    targets: list[dict[str, Any] | None] = []
    if span is not None:
        targets.append(judged(where, span))
    if span_id is not None:
        targets.append(judged(where, {"span_id": span_id, "trace_id": trace_id}))
    elif trace_id is not None:
        targets.append({"trace": safe_str(trace_id)})
    if session_id is not None:
        targets.append({"session": clean_id(session_id)})
    if join_key is not None:
        targets.append({"feedback_key": clean_id(join_key)})
    if len(targets) != 1:
        targets_known = "span, span_id with trace_id, trace_id, session_id, feedback_join_key"
        problem(where, f"exactly one of {targets_known}", len(targets))
        return None
    target = targets[0]
    return None if target is None or None in target.values() else target


def size_bytes(item: Item) -> int:
    """About how much memory a judgement takes."""
    return 256 + len(as_json(item))


def encode(batch: Sequence[Item]) -> bytes:
    """The body of a request."""
    return as_json({"evaluations": list(batch)}).encode("utf-8", "replace")


def rejected(answer: Answer) -> int:
    """How many judgements the server did not take."""
    try:
        count = json.loads(answer.body).get("rejected", 0)
    except (ValueError, AttributeError):  # a proxy may answer anything
        return 0
    return count if isinstance(count, int) else 0
