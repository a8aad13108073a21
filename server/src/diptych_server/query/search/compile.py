"""A search as SQL conditions on a list, every value bound."""

import difflib
from collections.abc import Collection
from dataclasses import replace
from typing import Any, NamedTuple

from diptych_server.errors import BadRequest
from diptych_server.query.search.catalog import SEARCHABLE
from diptych_server.query.search.compare import (
    Bindings,
    condition_of,
    family_condition,
    holds_of_nothing,
    holds_of_zero,
)
from diptych_server.query.search.fields import OWN, Field, Searchable
from diptych_server.query.search.one_row import of_one_row
from diptych_server.query.search.parse import parse, refuse
from diptych_server.query.search.sources import AMONG, AMONG_LINKED, EACH_LINK, without
from diptych_server.query.search.tree import Group, Node, Not, Term, Words
from diptych_server.store.traits import Trait
from diptych_server.wire.explore import Signal

KEYS = ("session_id", "trace_id")
"""Fields that the lists are grouped by, which can be told before anything is added up."""


class Search(NamedTuple):
    """What a list must meet; its statement also binds `project` and the bounds of the period."""

    where: str
    """Conditions on the listed thing's id or, of spans, its row."""
    having: str
    """Conditions on its totals."""
    parameters: dict[str, Any]
    is_local: bool = True
    """Whether it asks only of the listed things, their own events or spans, or what is linked to them."""
    having_of_one_row: str = ""
    """`having` of a thing that is one row of its roll-up."""
    tokens: tuple[str, ...] = ()
    """Words that whatever is found must hold, in lower case."""
    finds_untold: bool = True
    """Whether it may find a thing of which nothing is told that it asks for, such as half a turn."""
    led: "Led | None" = None
    """Where an index tells what holds its words."""
    each_link: str = ""
    """A SELECT of sessions with their traces."""

    def among(self, key: str) -> str:
        """`where`, asked only about the ids that are bound to `among`: no other rows are looked at."""
        linked = f"AND trace_id IN (SELECT trace_id FROM ({self.each_link}))"  # noqa: S608 - a constant
        where = self.where.replace(AMONG_LINKED, linked) if key == "session_id" else self.where
        return where.replace(AMONG, f"AND {key} IN {{among:Array(String)}}")

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not self.where and not self.having


class Led(NamedTuple):
    """A search by what holds its words, which may be few, and what else these must meet."""

    ids: str
    """A SELECT of their ids, some of them twice; binds `project` and the bounds of the period."""
    parameters: dict[str, Any]
    rest: Search


NO_SEARCH = Search("", "", {})
"""It asks for nothing, and finds all."""


def search_of(query: str | None, signal: Signal, lacked: Collection[Trait] = ()) -> Search:
    """The conditions of a search over one signal; empty ones when it asks for nothing.

    Args:
        query: as it was written.
        signal: what is listed.
        lacked: traits that no row of the project has: what would look for them is left out.

    Raises:
        BadRequest: it is malformed, or names a field or value that there is not; `position` says where.
    """
    node = parse(query)
    return NO_SEARCH if node is None else _search(node, query or "", SEARCHABLE[signal], lacked)


def _search(node: Node, query: str, searchable: Searchable, lacked: Collection[Trait]) -> Search:
    compiler = _Compiler(searchable, query)
    where, having = compiler.conditions(node)
    _, having_of_one_row = _Compiler(searchable, query, is_one_row=True).conditions(node)
    words = [each for each in _all_of(node) if isinstance(each, Words)]
    return Search(
        without(lacked, where),
        without(lacked, having),
        compiler.bindings.values,
        compiler.is_local,
        without(lacked, having_of_one_row),
        tuple(token for each in words for token in each.tokens),
        compiler.finds_untold(node),
        _led(node, words[0], query, searchable, lacked) if words and searchable.leads_by_words else None,
        without(lacked, EACH_LINK),
    )


def _led(node: Node, words: Words, query: str, searchable: Searchable, lacked: Collection[Trait]) -> Led:
    """The search by these of its words."""
    compiler = _Compiler(searchable, query)
    others = tuple(each for each in _all_of(node) if each is not words)
    rest = _search(Group("AND", others), query, searchable, lacked) if others else NO_SEARCH
    return Led(compiler.words(words, searchable.words.ids), compiler.bindings.values, rest)


def _all_of(node: Node) -> tuple[Node, ...]:
    """The conditions that must all be met."""
    return node.nodes if isinstance(node, Group) and node.operator == "AND" else (node,)


class _Compiler:
    """Turns the nodes of one search into SQL."""

    def __init__(self, searchable: Searchable, query: str, *, is_one_row: bool = False) -> None:
        self._searchable = searchable
        self._fields = searchable.by_name()
        self._query = query
        self._is_one_row = is_one_row
        self.bindings = Bindings()
        self.is_local = True

    def conditions(self, node: Node) -> tuple[str, str]:
        """Those on the listed thing's id or row, and those on its totals."""
        where: list[str] = []
        having: list[str] = []
        for each in _all_of(node):
            (having if self.needs_totals(each) else where).append(self.sql(each))
        return " AND ".join(where), " AND ".join(having)

    def needs_totals(self, node: Node) -> bool:
        """Whether it can only be told after the listed thing's rows were added up."""
        if isinstance(node, Term):
            field = self._fields.get(node.field.lower())
            return field is not None and field.is_own and field.name not in KEYS
        if isinstance(node, Not):
            return self.needs_totals(node.node)
        return isinstance(node, Group) and any(self.needs_totals(each) for each in node.nodes)

    def finds_untold(self, node: Node) -> bool:
        """Whether what tells none of its own fields may meet it."""
        if isinstance(node, Group):
            found = map(self.finds_untold, node.nodes)
            return all(found) if node.operator == "AND" else any(found)
        if not isinstance(node, Term):
            return isinstance(node, Not)
        field = self._fields.get(node.field.lower())
        if field is None or not field.is_own:
            # Rows lead to it, or that there are none does.
            return field is not None and field.source.is_group and holds_of_zero(field, node.match)
        return holds_of_nothing(field, node.match)

    def sql(self, node: Node) -> str:
        """A condition on the listed thing."""
        if isinstance(node, Group):
            met = self._alternatives(node) if node.operator == "OR" else map(self.sql, node.nodes)
            return "(" + f" {node.operator} ".join(met) + ")"
        if isinstance(node, Not):
            return f"NOT ({self.sql(node.node)})"
        if isinstance(node, Words):
            return self.words(node, self._searchable.words.match)
        return _placed(*self._term(node))

    def _alternatives(self, group: Group) -> list[str]:
        """The conditions of which one must be met: rows that lead to the listed thing are looked at once."""
        by_match: dict[str, list[str]] = {}
        for node in group.nodes:
            match, condition = self._term(node) if isinstance(node, Term) else (OWN.match, self.sql(node))
            by_match.setdefault(match, []).append(condition)
        return [
            _placed(match, conditions[0] if len(conditions) == 1 else f"({' OR '.join(conditions)})")
            for match, conditions in by_match.items()
        ]

    def words(self, node: Words, match: str) -> str:
        """How rows that hold the words lead to the listed thing."""
        if not node.tokens:
            raise refuse("a word, of letters or digits", node.place, self._query)
        text = self._searchable.words_in
        if self._searchable.is_indexed:
            parts = [f"hasAllTokens({text}, {self.bindings.bind(' '.join(node.tokens), 'String')})"]
        else:
            parts = [holds(text, token, self.bindings) for token in node.tokens]
        parts += [holds(text, phrase, self.bindings) for phrase in node.phrases]
        return _placed(match, " AND ".join(parts))

    def _term(self, term: Term) -> tuple[str, str]:
        """How rows lead to the listed thing (`Source.match`), and what one of them must meet."""
        if (field := self._fields.get(term.field.lower())) is not None:
            return self._field(field, term)
        for family in self._searchable.families:
            for prefix in (family.prefix, *family.aliases):
                name = term.field[len(prefix) + 1 :]
                if term.field.lower().startswith(f"{prefix}.") and name:
                    self.is_local = False
                    return family.source.match, family_condition(family, name, term.match, self.bindings)
        raise self._unknown(term)

    def _field(self, field: Field, term: Term) -> tuple[str, str]:
        self.is_local &= self._searchable.is_counted(field) or AMONG_LINKED in field.source.match
        if field.source.is_any_row or (self._is_one_row and field.is_own):
            field = replace(field, expression=of_one_row(field.expression))
        condition = condition_of(field, term.match, self.bindings)
        if field.source.is_group and holds_of_zero(field, term.match):
            return OWN.match, f"NOT ({_placed(field.source.match, f'NOT ({condition})')})"
        return field.source.match, condition

    def _unknown(self, term: Term) -> BadRequest:
        near = difflib.get_close_matches(term.field.lower(), self._fields, n=1, cutoff=0.6)
        hint = f"; did you mean `{near[0]}`?" if near else "; quotes make it a phrase"
        return refuse(f"a field that can be searched, got `{term.field}`{hint}", term.field_place)


def holds(text: str, words: str, bindings: Bindings) -> str:
    """Whether a text, in whatever case, holds words that are in lower case."""
    # To lower the letters of every language takes longer than to read the texts.
    lower = "lower" if words.isascii() else "lowerUTF8"
    return f"position({lower}({text}), {bindings.bind(words, 'String')}) > 0"


def _placed(match: str, condition: str) -> str:
    return match.replace("{condition}", condition)
