"""How many entries were tentative where is what the desk itself said."""

from __future__ import annotations

from simulations.checkers.history import Acted, Applied, Committed, Opened, Queued
from simulations.checkers.violation import Dot
from simulations.reports.depths import Depth, queue_depths, tentative_depths
from tests.simulations.reports.conftest import Watched

ONE, OTHER = b"1" * 16, b"2" * 16


def test_an_entry_is_tentative_from_its_writing_until_it_is_known_to_be_committed() -> None:
    history = [
        Opened(0, "desk-1", {}, rewound=False),
        Acted(5, "desk-1", "walk_in", "ito", (Dot(ONE, 1), Dot(ONE, 2))),
        Applied(7, "desk-1", (Dot(OTHER, 1),), ()),
        Committed(9, "relay", b"g", ((1, Dot(ONE, 1)),)),
        Committed(10, "desk-1", b"g", ((1, Dot(ONE, 1)), (2, Dot(OTHER, 1)))),
    ]
    assert tentative_depths(history, ["desk-1"]) == {"desk-1": [Depth(0, 0), Depth(5, 2), Depth(7, 3), Depth(10, 1)]}


def test_with_a_new_database_of_the_relay_everything_is_tentative_again() -> None:
    history = [
        Opened(0, "desk-1", {ONE: 2}, rewound=False),
        Committed(1, "desk-1", b"g", ((1, Dot(ONE, 1)), (2, Dot(ONE, 2)))),
        Committed(5, "desk-1", b"h", ((1, Dot(ONE, 1)),)),
    ]
    assert tentative_depths(history, ["desk-1"])["desk-1"][-1] == Depth(5, 1)


def test_a_disk_that_was_put_back_holds_less() -> None:
    history = [
        Opened(0, "desk-1", {ONE: 4}, rewound=False),
        Opened(5, "desk-1", {ONE: 1}, rewound=True),
    ]
    assert tentative_depths(history, ["desk-1"])["desk-1"] == [Depth(0, 4), Depth(5, 1)]


def test_of_a_queue_the_samples_are_shown() -> None:
    history = [Queued(3, "relay", "entries to commit", 7, 100), Queued(4, "other", "entries to commit", 9, 100)]
    assert queue_depths(history, "relay") == [Depth(3, 7)]


def test_in_the_end_the_history_says_what_the_desks_say(watched: Watched) -> None:
    depths = tentative_depths(watched.timeline.history, ["desk-1", "desk-2"])
    assert {name: found[-1].entries for name, found in depths.items()} == watched.timeline.tentative
    assert max(one.entries for one in depths["desk-2"]) >= 2
