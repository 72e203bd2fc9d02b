"""The axis keeps the order of what happened, whatever the spans between."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.reports.scale import TimeScale

LEFT, RIGHT = 100.0, 1_300.0
MONTHS_MS = 90 * 24 * 3_600_000
moments = st.sets(st.integers(0, MONTHS_MS), min_size=2, max_size=60).map(sorted)


@given(moments)
def test_what_came_later_stands_further_to_the_right(times: list[int]) -> None:
    scale = TimeScale(times, LEFT, RIGHT)
    places = [scale.place(at_ms) for at_ms in times]
    assert places[0] == pytest.approx(LEFT)
    assert places[-1] == pytest.approx(RIGHT)
    assert all(before < after for before, after in pairwise(places))


@given(moments, st.integers(0, MONTHS_MS), st.integers(0, MONTHS_MS))
def test_times_between_the_moments_keep_their_order_too(times: list[int], one: int, other: int) -> None:
    scale = TimeScale(times, LEFT, RIGHT)
    earlier, later = sorted((one, other))
    assert scale.place(earlier) + 1e-6 >= LEFT
    assert scale.place(earlier) <= scale.place(later) + 1e-6
    assert scale.place(later) <= RIGHT + 1e-6


@given(moments)
def test_a_mark_says_the_time_that_stands_there(times: list[int]) -> None:
    scale = TimeScale(times, LEFT, RIGHT)
    for place, at_ms in scale.marks(100):
        assert scale.place(at_ms) == pytest.approx(place, abs=0.5)


def test_an_idle_night_is_narrower_than_its_share() -> None:
    scale = TimeScale([0, 1_000, 2_000, 36_000_000], 0, 100)
    assert scale.place(2_000) > 30


def test_one_moment_is_no_axis() -> None:
    with pytest.raises(ValueError, match="two different moments"):
        TimeScale([5, 5], LEFT, RIGHT)
