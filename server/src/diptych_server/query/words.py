"""Word search in inputs and outputs: what `query` may hold until the search language is built."""

import re
from typing import NamedTuple

from diptych_server.errors import BadRequest, NotBuilt

MAX_WORDS = 32
MAX_QUERY_CHARACTERS = 1_000

INDEXED_TEXT = "concat(input, ' ', output)"
"""The expression of the index `spans.words`, to the letter; the index lowers it and what is looked for."""

_FIELD = re.compile(r"(^|\s)[-+!]?@?[A-Za-z_][\w.]*:(?!//)\S")
_OPERATOR = re.compile(r"(^|\s)([-+!]\w|(AND|OR|NOT)(\s|$)|\()|\w[*~](\s|$)")
"""Of the search language to come; a question mark, an address or a time of day is none."""
_PHRASE = re.compile(r'"([^"]*)"')
_TOKEN = re.compile(r"[0-9A-Za-z\x80-\U0010ffff]+")
"""As the text index cuts (`splitByNonAlpha`): ASCII letters, digits and all else but ASCII stay together."""


class Words(NamedTuple):
    """What a span's input and output must hold, all of it, in lower case."""

    tokens: tuple[str, ...]
    phrases: tuple[str, ...]
    """Of more than one word, to be found as they stand."""

    @classmethod
    def of(cls, query: str | None) -> "Words | None":
        """The words of a query; None when it asks for nothing.

        Raises:
            BadRequest: it is too long, or a quote is not closed, or there is no word in it.
            NotBuilt: it uses the search language's fields or operators.
        """
        if query is None or not query.strip():
            return None
        if len(query) > MAX_QUERY_CHARACTERS:
            raise BadRequest(
                f"expected at most {MAX_QUERY_CHARACTERS} characters, got {len(query)}", where="query"
            )
        if query.count('"') % 2:
            raise BadRequest(f"expected a closing quote, got {query[:100]!r}", where="query")
        bare = _PHRASE.sub(" ", query)
        if _FIELD.search(bare) or _OPERATOR.search(bare):
            raise NotBuilt(
                f'only words and "phrases" can be searched yet, not fields or operators: got {query[:100]!r}',
                where="query",
            )
        phrases = tuple(dict.fromkeys(found.lower() for found in _PHRASE.findall(query) if found.strip()))
        tokens = tuple(dict.fromkeys(_TOKEN.findall(query.lower())))
        if not tokens or len(tokens) > MAX_WORDS:
            raise BadRequest(f"expected 1 to {MAX_WORDS} words, got {len(tokens)}", where="query")
        return cls(tokens, tuple(phrase for phrase in phrases if len(_TOKEN.findall(phrase)) > 1))

    def condition(self) -> str:
        """SQL over `spans`; its places are filled by `parameters`."""
        parts = [f"hasAllTokens({INDEXED_TEXT}, {{words:String}})"]
        parts += [
            f"position(lowerUTF8({INDEXED_TEXT}), {{phrase_{index}:String}}) > 0"
            for index in range(len(self.phrases))
        ]
        return " AND ".join(parts)

    def parameters(self) -> dict[str, str]:
        """Values for the places of `condition`."""
        phrases = {f"phrase_{index}": phrase for index, phrase in enumerate(self.phrases)}
        return {"words": " ".join(self.tokens)} | phrases
