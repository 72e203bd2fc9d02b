"""Faults are drawn around somebody's work, of nodes that there are, and nothing is drawn that the world cannot suffer."""

from __future__ import annotations

import itertools
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.campaign.drawing import draw_plan
from simulations.faults.knob import SPANS_MS, counter, is_connected, nodes, pick, span, terminals
from simulations.faults.knobs import KNOBS
from simulations.world.hotel import TERMINALS_MAX
from simulations.world.plan import WorldPlan
from tests.simulations.faults.small_world import small_plan

plans = st.integers(0, 400).map(draw_plan)
randoms = st.integers(0, 10_000).map(Random)
NEEDS_RELAY = {"commit_outcome_unknown", "database_down"}
MEANS_HARM = {
    "forged_entries",
    "mutated_entries",
    "replayed_entries",
    "foreign_client_id",
    "malformed_operation",
    "usurped_property",
    "stranger",
}


@given(plans, randoms, st.sampled_from(sorted(KNOBS)))
@settings(max_examples=400)
def test_a_drawn_fault_is_of_its_kind_within_the_world_and_of_nodes_that_there_are(
    plan: WorldPlan, random: Random, kind: str
) -> None:
    fault = KNOBS[kind].draw(random, plan)
    if fault is None:
        return
    assert fault.kind == kind
    assert 0 <= fault.at_ms < plan.duration_ms
    assert fault.at_ms <= fault.until_ms
    assert fault.nodes
    assert set(fault.nodes) <= set(nodes(plan))
    assert len(set(fault.nodes)) == len(fault.nodes)


@given(plans, randoms)
def test_a_fault_is_drawn_around_somebodys_work(plan: WorldPlan, random: Random) -> None:
    begin, end = span(random, plan)
    assert any(begin <= work.at_ms <= end for work in plan.work)
    assert end <= plan.duration_ms


@given(randoms)
def test_faults_last_from_seconds_to_months(random: Random) -> None:
    plan = next(plan for seed in range(400) if (plan := draw_plan(seed)).duration_ms > 3 * SPANS_MS[2][1])
    lengths = [end - begin for begin, end in (span(random, plan) for _draw in range(200))]
    for shortest, longest in SPANS_MS:
        assert any(shortest <= length <= longest for length in lengths)


def test_a_world_without_a_relay_suffers_no_fault_of_its_database() -> None:
    plan = small_plan(3, has_relay=False, work=4)
    assert {kind for kind in NEEDS_RELAY if KNOBS[kind].draw(Random(1), plan) is not None} == set()


def test_only_an_encrypted_disk_rots_because_only_there_it_shows() -> None:
    rot = KNOBS["bit_rot"]
    assert rot.draw(Random(1), small_plan(2, work=4)) is None
    assert rot.draw(Random(1), small_plan(2, work=4, is_encrypted=True)) is not None


def test_a_ring_needs_four_nodes_and_a_bridge_three() -> None:
    pair = small_plan(2, has_relay=False, work=4)
    assert (KNOBS["cut_ring"].draw(Random(1), pair), KNOBS["cut_bridge"].draw(Random(1), pair)) == (None, None)
    three = small_plan(2, work=4)
    assert KNOBS["cut_ring"].draw(Random(1), three) is None
    assert KNOBS["cut_bridge"].draw(Random(1), three) is not None
    assert KNOBS["cut_ring"].draw(Random(1), small_plan(3, work=4)) is not None


@given(randoms, st.sampled_from(sorted(MEANS_HARM)))
def test_an_intruder_has_no_key_of_a_terminal_that_is_at_work(random: Random, kind: str) -> None:
    assert KNOBS[kind].draw(random, small_plan(TERMINALS_MAX, work=4)) is None
    assert KNOBS[kind].draw(random, small_plan(TERMINALS_MAX - 1, work=4)) is not None


@given(randoms, st.integers(2, 5), st.booleans(), st.data())
def test_twins_are_drawn_only_where_somebody_stands_between_them(
    random: Random, terminals: int, has_relay: bool, data: st.DataObject
) -> None:
    pairs = list(itertools.combinations(range(1, terminals + 1), 2))
    mesh = tuple(sorted(data.draw(st.sets(st.sampled_from(pairs)))))
    plan = small_plan(terminals, has_relay=has_relay, mesh=mesh, work=4)
    fault = KNOBS["cloned_disk"].draw(random, plan)
    if fault is not None:
        twins = set(fault.nodes)
        assert terminals >= 3
        assert is_connected(nodes(plan), [ends for ends in plan.links() if set(ends) != twins])


def test_nodes_are_connected_when_each_reaches_each_over_others() -> None:
    assert is_connected([1, 2, 3], [(1, 2), (2, 3)])
    assert is_connected([3, 1, 2], [(1, 2), (2, 3)])
    assert not is_connected([1, 2, 3, 4], [(1, 2), (3, 4)])
    assert is_connected([1], [])


def test_nodes_are_those_that_are_switched_on_the_relay_first() -> None:
    assert nodes(small_plan(3)) == [0, 1, 2, 3]
    assert nodes(small_plan(3).without_terminal(2)) == [0, 1, 3]
    assert nodes(small_plan(3, has_relay=False)) == terminals(small_plan(3)) == [1, 2, 3]


@given(randoms, st.lists(st.integers(), min_size=1))
def test_one_of_several_is_picked(random: Random, items: list[int]) -> None:
    assert pick(random, items) in items


def test_no_two_knobs_count_in_one_counter() -> None:
    counters = [effect for knob in KNOBS.values() for effect in knob.effects]
    assert len(set(counters)) == len(counters)
    assert counter("kill") == "fault_kill"
