"""The search that the agent retrieves from: BM25 over the products and policies, small enough to read."""

import math
import re
from collections import Counter
from functools import cache
from typing import TypedDict

from .catalogue import policies, products

BM25_K1 = 1.4
BM25_B = 0.75
"""The usual values (Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009)."""

TITLE_WEIGHT = 3
"""A word of a document's name, or a product's kind, counts this often."""

_SILENT_WORDS = """
a about after all an and any are as at be by can could do does for from get give have how i if in is it its
me my of on or our please tell than that the their them there this to under up us was we what when where
which will with would you your
"""
_SAME_WORDS = """
0 zero / 1 one / 2 two / 3 three / 4 four / 5 five / 6 six / 7 seven / 8 eight
sleep fit sleeping person people friend / talk human someone agent phone call speak talking
delivery arrive ship send deliver delivered / refund money refunded / repair broken torn fix repaired
pack backpack rucksack bag / light lamp torch lantern headtorch / exchange exchanged / return returned
warranty guarantee / stove burner
"""
"""What the texts are found by, then what shoppers say for it."""


class Document(TypedDict):
    """A retrieved text and how well it fits (BM25, higher is better)."""

    id: str
    name: str
    score: float
    text: str


def search(query: str, limit: int = 8, always: tuple[str, ...] = ()) -> list[Document]:
    """Products and policies that fit the query, the best first; those named in `always` come before them."""
    words, index = _words(query), _index()
    found = [
        Document(id=page.id, name=page.name, score=round(score, 3), text=page.text)
        for page in index.pages
        if (score := index.score(words, page)) > 0 or page.id in always
    ]
    found.sort(key=lambda document: (document["id"] not in always, -document["score"]))
    return found[:limit]


class _Page:
    def __init__(self, id_: str, name: str, kind: str, text: str) -> None:
        self.id, self.name, self.text = id_, name, text
        self.words = Counter(_words(text) + _words(f"{name} {kind}") * TITLE_WEIGHT)
        self.length = self.words.total()


class _Index:
    def __init__(self, pages: list[_Page]) -> None:
        self.pages = pages
        self.mean_length = sum(page.length for page in pages) / len(pages)
        appearances = Counter(word for page in pages for word in page.words)
        self.rarity = {
            word: math.log(1 + (len(pages) - count + 0.5) / (count + 0.5))
            for word, count in appearances.items()
        }

    def score(self, words: list[str], page: _Page) -> float:
        stretch = BM25_K1 * (1 - BM25_B + BM25_B * page.length / self.mean_length)
        counts = ((word, page.words[word]) for word in words if word in page.words)
        return sum(self.rarity[word] * count * (BM25_K1 + 1) / (count + stretch) for word, count in counts)


@cache
def _index() -> _Index:
    shelf = [
        _Page(product.sku, product.name, product.kind, product.text()) for product in products().values()
    ]
    return _Index(shelf + [_Page(policy.id, policy.name, "", policy.text) for policy in policies()])


@cache
def _synonyms() -> dict[str, str]:
    groups = [group.split() for line in _SAME_WORDS.strip().splitlines() for group in line.split("/")]
    return {said: group[0] for group in groups for said in group[1:]}


def _words(text: str) -> list[str]:
    """Lower-case words without their plural s, and without those that say nothing."""
    silent, same = _SILENT_WORDS.split(), _synonyms()
    said = (word for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in silent)
    singular = (word.removesuffix("s") if len(word) > 3 else word for word in said)
    return [same.get(word, word) for word in singular]
