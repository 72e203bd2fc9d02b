"""Law 4: a form shows what stands there."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import OCCUPANCY
from simulations.checkers.history import Acted, Showed
from simulations.checkers.violation import Dot
from tests.simulations.checkers.tampering import again, found, nodes_of
from tests.simulations.checkers.test_writes_follow_reads import act_of, form, writes
from tests.simulations.checkers.witnessed_run import CANCELLED

CHECKER = "forms"


def with_form(good: Evidence, before: Acted, shown: Sequence[Dot]) -> Evidence:
    """The run in which somebody had taken a form of the stay from the screen just before that act."""
    place = list(good.history).index(before)
    showed = Showed(before.at_ms, before.node, form(CANCELLED, shown))
    return again(good, history=[*good.history[:place], showed, *good.history[place:]])


def occupancy_only(evidence: Evidence) -> list[str]:
    """What is found of the occupancy: the form of the test shows nothing of terms and guest."""
    return [one.words for one in found(evidence, CHECKER) if f"showed of {OCCUPANCY}" in one.words]


def test_a_form_that_shows_what_stands_is_right(good: Evidence) -> None:
    reserved, cancelled, _roomed = writes(good)
    assert occupancy_only(with_form(good, act_of(good, cancelled.dot), [reserved.dot])) == []


@pytest.mark.parametrize("shown", [[], ["cancelled"], ["reserved", "cancelled"]])
def test_a_form_that_shows_less_more_or_something_else_is_not(good: Evidence, shown: list[str]) -> None:
    reserved, cancelled, _roomed = writes(good)
    dots = {"reserved": reserved.dot, "cancelled": cancelled.dot}
    act = act_of(good, cancelled.dot)
    evidence = with_form(good, act, [dots[name] for name in shown])
    assert len(occupancy_only(evidence)) == 1
    assert nodes_of(found(evidence, CHECKER)) == {act.node}
