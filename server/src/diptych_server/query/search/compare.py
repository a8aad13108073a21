"""One term as SQL: a field's expression against what was written, every value bound."""

from typing import Any

from diptych_server.errors import BadRequest
from diptych_server.query.search.fields import Family, Field
from diptych_server.query.search.parse import refuse
from diptych_server.query.search.quantities import DURATION_MS, NO_UNIT, SIZE_BYTES, moment_of, number_of
from diptych_server.query.search.tree import Between, Compare, Operator, Value

UNITS = {"number": NO_UNIT, "duration": DURATION_MS, "bytes": SIZE_BYTES}

EXPECTED = {
    "number": "a number",
    "duration": "a duration, such as 300ms, 3s or 2m",
    "bytes": "a size, such as 500b, 5kb or 2mb",
    "time": "a time, such as 2026-11-22T10:00:00Z, 2026-11-22 or now-15m",
    "boolean": "true or false",
    "text": "text",
}

TRUE = ("true", "yes", "1")
FALSE = ("false", "no", "0")


class Bindings:
    """The values of a statement, each under a name of its own."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def bind(self, value: object, kind: str) -> str:
        """The place of a value in the SQL."""
        name = f"search_{len(self.values)}"
        self.values[name] = value
        return f"{{{name}:{kind}}}"


def condition_of(field: Field, match: Compare | Between, bindings: Bindings) -> str:
    """SQL over the rows of the field's source.

    Raises:
        BadRequest: the value or the operator is none of the field's type.
    """
    if field.is_many:
        return _some_text(field, match, bindings)
    if field.type == "text":
        return _text(field, field.expression, match, bindings)
    if field.type == "boolean":
        return _boolean(field.expression, match)
    return _number(field.expression, field.type, match, bindings)


def holds_of_zero(field: Field, match: Compare | Between) -> bool:
    """Whether zero meets the condition: then what has no rows to count meets it as well."""
    if field.type == "boolean":
        return not _truth(match)
    if isinstance(match, Compare):
        if match.value.text == "*":
            return False
        return _holds(0.0, match.operator, _parsed(field.type, match.value))
    low = None if match.low is None else _parsed(field.type, match.low)
    high = None if match.high is None else _parsed(field.type, match.high)
    return (low is None or _holds(0.0, ">=" if match.has_low else ">", low)) and (
        high is None or _holds(0.0, "<=" if match.has_high else "<", high)
    )


def holds_of_nothing(field: Field, match: Compare | Between) -> bool:
    """Whether a thing of which nothing is told meets the condition: an empty text or list, no number."""
    if field.is_many or field.type not in ("text", "boolean"):
        return False
    if field.type == "boolean":
        return not _truth(match)
    return isinstance(match, Compare) and match.value.pattern is None and not match.value.text


def family_condition(family: Family, name: str, match: Compare | Between, bindings: Bindings) -> str:
    """SQL of a field that its user named."""
    place = bindings.bind(name, "String")
    if isinstance(match, Between) or match.operator != "=":
        inner = _number(family.number, "number", match, bindings)
    else:
        field = Field(f"{family.prefix}.{name}", "text", "", family.text, is_many=family.is_many)
        inner = condition_of(field, match, bindings)
    return family.condition.replace("{condition}", inner).replace("{name}", place)


def _some_text(field: Field, match: Compare | Between, bindings: Bindings) -> str:
    return f"arrayExists(one -> {_text(field, 'one', match, bindings)}, {field.expression})"


def _text(field: Field, expression: str, match: Compare | Between, bindings: Bindings) -> str:
    if isinstance(match, Between):
        end = match.low or match.high
        if end is None:
            return f"{expression} != ''"
        raise refuse(f"one value: `{field.name}` is text, which has no ranges", end.place)
    value = match.value
    if match.operator != "=":
        raise refuse(f"no `{match.operator}`: `{field.name}` is text", value.place)
    if value.pattern is not None and not value.pattern.strip("%"):
        return f"{expression} != ''"
    if value.pattern is not None:
        like = "LIKE" if field.is_exact else "ILIKE"
        return f"{expression} {like} {bindings.bind(value.pattern, 'String')}"
    if field.is_exact:
        return f"{expression} = {bindings.bind(value.text, 'String')}"
    return f"lowerUTF8({expression}) = {bindings.bind(value.text.lower(), 'String')}"


def _boolean(expression: str, match: Compare | Between) -> str:
    return f"({expression}) {'!=' if _truth(match) else '='} 0"


def _truth(match: Compare | Between) -> bool:
    if isinstance(match, Between):
        end = match.low or match.high
        raise BadRequest(
            f"expected {EXPECTED['boolean']}", where="query", position=end.place if end else None
        )
    text = match.value.text.lower()
    if match.operator != "=" or text not in TRUE + FALSE:
        raise refuse(f"{EXPECTED['boolean']}, got {text[:100]!r}", match.value.place)
    return text in TRUE


def _number(expression: str, kind: str, match: Compare | Between, bindings: Bindings) -> str:
    if isinstance(match, Compare):
        if match.value.text == "*":
            return f"({expression}) IS NOT NULL"
        return _against(expression, match.operator, _parsed(kind, match.value), bindings)
    parts = ["1"]
    if match.low is not None:
        parts.append(_against(expression, ">=" if match.has_low else ">", _parsed(kind, match.low), bindings))
    if match.high is not None:
        parts.append(
            _against(expression, "<=" if match.has_high else "<", _parsed(kind, match.high), bindings)
        )
    return "(" + " AND ".join(parts) + ")"


def _against(expression: str, operator: Operator, number: float, bindings: Bindings) -> str:
    # Where nothing is known the term does not hold, and its negation does.
    return f"ifNull(({expression}) {operator} {bindings.bind(number, 'Float64')}, 0)"


def _parsed(kind: str, value: Value) -> float:
    number = moment_of(value.text) if kind == "time" else number_of(value.text, UNITS[kind])
    if number is None:
        raise refuse(f"{EXPECTED[kind]}, got {value.text[:100]!r}", value.place)
    return float(number)


def _holds(number: float, operator: Operator, limit: float) -> bool:
    return {
        "=": number == limit,
        ">": number > limit,
        ">=": number >= limit,
        "<": number < limit,
        "<=": number <= limit,
    }[operator]
