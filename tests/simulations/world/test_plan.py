"""A plan is reduced without a change to what stays."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from simulations.campaign.drawing import draw_plan
from simulations.world.plan import WorldPlan
from tests.simulations.faults.small_world import small_plan

plans = st.integers(0, 400).map(draw_plan)
places = st.frozensets(st.integers(0, 80))


def differing(one: WorldPlan, other: WorldPlan) -> set[str]:
    """The fields in which two plans are not the same."""
    return {field.name for field in fields(one) if getattr(one, field.name) != getattr(other, field.name)}


@given(plans, places)
def test_leaving_out_work_keeps_everything_else_the_same(plan: WorldPlan, left_out: frozenset[int]) -> None:
    smaller = plan.without_work(left_out)
    assert differing(plan, smaller) <= {"work"}
    assert list(smaller.work) == [one for place, one in enumerate(plan.work) if place not in left_out]


@given(plans, places)
def test_leaving_out_faults_keeps_everything_else_the_same(plan: WorldPlan, left_out: frozenset[int]) -> None:
    smaller = plan.without_faults(left_out)
    assert differing(plan, smaller) <= {"faults"}
    assert list(smaller.faults) == [one for place, one in enumerate(plan.faults) if place not in left_out]


@given(plans, st.data())
def test_a_terminal_that_is_left_out_leaves_nothing_behind_and_everything_else_keeps_its_number(
    plan: WorldPlan, data: st.DataObject
) -> None:
    gone = data.draw(st.integers(1, plan.terminals))
    smaller = plan.without_terminal(gone)
    assert differing(plan, smaller) <= {"mesh", "work", "faults", "core", "absent"}
    assert smaller.absent == (gone,)
    assert list(smaller.mesh) == [pair for pair in plan.mesh if gone not in pair]
    assert list(smaller.work) == [one for one in plan.work if one.node != gone]
    assert list(smaller.faults) == [one for one in plan.faults if gone not in one.nodes]
    assert list(smaller.core) == [node for node in plan.core if node != gone]
    assert all(gone not in ends for ends in smaller.links())


@given(plans, st.data())
def test_it_does_not_matter_in_which_order_terminals_are_left_out(plan: WorldPlan, data: st.DataObject) -> None:
    one, other = data.draw(st.permutations(range(1, plan.terminals + 1)))[:2]
    there, back = plan.without_terminal(one).without_terminal(other), plan.without_terminal(other).without_terminal(one)
    assert there == back
    assert there.absent == tuple(sorted((one, other)))


def test_lines_are_those_of_the_mesh_and_to_the_relay_of_every_terminal_that_is_there() -> None:
    assert small_plan(3, mesh=((1, 2),)).links() == ((1, 2), (1, 0), (2, 0), (3, 0))
    assert small_plan(3, mesh=((1, 2),), has_relay=False).links() == ((1, 2),)
    assert small_plan(3, mesh=((1, 2),)).without_terminal(2).links() == ((1, 0), (3, 0))


@given(plans)
def test_a_line_is_laid_once_and_between_nodes_that_there_are(plan: WorldPlan) -> None:
    links = plan.links()
    assert len({frozenset(ends) for ends in links}) == len(links)
    numbers = {*range(1, plan.terminals + 1), *([0] if plan.has_relay else [])}
    assert {end for ends in links for end in ends} <= numbers
