"""A reduced world is named in words from which the same world is made again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.campaign.drawing import draw_plan
from simulations.campaign.pieces import PiecesWrong, pieces_of, reduced_to
from simulations.world.plan import MINUTE_MS, Fault, WorldPlan
from tests.simulations.faults.small_world import small_plan

TERMINALS, WORK, FAULTS = 4, 12, 6


def crowded() -> WorldPlan:
    faults = [Fault(MINUTE_MS + at // 2, MINUTE_MS + at // 2, "kill", (1,)) for at in range(FAULTS)]
    return small_plan(TERMINALS, work=WORK, faults=faults)


@given(
    st.sets(st.integers(0, WORK - 1)), st.sets(st.integers(0, FAULTS - 1)), st.lists(st.integers(2, TERMINALS), unique=True)
)  # fmt: skip
def test_the_words_of_what_is_left_make_the_same_world(work: set[int], faults: set[int], absent: list[int]) -> None:
    whole = crowded()
    reduced = whole
    for number in absent:
        reduced = reduced.without_terminal(number)
    reduced = reduced.without_work(frozenset(work)).without_faults(frozenset(faults))
    if reduced.core:
        assert reduced_to(whole, pieces_of(whole, reduced)) == reduced


def test_nothing_is_left_out_of_the_whole() -> None:
    whole = draw_plan(3)
    assert reduced_to(whole, pieces_of(whole, whole)) == whole


def test_places_that_follow_each_other_are_a_range() -> None:
    whole = crowded()
    reduced = whole.without_work(frozenset({0, 5, 7})).without_faults(frozenset(range(FAULTS)))
    assert pieces_of(whole, reduced) == "desks 1-4; faults ; work 1-4,6,8-11"


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ("everything", "say what is left"),
        ("desks 1-; faults ; work ", "no range"),
        ("desks 1-9; faults ; work ", "has no desks 9"),
        ("desks 1-4; faults 99; work ", "has no faults 99"),
        ("desks ; faults ; work ", "no desk is left"),
    ],
)
def test_words_that_name_no_part_of_the_world_are_refused(pieces: str, said: str) -> None:
    with pytest.raises(PiecesWrong, match=said):
        reduced_to(crowded(), pieces)
