"""Law 2: a new generation of a database that nobody had put back is found."""

from __future__ import annotations

import pytest

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Committed, Event, Opened, Renewed
from simulations.checkers.violation import Dot
from tests.simulations.checkers.tampering import again, found, nodes_of

CHECKER = "generations"
DOT = Dot(b"j" * 16, 1)
TOLD = Committed(10, "desk-1", b"one", ((4, DOT), (5, DOT)))
PUT_BACK = Opened(20, "relay", {}, rewound=True)
RENEWED = Renewed(30, "relay", b"one", 5)


def told(good: Evidence, *history: Event) -> list[str]:
    violations = found(again(good, history=history), CHECKER)
    assert nodes_of(violations) <= {"relay"}
    return [one.words for one in violations]


def test_a_database_that_was_put_back_may_get_one_for_each_end_that_it_lacks(good: Evidence) -> None:
    assert told(good, TOLD, PUT_BACK, RENEWED) == []
    assert told(good, TOLD, PUT_BACK, RENEWED, PUT_BACK, RENEWED, Renewed(40, "relay", b"another", 3)) == []
    assert told(good, PUT_BACK, Renewed(30, "relay", b"never told", 9)) == []


@pytest.mark.parametrize(
    "history",
    [
        [RENEWED],
        [TOLD, RENEWED],
        [PUT_BACK, TOLD, RENEWED],
        [TOLD, Opened(20, "relay", {}, rewound=False), RENEWED],
        [TOLD, Opened(20, "desk-1", {}, rewound=True), RENEWED],
        [TOLD, RENEWED, PUT_BACK],
        [TOLD, PUT_BACK, Renewed(21, "relay", b"one", 4), RENEWED],
    ],
)
def test_one_that_nothing_called_for(good: Evidence, history: list[Event]) -> None:
    (words,) = told(good, *history)
    assert "over position 5 of generation 6f6e65" in words
