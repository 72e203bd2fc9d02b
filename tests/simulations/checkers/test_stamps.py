"""Stamps that do not exceed what their author held, or are far from the time that it knew, are found."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Acted, Applied, ClockRead, Event, Opened
from simulations.checkers.violation import Dot
from tests.simulations.checkers.tampering import again, changed, forked_at, found

CHECKER = "stamps"
NODE = "desk-1"
MINUTE_MS = 60_000


class Stamped(NamedTuple):
    """An entry of the good run and its time."""

    at_ms: int
    dot: Dot


@pytest.fixture
def early_and_late(good: Evidence) -> tuple[Stamped, Stamped]:
    """Two entries of different times."""
    found_headers = (good.catalogue.find(held.dot) for held in good.reference.entries)
    headers = sorted((one for one in found_headers if one is not None), key=lambda one: one.stamp)
    first, last = headers[0], headers[-1]
    assert first.stamp[0] < last.stamp[0]
    return Stamped(first.stamp[0], first.dot), Stamped(last.stamp[0], last.dot)


def acted(at_ms: int, dot: Dot) -> Acted:
    return Acted(at_ms, NODE, "create_stay", "suzuki", (dot,))


def words(good: Evidence, *history: Event) -> list[str]:
    return [finding.words for finding in found(again(good, history=history), CHECKER)]


def test_a_stamp_of_its_time_is_right_and_without_a_clock_nothing_is_judged(
    good: Evidence, early_and_late: tuple[Stamped, Stamped]
) -> None:
    one, _ = early_and_late
    assert words(good, ClockRead(0, NODE, 0, 0), acted(one.at_ms, one.dot)) == []
    assert words(good, acted(one.at_ms + 60 * MINUTE_MS, one.dot)) == []
    assert words(good, ClockRead(0, NODE, 0, None), acted(one.at_ms + 60 * MINUTE_MS, one.dot)) == []


@pytest.mark.parametrize("late_ms", [MINUTE_MS, -6 * MINUTE_MS])
def test_a_stamp_far_from_the_clock_of_the_relay_that_was_heard(
    good: Evidence, early_and_late: tuple[Stamped, Stamped], late_ms: int
) -> None:
    one, _ = early_and_late
    (said,) = words(good, ClockRead(0, NODE, 0, 0), acted(one.at_ms + late_ms, one.dot))
    assert "from the relay's clock" in said
    assert words(good, ClockRead(0, NODE, 0, -late_ms), acted(one.at_ms + late_ms, one.dot)) == []


def test_a_stamp_below_that_of_an_entry_that_was_taken_before(
    good: Evidence, early_and_late: tuple[Stamped, Stamped]
) -> None:
    one, other = early_and_late
    clock = ClockRead(0, NODE, other.at_ms - one.at_ms, None)
    taken = Applied(one.at_ms, NODE, (other.dot,), ())
    (said,) = words(good, clock, taken, acted(one.at_ms, one.dot))
    assert "although the node held" in said
    assert words(good, clock, acted(one.at_ms, one.dot), taken) == []


def test_a_stamp_below_that_of_an_entry_that_was_on_the_disk_or_written_before(
    good: Evidence, early_and_late: tuple[Stamped, Stamped]
) -> None:
    one, other = early_and_late
    clock = ClockRead(0, NODE, other.at_ms - one.at_ms, None)
    opened = Opened(one.at_ms, NODE, {other.dot.journal: other.dot.seq}, rewound=False)
    assert len(words(good, clock, opened, acted(one.at_ms, one.dot))) == 1
    assert len(words(good, clock, acted(one.at_ms, other.dot), acted(one.at_ms, one.dot))) == 1


def test_what_was_further_ahead_than_any_honest_clock_need_not_be_exceeded(
    good: Evidence, early_and_late: tuple[Stamped, Stamped]
) -> None:
    one, other = early_and_late
    behind = ClockRead(0, NODE, other.at_ms - one.at_ms - 6 * MINUTE_MS, None)
    assert words(good, behind, Applied(one.at_ms, NODE, (other.dot,), ()), acted(one.at_ms, one.dot)) == []


def test_a_stamp_of_one_of_two_branches_need_not_be_exceeded(
    good: Evidence, early_and_late: tuple[Stamped, Stamped]
) -> None:
    one, other = early_and_late
    clock = ClockRead(0, NODE, other.at_ms - one.at_ms, None)
    taken = Applied(one.at_ms, NODE, (other.dot,), ())
    told = changed(good, forked_at(other.dot), NODE)
    assert len(words(good, clock, taken, acted(one.at_ms, one.dot))) == 1
    assert words(told, clock, taken, acted(one.at_ms, one.dot)) == []
