"""What both sides of a conflict started from."""

from __future__ import annotations

import pytest

from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import WINDOW
from simulations.checkers.grammar import Value as Content
from tests.simulations.checkers.books import Books, Row, stay_of

CHECKER = "bases"
OPEN: Content = {"stay": "sato", "status": "open", "note": None}
CLOSED: Content = {"stay": "sato", "status": "closed", "note": None}


def window(value: Content) -> Row:
    return (WINDOW, "sato/1", dict(value))


def test_a_base_is_what_the_desk_showed_or_an_older_form_did(good: Evidence) -> None:
    books = Books(good)
    first = books.act(*stay_of("in_house"))
    books.act(window(CLOSED), base=OPEN)
    books.act(window(OPEN), base=CLOSED)
    books.act(window(CLOSED), base=OPEN, names=(first,))
    assert books.judged(CHECKER) == []


@pytest.mark.parametrize("base", [None, CLOSED, {**OPEN, "note": "another"}])
def test_a_base_that_was_not_read(good: Evidence, base: Content | None) -> None:
    books = Books(good)
    books.act(*stay_of("in_house"))
    books.act(window(CLOSED), base=base)
    [words] = books.judged(CHECKER)
    assert "the base of sato/1" in words


def test_a_stale_form_that_claims_to_have_shown_what_came_later(good: Evidence) -> None:
    books = Books(good)
    first = books.act(*stay_of("in_house"))
    books.act(window(CLOSED), base=OPEN)
    books.act(window(OPEN), base=CLOSED, names=(first,))
    assert len(books.judged(CHECKER)) == 1
