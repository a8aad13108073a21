"""What privacy rules look for: built-in patterns by name, and people's own regular expressions."""

import re
from collections.abc import Callable
from dataclasses import dataclass

REPLACEMENT = "[redacted]"

MAX_OWN_CHARACTERS = 1_000
"""Of a regular expression that somebody sets: it runs over every text that arrives."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A named expression; what it finds, and `is_real` confirms, is replaced."""

    name: str
    expression: re.Pattern[str]
    replacement: str = REPLACEMENT
    """May use the expression's groups (`\\1`) where there is no `is_real`."""
    is_real: Callable[[str], bool] | None = None

    def clean(self, text: str) -> str:
        """`text` with every match replaced."""
        if self.is_real is None:
            return self.expression.sub(self.replacement, text)
        is_real = self.is_real
        return self.expression.sub(
            lambda match: self.replacement if is_real(match[0]) else match[0],
            text,
        )


def is_card_number(text: str) -> bool:
    """Whether the digits have a card's check digit (Luhn, ISO/IEC 7812-1)."""
    digits = [int(character) for character in reversed(text) if character.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def is_iban(text: str) -> bool:
    """Whether an account number has its two check digits (ISO 13616)."""
    compact = text.replace(" ", "").upper()
    return int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 == 1


BUILT_IN: dict[str, Pattern] = {
    pattern.name: pattern
    for pattern in (
        Pattern(
            "email",
            re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"),
            "[email]",
        ),
        Pattern("card", re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.]?\d)"), "[card]", is_card_number),
        Pattern(
            "iban",
            re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),
            "[iban]",
            is_iban,
        ),
        Pattern("jwt", re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"), "[jwt]"),
        Pattern(
            "api_key",
            re.compile(
                r"\b(?:sk|pk|rk)-[A-Za-z0-9_-]{16,}|\bAKIA[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36,}"
            ),
            "[api key]",
        ),
    )
}
"""Patterns that a setting can name."""
