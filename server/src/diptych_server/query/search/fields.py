"""What can be searched: a table of fields a signal, for the SQL, the completion and the docs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from diptych_server.wire.explore import FieldType

Table = Literal["sessions", "traces", "rum_events", "spans", "replay_segments", "trace_sessions", "turns"]
"""`turns` is no table but what `query.turn_rows` selects."""


@dataclass(frozen=True, slots=True)
class Source:
    """Rows that a field is read from, and how they lead to what is listed.

    `match` is a condition on the listed row, with a place `{condition}` for one on the source's rows; the
    bare `{condition}` means that the field stands in the listed row itself.
    """

    match: str = "{condition}"
    is_group: bool = False
    """Whether the condition is on a group of rows (a count or a sum), which is zero where there are none."""
    is_any_row: bool = False
    """Whether it is on one row of a thing's roll-up, of which any may meet it: nothing is added up."""

    @property
    def ids(self) -> str:
        """Of one that lists the ids it leads to, that list: a SELECT with the place `{condition}`."""
        return self.match.partition(" IN (")[2].removesuffix(")")


OWN = Source()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the search language."""

    name: str
    type: FieldType
    description: str
    expression: str
    """SQL over the rows of `source`: text, a number in base units, ms or bytes, 0 or 1, epoch ms."""
    source: Source = OWN
    aliases: tuple[str, ...] = ()
    """Other names, those of Datadog among them; `@` before any name is optional."""
    values: tuple[str, ...] = ()
    """All that there can be, where that is known."""
    examples: tuple[str, ...] = ()
    is_exact: bool = False
    """Ids: upper and lower case differ."""
    is_many: bool = False
    """The expression is an array; one of its values must match."""
    is_facet: bool = False
    """Shown beside the list by default."""
    table: Table = "sessions"
    """Whose rows the expression is over."""

    @property
    def is_own(self) -> bool:
        """Whether it stands in the listed row itself."""
        return self.source is OWN


def in_table(table: Table, *fields: Field) -> tuple[Field, ...]:
    """The fields, over the rows of one table."""
    return tuple(replace(field, table=table) for field in fields)


@dataclass(frozen=True, slots=True)
class Family:
    """Fields whose last part the user names: `evaluation.<label>`, `tag.<key>`."""

    prefix: str
    description: str
    condition: str
    """SQL over the rows of `source`, with a place for the `{condition}`; `{name}` is the bound name, here and
    in the two expressions."""
    text: str
    """Expression that texts are compared with."""
    number: str
    """Expression that numbers are compared with."""
    source: Source
    is_many: bool = False
    """`text` is an array, of which one must match."""
    aliases: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Searchable:
    """One signal: its fields, and what its free words are looked for in."""

    fields: Sequence[Field]
    families: Sequence[Family]
    words: Source
    """Where free words are."""
    words_in: str
    """Expression of the text that they are in."""
    is_indexed: bool
    """Whether a text index of whole words holds that expression; else any part of a word is found."""
    words_description: str
    members: Source = OWN
    """Rows whose values are counted beside the list as well: a session's events, a trace's spans."""

    @property
    def leads_by_words(self) -> bool:
        """Whether the index tells ids of what is listed."""
        return self.is_indexed and self.words is not OWN

    def is_counted(self, field: Field) -> bool:
        """Whether its values among what is listed can be counted."""
        return field.is_own or field.source == self.members

    def by_name(self) -> Mapping[str, Field]:
        """Field of each name and alias, in lower case."""
        own = {field.name.lower(): field for field in self.fields}
        aliases = {alias.lower(): field for field in reversed(self.fields) for alias in field.aliases}
        return aliases | own
