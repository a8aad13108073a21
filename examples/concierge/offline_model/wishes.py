"""What a shopper wishes for, read from a question: a kind of thing, for how many, how light, how cheap."""

import re
from dataclasses import dataclass

from .reading import Item

NUMBERS = {
    w: n for n, w in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight"), start=1)
}
KINDS = {
    "tent": r"\b(tent|shelter)s?\b",
    "pack": r"\b(pack|backpack|rucksack|bag)s?\b",
    "stove": r"\b(stove|burner|cooker|grill)s?\b",
    "light": r"\b(light|lamp|headlamp|torch|lantern)(s|es)?\b",
}
_NUMBER = r"(\d+(?:\.\d+)?|" + "|".join(NUMBERS) + ")"
_AT_MOST = r"(?:under|below|less than|at most|up to|max(?:imum)?)"


@dataclass(frozen=True)
class Wishes:
    """Limits on an item; None where the question names none."""

    kind: str
    people: int | None = None
    most_kg: float | None = None
    most_eur: float | None = None

    @classmethod
    def of(cls, question: str) -> "Wishes | None":
        """The wishes of a question that asks for a kind of thing; None for any other question."""
        text = question.lower()
        kind = next((kind for kind, pattern in KINDS.items() if re.search(pattern, text)), None)
        if not kind:
            return None
        people = _number(text, rf"(?:for|fits?|sleeps?) {_NUMBER}(?! ?(?:€|eur|kg|g\b|days|nights))")
        people = people or _number(text, rf"{_NUMBER}[ -](?:people|persons?|friends|of us)")
        grams = _number(text, rf"{_AT_MOST} {_NUMBER} ?(?:g|grams?)\b")
        return cls(
            kind=kind,
            people=int(people) if people else None,
            most_kg=grams / 1000 if grams else _number(text, rf"{_AT_MOST} {_NUMBER} ?(?:kg|kilos?)"),
            most_eur=_number(text, rf"{_AT_MOST} (?:€|eur )?{_NUMBER}(?! ?(?:kg|kilo|g\b|gram|l\b|litre))"),
        )

    def choose(self, items: list[Item]) -> list[Item]:
        """The items that fit, the closest first: no bed too many, then the order they came in."""
        fitting = [item for item in items if self._fits(item)]
        return sorted(fitting, key=lambda item: item.sleeps) if self.people else fitting

    def _fits(self, item: Item) -> bool:
        return (
            item.kind == self.kind
            and item.sleeps >= (self.people or 0)
            and item.weight_kg <= (self.most_kg or float("inf"))
            and item.price_eur <= (self.most_eur or float("inf"))
        )


def _number(text: str, pattern: str) -> float | None:
    match = re.search(pattern, text)
    return float(NUMBERS.get(match[1], match[1])) if match else None
