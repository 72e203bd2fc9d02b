"""Law 3: one key of another system is one thing done, and one answer."""

from __future__ import annotations

from dataclasses import replace

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Answered, Asked, Event, Opened
from simulations.checkers.violation import Dot, Violation
from tests.simulations.checkers.tampering import again, changed, found, one_entry

CHECKER = "idempotency"
RELAY, ENGINE, KEY = "relay", "booking-engine", "key-1"
WRITTEN = (Dot(b"origin".ljust(16, b"\0"), 1),)
ASKED = Asked(1, RELAY, ENGINE, KEY)
DONE = Answered(1, RELAY, ENGINE, KEY, b"a booking", b"201", WRITTEN)
REFUSED = replace(DONE, answer=None, dots=())
WENT_BACK = Opened(5, RELAY, {}, rewound=True)


def judged(good: Evidence, *events: Event) -> list[Violation]:
    return found(again(good, history=events), CHECKER)


def test_one_answer_however_often_it_is_asked(good: Evidence) -> None:
    assert judged(good, ASKED, DONE, ASKED, replace(DONE, at_ms=9), ASKED, replace(DONE, at_ms=10)) == []


def test_something_that_is_done_twice(good: Evidence) -> None:
    other = replace(DONE, at_ms=9, answer=b"201, another stay", dots=(Dot(WRITTEN[0].journal, 2),))
    (violation,) = judged(good, ASKED, DONE, ASKED, other)
    assert violation.node == RELAY
    assert f"written: {other.dots[0]}" in violation.words


def test_an_answer_that_is_another_one_although_nothing_was_done_again(good: Evidence) -> None:
    (violation,) = judged(good, ASKED, DONE, ASKED, replace(DONE, answer=b"200", dots=()))
    assert violation.words.endswith("written: nothing")


def test_a_refusal_of_what_had_been_done(good: Evidence) -> None:
    (violation,) = judged(good, ASKED, DONE, ASKED, REFUSED)
    assert "was refused what had been done" in violation.words


def test_what_was_refused_may_be_done_later(good: Evidence) -> None:
    assert judged(good, ASKED, REFUSED, ASKED, DONE) == []


def test_a_key_that_is_used_for_something_else(good: Evidence) -> None:
    other = replace(DONE, request=b"another booking")
    (violation,) = judged(good, ASKED, DONE, ASKED, other)
    assert "for something else" in violation.words
    assert judged(good, ASKED, DONE, ASKED, replace(other, answer=None, dots=())) == []


def test_two_systems_may_choose_the_same_key(good: Evidence) -> None:
    other = replace(DONE, origin="hotel-member", request=b"a card")
    assert judged(good, ASKED, DONE, replace(ASKED, origin="hotel-member"), other) == []


def test_a_key_that_another_system_used_is_no_reason_to_refuse(good: Evidence) -> None:
    asked = replace(ASKED, origin="hotel-member")
    refused = replace(REFUSED, origin="hotel-member", request=b"a card", refusal="KeyReused")
    (violation,) = judged(good, ASKED, DONE, asked, refused)
    assert "for the first time" in violation.words
    assert judged(good, ASKED, DONE, asked, replace(refused, refusal="RevisionStale")) == []
    assert judged(good, asked, asked, refused) == [], "what was not answered may have been done"


def test_one_stay_asked_for_with_two_contents_is_not_done_twice(good: Evidence) -> None:
    made = replace(DONE, creates="b1")
    other = replace(made, key="key-2", request=b"another guest", answer=b"200", dots=())
    asked = replace(ASKED, key="key-2")
    (violation,) = judged(good, ASKED, made, asked, other)
    assert "the stay b1 otherwise" in violation.words
    assert judged(good, ASKED, made, asked, replace(other, request=made.request)) == []
    assert judged(good, ASKED, made, asked, replace(other, answer=None)) == []
    assert judged(good, ASKED, made, WENT_BACK, asked, other) == []


def test_a_database_that_went_back_has_forgotten_its_keys(good: Evidence) -> None:
    other = replace(DONE, answer=b"200", dots=())
    assert judged(good, ASKED, DONE, WENT_BACK, ASKED, other) == []
    assert judged(good, ASKED, DONE, replace(WENT_BACK, node="desk-1"), ASKED, other) != []
    assert judged(good, ASKED, DONE, replace(WENT_BACK, rewound=False), ASKED, other) != []


def test_an_entry_of_which_nobody_was_told_although_everything_was_answered(good: Evidence) -> None:
    entry = good.reference.entries[-1]
    written = changed(good, one_entry(entry.dot, author=ENGINE), RELAY)
    told = replace(DONE, dots=(entry.dot,))
    assert judged(written, ASKED, told) == []
    (violation,) = judged(written, ASKED, DONE)
    assert f"{entry.dot}: {ENGINE} was never told of it" in violation.words
    assert judged(written, ASKED, DONE, replace(ASKED, key="key-2")) == []
    assert judged(written, ASKED, WENT_BACK, DONE) == []
    assert judged(written, replace(ASKED, node="desk-9"), replace(DONE, node="desk-9")) == []


def test_an_answer_may_be_forgotten_after_a_week_and_not_before(good: Evidence) -> None:
    days = 24 * 3_600_000
    other = replace(DONE, answer=b"200, it existed", dots=())
    early, late = (replace(other, at_ms=1 + after * days) for after in (5, 8))
    (violation,) = judged(good, ASKED, DONE, ASKED, early)
    assert "was answered otherwise" in violation.words
    assert judged(good, ASKED, DONE, ASKED, late) == []
    assert judged(good, ASKED, DONE, ASKED, late, ASKED, late) == []
    (violation,) = judged(good, ASKED, DONE, ASKED, late, ASKED, replace(late, answer=b"201"))
    assert "was answered otherwise" in violation.words
