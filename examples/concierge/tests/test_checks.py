"""What the checks of an answer find, and that they leave the shop as evaluations."""

import pytest

from concierge.checks import unanswered, ungrounded

TENT = "Ridge 4 is a tent (sku ridge-4). Sleeps 4. Weighs 4.6 kg. Costs 429 EUR. 3,000 mm floor, 6 minutes."
STOCK = 'content: {"sku": "ridge-4", "online": 12}'


@pytest.mark.parametrize(
    ("answer", "given"),
    [
        ("The **Ridge 4** sleeps 4, weighs 4.6 kg and costs €429.", TENT),
        ("It has a floor of 3000 mm.", TENT),
        ("It is in stock: 12 in the warehouse.", TENT + STOCK),
        ("It is in stock: 12 in the warehouse.", TENT + STOCK.replace('"', '\\"')),
        ("The lamp weighs 0.3 kg.", "weight 300 g"),
        ("We ship everywhere.", ""),
    ],
)
def test_an_answer_from_what_was_given_is_grounded(answer: str, given: str) -> None:
    assert ungrounded(answer, given) == ""


def test_a_figure_from_nowhere_is_named() -> None:
    assert "35" in ungrounded("You can return it within 35 days.", TENT)


def test_a_promise_of_stock_needs_the_warehouse() -> None:
    assert "warehouse" in ungrounded("Yes, it is in stock.", TENT)


def test_an_excuse_is_no_answer() -> None:
    assert "could not find" in unanswered("I could not find that in our catalogue.")
    assert unanswered("It costs €429.") == ""
