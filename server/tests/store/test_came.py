"""Rows tell of which things they are, and the latest of them are remembered."""

import pytest

from diptych_server.store.came import MOST_REMEMBERED, Came, Remembered, Seen
from diptych_server.store.rows import Row
from server.tests.query.seeds import TRACE, evaluation, rum, segment, span
from server.tests.query.test_turns import answer, reaction


def test_rows_tell_which_things_they_are_of() -> None:
    rows: list[Row] = [
        span("p", trace_id="t1"),
        span("p", "2" * 16, trace_id="t1", session_claim="called s2"),
        answer("p", "a1", trace_id="t2"),
        answer("p", "a2", trace_id=""),
        reaction("p", "copy", "a3"),
        evaluation("p", "e1", session_id="judged s3"),
        rum("p", "a click", type="action"),
        segment("p", 0),
    ]
    came = Came.of(rows)
    assert came.trace_ids == {"t1"}
    assert came.answer_ids == {"a1", "a2"}
    assert came.named_trace_ids == {"t2"}
    assert came.reacted_ids == {"a3"}
    assert came.evaluation_ids == {"e1"}
    assert came.linked_trace_ids == {"t2", TRACE}, "of the answer and of the judgement"
    assert came.judged_trace_ids == {TRACE}
    assert came.linked_session_ids == {"s1", "called s2", "judged s3"}, (
        "the answer's, the span's, the judgement's"
    )
    assert came.session_ids == came.answered_session_ids == came.recorded_ids == {"s1"}


def test_rows_tell_when_a_thing_was_seen_first_and_last() -> None:
    remembered = Remembered()
    for number, seen_at in enumerate((5, 2, 9, 7), start=1):
        remembered.note(number, Came.of([rum("p", f"e{seen_at}", seen_at=seen_at)]))
    for number, seen in ((0, Seen(2, 9)), (2, Seen(7, 9)), (3, Seen(7, 7))):
        came = remembered.since(number)
        assert came is not None
        assert came.sessions == {"s1": seen}


@pytest.mark.parametrize("raw", ["", "{", "[]", '{"reaction":7}', '{"reaction":{"answer_id":null}}', "{}"])
def test_a_reaction_that_names_no_answer_is_of_none(raw: str) -> None:
    assert Came.of([reaction("p", "copy", raw=raw)]).reacted_ids == set()


def test_the_latest_commits_are_remembered() -> None:
    remembered = Remembered()
    for number in (3, 5, 8):
        remembered.note(number, Came.of([answer("p", f"a{number}", trace_id="")]))
    for number, since in ((2, {"a3", "a5", "a8"}), (3, {"a5", "a8"}), (6, {"a8"}), (8, set())):
        came = remembered.since(number)
        assert came is not None
        assert came.answer_ids == since


def test_of_what_was_forgotten_nothing_is_said() -> None:
    remembered = Remembered()
    many = [answer("p", f"{number}", session_id="", trace_id="") for number in range(MOST_REMEMBERED)]
    remembered.note(1, Came.of([answer("p", "first", trace_id="")]))
    remembered.note(2, Came.of(many))
    assert remembered.since(0) is None, "the first was forgotten"
    assert remembered.since(1) is not None
    remembered.note(3, Came.of([answer("p", "last", trace_id="")]))
    assert remembered.since(1) is None
    latest = remembered.since(2)
    assert latest is not None
    assert latest.answer_ids == {"last"}
