"""What the agent retrieves."""

import pytest

from concierge.bookshelf import search


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Can I return it after using it once?", "policy-returns"),
        ("How long does delivery take?", "policy-delivery"),
        ("talk to a human", "policy-human"),
        ("my zip is broken, can you fix it?", "policy-repairs"),
        ("a headlamp for running", "lumen-900"),
        ("backpack for a week with a tent", "traverse-65"),
        ("is the gale 3 in stock", "gale-3"),
    ],
)
def test_the_best_document_comes_first(query: str, first: str) -> None:
    assert search(query)[0]["id"] == first


def test_scores_fall_and_the_limit_holds() -> None:
    found = search("a tent for four under 5 kg", limit=5)
    scores = [document["score"] for document in found]
    assert len(found) == 5
    assert scores == sorted(scores, reverse=True)
    assert "ridge-4" in {document["id"] for document in found}


def test_what_the_shopper_looks_at_is_always_there_and_first() -> None:
    assert [document["id"] for document in search("delivery", always=("glow",))][:2] == [
        "glow",
        "policy-delivery",
    ]


def test_words_that_say_nothing_find_nothing() -> None:
    assert search("What is it, and how?") == []
