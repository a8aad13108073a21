"""The search language for the docs, made from the tables of fields."""

from collections.abc import Iterable

from diptych_server.query.search.catalog import SEARCHABLE
from diptych_server.query.search.fields import Family, Field, Searchable
from diptych_server.query.search.parse import MAX_CHARACTERS, MAX_DEPTH, MAX_TERMS, MAX_WORDS
from diptych_server.wire.explore import Signal

CROSS_PREFIXES = ("trace.", "session.", "span.")
"""Of fields that stand on another side; the docs name them in one line."""

INTRODUCTION = f"""# Search

One language for every list: sessions, traces, spans and answers (turns), in the UI and as `query` of the API.

| write | to find |
| --- | --- |
| `refund parcel` | both words, in one text; no case |
| `"where is my parcel"` | the phrase as it stands |
| `service:shop` | a field that equals a value; `@` before the name is optional: `@usr.id:42` |
| `model:claude*` | wildcards: `*` any characters, `?` one |
| `model:*` | that the field is there |
| `duration:>3s` `cost:>=0.01` `input.size:<5kb` | above or below: `>`, `>=`, `<`, `<=` |
| `duration:[1s TO 3s]` `cost:{{0 TO *]` | a range; `[` `]` with its ends, `{{` `}}` without, `*` open |
| `-status:error` `NOT status:error` | what must not be |
| `status:error model:gpt*` | both; `AND` between them is optional |
| `status:error OR duration:>10s` | any of them; brackets group: `(a OR b) c` |
| `model:(claude* OR gpt*)` | one field, several values |

Durations are in `ns`, `us`, `ms`, `s`, `m`, `h` or `d` (a bare number is ms), sizes in `b`, `kb`, `mb`,
`gb`, `kib`, `mib` or `gib` (bare: bytes), money in USD, times `2026-11-22T10:00:00Z`, `2026-11-22` or
`now-15m`. Text has no case, ids have. A value with spaces or brackets stands in quotes; `\\` before a
character takes it as it is.

A field of the other side finds the things that are joined to it: `trace.cost:>1` the sessions with such a
trace, `session.view.url:*checkout*` the traces of such a session, `span.duration:>3s` the traces with such
a span. The prefix can be left out where the list has no field of that name itself: `model:gpt*` finds
sessions as well. Each condition may be met by another event, span or trace of the same thing.

At most {MAX_CHARACTERS:,} characters, {MAX_TERMS} terms, {MAX_WORDS} words and {MAX_DEPTH} levels of
brackets. What cannot be understood is a 400 whose `position` names the characters. Not searchable yet:
attributes of your own (`context` of the page, `metadata` of a span), and evaluations that are joined by a
tag.
"""


def search_markdown() -> str:
    """Render the language and the fields of each signal."""
    parts = [INTRODUCTION]
    parts += [_section(signal, searchable) for signal, searchable in SEARCHABLE.items()]
    return "\n".join(parts)


def _section(signal: Signal, searchable: Searchable) -> str:
    own = [field for field in searchable.fields if not field.name.startswith(CROSS_PREFIXES)]
    cross = [field for field in searchable.fields if field.name.startswith(CROSS_PREFIXES)]
    found = "whole words" if searchable.is_indexed else "parts of words too"
    lines = [
        f"## {signal.capitalize()}",
        "",
        f"Words are looked for in {searchable.words_description} ({found}).",
        "",
        "| field | type | what it is | also |",
        "| --- | --- | --- | --- |",
        *map(_row, own),
        *map(_family_row, searchable.families),
        "",
        f"Of the other sides: {_names(field.name for field in cross)}.",
        "",
    ]
    return "\n".join(lines)


def _row(field: Field) -> str:
    description = field.description
    if field.values:
        description += f" One of {_names(field.values)}."
    if field.examples:
        description += f" {_names(field.examples)}"
    return f"| `{field.name}` | {field.type} | {description} | {_names(field.aliases)} |"


def _family_row(family: Family) -> str:
    description = f"{family.description} {_names(family.examples)}"
    return f"| `{family.prefix}.…` | text, number | {description} | {_names(family.aliases)} |"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
