"""Stamps never run backwards, and one wrong clock does not drag the others along."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.journal.clock import HybridLogicalClock, Stamp
from crdt_pms.journal.limits import STAMP_AHEAD_MS_MAX, STAMP_COUNTER_MAX


@given(st.lists(st.integers(0, 10**6), min_size=1))
def test_stamps_of_one_journal_ascend_whatever_the_wall_clock_does(walls: list[int]) -> None:
    clock = HybridLogicalClock()
    stamps = [clock.issue(wall) for wall in walls]
    assert stamps == sorted(set(stamps))


@given(st.integers(0, 10**6), st.integers(0, STAMP_AHEAD_MS_MAX))
def test_a_stamp_within_the_bound_is_followed_by_a_greater_one(now_ms: int, ahead_ms: int) -> None:
    clock = HybridLogicalClock()
    received = Stamp(now_ms + ahead_ms, 3)
    assert clock.observe(received, now_ms)
    assert clock.issue(now_ms) > received


def test_a_clock_a_day_ahead_is_not_merged() -> None:
    clock = HybridLogicalClock()
    assert not clock.observe(Stamp(1_000 + STAMP_AHEAD_MS_MAX + 1, 0), 1_000)
    assert clock.issue(1_000) == Stamp(1_000, 0)


def test_a_full_counter_moves_on_to_the_next_millisecond() -> None:
    assert HybridLogicalClock(Stamp(5, STAMP_COUNTER_MAX)).issue(4) == Stamp(6, 0)
