"""The search language: text → tree.

    query  = any { "OR" any } ;  any = each { ["AND"] each }
    each   = { "-" | "!" | "NOT" } ( "(" query ")" | field ":" match | word | phrase )
    match  = [ ">" | ">=" | "<" | "<=" ] value | "[" value "TO" value "]" | "(" values ")"

Words that follow each other are looked for in one text together. A value ends at a space or a closing
bracket, so an address or a time of day needs no quotes; a word with a colon is a field only where a name
stands before the colon and something other than `//` after it.
"""

import re
from collections.abc import Callable

from diptych_server.errors import BadRequest
from diptych_server.query.search.tree import (
    Between,
    Compare,
    Group,
    Node,
    Not,
    Operator,
    Place,
    Term,
    Value,
    Words,
)

MAX_CHARACTERS = 2_000
MAX_TERMS = 64
MAX_WORDS = 32
MAX_DEPTH = 16

OPERATORS: tuple[Operator, ...] = (">=", "<=", ">", "<")

_SPACE = re.compile(r"\s*")
_FIELD = re.compile(r"@?([A-Za-z_][\w.\-]*):(?!//)(?=\S)")
_KEYWORD = re.compile(r"(AND|OR|NOT)(?=[\s()]|$)")
_TO = re.compile(r"\s+TO\s+")
_PHRASE = re.compile(r'"((?:[^"\\]|\\.)*)"')
_BARE = re.compile(r"(?:[^\s()\"\\]|\\.)+")
_BARE_IN_RANGE = re.compile(r"(?:[^\s()\[\]{}\"\\]|\\.)+")
_WORD = re.compile(r"[^\s()\"]+")
_NEGATION = re.compile(r"[-!](?=[\w@\"(])")
_TOKEN = re.compile(r"[0-9A-Za-z\x80-\U0010ffff]+")
"""As the text index cuts (`splitByNonAlpha`): ASCII letters, digits and all else but ASCII stay together."""


def parse(query: str | None) -> Node | None:
    """The tree of a search; None when it asks for nothing.

    Raises:
        BadRequest: it is too long, too deep, or malformed; `position` says where.
    """
    if query is None or not query.strip():
        return None
    if len(query) > MAX_CHARACTERS:
        raise BadRequest(
            f"expected at most {MAX_CHARACTERS} characters, got {len(query)}",
            where="query",
            position=(MAX_CHARACTERS, len(query)),
        )
    return _Parser(query).whole()


def refuse(expected: str, place: Place, query: str | None = None) -> BadRequest:
    """The error of something in a search: what was expected, what came, where."""
    got = "" if query is None else f", got {query[place.start : place.end][:100]!r}"
    return BadRequest(f"expected {expected}{got}", where="query", position=place)


class _Parser:
    """Goes through the text once, from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._terms = 0
        self._words = 0

    def whole(self) -> Node:
        node = self._any(self._each)
        self._skip_space()
        if self._at < len(self._text):
            raise self._refuse("an opening bracket before this one", 1)
        return node

    def _any(self, item: Callable[[], Node]) -> Node:
        nodes = [self._all(item)]
        while self._keyword("OR"):
            nodes.append(self._all(item))
        return nodes[0] if len(nodes) == 1 else Group("OR", tuple(nodes))

    def _all(self, item: Callable[[], Node]) -> Node:
        nodes = [item()]
        while True:
            if not self._keyword("AND"):
                self._skip_space()
                if self._ends() or (_KEYWORD.match(self._text, self._at) and not self._peek("NOT")):
                    break
            nodes.append(item())
        nodes = _joined(nodes) or nodes[:1]
        return nodes[0] if len(nodes) == 1 else Group("AND", tuple(nodes))

    def _each(self) -> Node:
        if self._negates():
            return Not(self._nested(self._each))
        if self._take("("):
            return self._nested(lambda: self._closed(self._each))
        if match := _FIELD.match(self._text, self._at):
            return self._term(match)
        if match := _KEYWORD.match(self._text, self._at):
            raise self._refuse(f"something to search for before {match[1]}", len(match[1]))
        return self._free_words()

    def _term(self, match: re.Match[str]) -> Node:
        name, field_place = match[1], Place(match.start(), match.end() - 1)
        self._at = match.end()

        def one() -> Node:
            if self._negates():
                return Not(self._nested(one))
            self._count_term()
            found = self._compare()
            return Term(name, found, field_place, Place(match.start(), self._at))

        if self._take("("):
            return self._nested(lambda: self._closed(one))
        if self._text[self._at] in "[{":
            self._count_term()
            found = self._range()
            return Term(name, found, field_place, Place(match.start(), self._at))
        return one()

    def _compare(self) -> Compare:
        operator: Operator = next((each for each in OPERATORS if self._take(each)), "=")
        return Compare(operator, self._value(_BARE))

    def _range(self) -> Between:
        begin = self._at
        has_low = self._text[begin] == "["
        self._at += 1
        self._skip_space()
        low = self._value(_BARE_IN_RANGE)
        if (to := _TO.match(self._text, self._at)) is None:
            raise self._refuse("` TO ` between the ends of a range", 1)
        self._at = to.end()
        high = self._value(_BARE_IN_RANGE)
        self._skip_space()
        if self._text[self._at : self._at + 1] not in ("]", "}"):
            raise self._refuse("a closing `]` or `}` of the range", 1)
        self._at += 1
        return Between(
            None if low.text == "*" else low,
            None if high.text == "*" else high,
            has_low,
            self._text[self._at - 1] == "]",
        )

    def _value(self, bare: re.Pattern[str]) -> Value:
        begin = self._at
        if phrase := self._phrase():
            return Value(_unescaped(phrase[1]), None, Place(begin, self._at))
        if (match := bare.match(self._text, begin)) is None:
            raise self._refuse("a value", 1)
        self._at = match.end()
        return Value(_unescaped(match[0]), _pattern(match[0]), Place(begin, self._at))

    def _free_words(self) -> Words:
        self._count_term()
        begin = self._at
        if phrase := self._phrase():
            text = _unescaped(phrase[1]).lower()
        elif match := _WORD.match(self._text, begin):
            text, self._at = match[0].lower(), match.end()
            if text.startswith("*") or text.endswith("*"):
                raise refuse(
                    "a whole word; wildcards are for the values of fields", Place(begin, self._at), self._text
                )
        else:
            raise self._refuse("a word, a field or an opening bracket", 1)
        tokens = tuple(dict.fromkeys(_TOKEN.findall(text)))
        self._words += len(tokens)
        if self._words > MAX_WORDS:
            raise refuse(f"at most {MAX_WORDS} words", Place(begin, self._at))
        is_phrase = phrase is not None and len(_TOKEN.findall(text)) > 1
        return Words(tokens, (text,) if is_phrase else (), Place(begin, self._at))

    def _phrase(self) -> re.Match[str] | None:
        if not self._text.startswith('"', self._at):
            return None
        if (match := _PHRASE.match(self._text, self._at)) is None:
            raise self._refuse("a closing quote", len(self._text) - self._at)
        self._at = match.end()
        return match

    def _closed(self, item: Callable[[], Node]) -> Node:
        opened = self._at - 1
        node = self._any(item)
        self._skip_space()
        if not self._take(")"):
            raise refuse("a closing bracket", Place(opened, opened + 1))
        return node

    def _nested(self, item: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._refuse(f"at most {MAX_DEPTH} levels of brackets and negations", 1)
        node = item()
        self._depth -= 1
        return node

    def _negates(self) -> bool:
        self._skip_space()
        if self._keyword("NOT"):
            return True
        if match := _NEGATION.match(self._text, self._at):
            self._at = match.end()
            return True
        return False

    def _keyword(self, word: str) -> bool:
        self._skip_space()
        if not self._peek(word):
            return False
        self._at += len(word)
        self._skip_space()
        return True

    def _peek(self, word: str) -> bool:
        match = _KEYWORD.match(self._text, self._at)
        return match is not None and match[1] == word

    def _take(self, text: str) -> bool:
        if not self._text.startswith(text, self._at):
            return False
        self._at += len(text)
        return True

    def _skip_space(self) -> None:
        if match := _SPACE.match(self._text, self._at):
            self._at = match.end()

    def _ends(self) -> bool:
        return self._at >= len(self._text) or self._text[self._at] == ")"

    def _count_term(self) -> None:
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise self._refuse(f"at most {MAX_TERMS} terms", 1)

    def _refuse(self, expected: str, characters: int) -> BadRequest:
        start = min(self._at, len(self._text))
        place = Place(start, min(start + characters, len(self._text)))
        if place.start == place.end:
            return BadRequest(f"expected {expected}, got the end", where="query", position=place)
        return refuse(expected, place, self._text)


def _joined(nodes: list[Node]) -> list[Node]:
    """Words that follow each other as one; of a mark that stands alone nothing is asked."""
    joined: list[Node] = []
    for node in nodes:
        if isinstance(node, Words) and not node.tokens and len(nodes) > 1:
            continue
        last = joined[-1] if joined else None
        if isinstance(node, Words) and isinstance(last, Words):
            joined[-1] = Words(
                tuple(dict.fromkeys(last.tokens + node.tokens)),
                tuple(dict.fromkeys(last.phrases + node.phrases)),
                Place(last.place.start, node.place.end),
            )
        else:
            joined.append(node)
    return joined


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _pattern(text: str) -> str | None:
    """A LIKE pattern of a value with `*` or `?`; None when it has none."""
    parts: list[str] = []
    is_pattern = False
    for match in re.finditer(r"\\(.)|(.)", text, re.DOTALL):
        if match[2] in ("*", "?"):
            parts.append("%" if match[2] == "*" else "_")
            is_pattern = True
        else:
            character = match[1] or match[2]
            parts.append(f"\\{character}" if character in "%_\\" else character)
    return "".join(parts) if is_pattern else None
