"""What privacy rules find, and what they leave alone."""

import pytest

from diptych_server.privacy.rules import NO_RULES, Rules

ALL = Rules.parse(["email", "card", "iban", "jwt", "api_key", r"order=\bORD-\d+"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to ada.l+x@mail.example.co.uk, please.", "Write to [email], please."),
        ("4111 1111 1111 1111 expires", "[card] expires"),
        ("4111-1111-1111-1111", "[card]"),
        ("378282246310005", "[card]"),
        ("DE89 3704 0044 0532 0130 00.", "[iban]."),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0x.c2lnbmF0dXJl", "Bearer [jwt]"),
        ("key sk-ant-REDACTED-0123456789 here", "key [api key] here"),
        ("ORD-1234 is late", "[redacted] is late"),
        ("a@b.example and c@d.example", "[email] and [email]"),
    ],
)
def test_what_is_found_is_replaced(text: str, expected: str) -> None:
    assert ALL.text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no secrets",
        "4111 1111 1111 1112",
        "1795375280000",
        "550e8400-e29b-41d4-a716-446655440000",
        "DE00 3704 0044 0532 0130 00",
        "@handle",
        "user@localhost",
        "3.14159265358979",
        "12345678901234567890",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert ALL.text(text) == text


def test_rules_reach_every_text_of_a_value_and_no_key() -> None:
    value = {
        "ada@example.com": "ada@example.com",
        "list": ["x", ["ada@example.com"]],
        "number": 4111111111111111,
        "other": [1, 2.5, True, None, 999_999_999],
    }
    assert ALL.value(value) == {
        "ada@example.com": "[email]",
        "list": ["x", ["[email]"]],
        "number": "[card]",
        "other": [1, 2.5, True, None, 999_999_999],
    }


def test_json_inside_a_text_stays_json() -> None:
    assert (
        ALL.text('{"card":4111111111111111,"to":["ada@example.com"]}') == '{"card":"[card]","to":["[email]"]}'
    )
    assert ALL.text('{"a": 1}') == '{"a": 1}'
    assert ALL.text('{"to": ada@example.com') == '{"to": [email]'
    assert ALL.text("[" * 20_000) == "[" * 20_000


def test_kept_keys_stay() -> None:
    assert ALL.value({"id": "a@b.example", "to": "a@b.example"}, frozenset({"id"})) == {
        "id": "a@b.example",
        "to": "[email]",
    }


def test_no_rules_are_false_and_touch_nothing() -> None:
    assert not NO_RULES
    assert NO_RULES.line(b'{"a" : "ada@example.com"}') == b'{"a" : "ada@example.com"}'


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("emial", "'emial': expected one of email"),
        ("x=(", "'x': missing"),
        ("=abc", "name=expression"),
        ("x=" + "a" * 2_000, "1000 characters"),
    ],
)
def test_a_rule_that_cannot_be_read_says_so(word: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Rules.parse([word])
