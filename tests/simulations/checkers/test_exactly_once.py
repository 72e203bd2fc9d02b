"""Law 3: nothing stands twice, nothing is applied twice, and there is one committed order."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulations.checkers.contents import RELAY
from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Acted, Applied, Committed, Opened
from simulations.checkers.violation import Dot
from tests.simulations.checkers.tampering import (
    again,
    changed,
    entries,
    events,
    forked_at,
    found,
    nodes_of,
    one_entry,
)

CHECKER = "exactly_once"
shared = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_an_entry_held_twice(good: Evidence) -> None:
    violations = found(changed(good, entries(lambda log: [*log, log[0]]), "desk-1"), CHECKER)
    assert "held 2 times" in violations[0].words


def test_a_gap_in_the_positions(good: Evidence) -> None:
    dot = good.node("desk-1").entries[3].dot
    assert nodes_of(found(changed(good, one_entry(dot, position=10_000), "desk-1"), CHECKER)) == {"desk-1"}


def test_a_position_that_the_relay_does_not_confirm(good: Evidence) -> None:
    dot = good.reference.entries[3].dot
    assert nodes_of(found(changed(good, one_entry(dot, committed=10_000), "desk-1"), CHECKER)) == {"desk-1"}


def test_a_position_of_an_entry_that_the_relay_does_not_hold(good: Evidence) -> None:
    shorter = changed(good, entries(lambda log: log[:-1]), RELAY)
    assert nodes_of(found(shorter, CHECKER)) == {node.name for node in good.nodes[1:]}


def test_a_terminal_that_has_not_heard_yet_is_not_wrong(good: Evidence) -> None:
    dot = good.reference.entries[3].dot
    assert found(changed(good, one_entry(dot, committed=None), "desk-1"), CHECKER) == []


def test_terminals_that_contradict_each_other_where_there_is_no_relay(good: Evidence) -> None:
    terminals = again(good, nodes=good.nodes[1:])
    dot = good.reference.entries[3].dot
    assert found(changed(terminals, one_entry(dot, committed=10_000), "desk-2"), CHECKER) != []
    other = good.reference.entries[4].dot
    assert found(changed(terminals, one_entry(other, committed=4)), CHECKER) != []


@shared
@given(data=st.data())
def test_anything_that_is_applied_again_is_found(good: Evidence, data: st.DataObject) -> None:
    places = [number for number, event in enumerate(good.history) if isinstance(event, Acted | Applied)]
    number = data.draw(st.sampled_from(places))
    event = good.history[number]
    rewinds = (
        later for later, one in enumerate(good.history) if later > number and one.node == event.node
        and isinstance(one, Opened) and one.rewound
    )  # fmt: skip
    place = data.draw(st.integers(number + 1, next(rewinds, len(good.history))))
    evidence = again(good, history=(*good.history[:place], event, *good.history[place:]))
    assert nodes_of(found(evidence, CHECKER)) == {event.node}


def test_what_comes_back_after_a_disk_was_replaced_is_applied_once_more_rightly(good: Evidence) -> None:
    node = "desk-1"
    everything = tuple(entry.dot for entry in good.node(node).entries)
    history = (*good.history, Opened(9_998, node, {}, rewound=True), Applied(9_999, node, everything, ()))
    assert found(again(good, history=history), CHECKER) == []


def test_what_was_loaded_is_not_applied_again(good: Evidence) -> None:
    node = "desk-1"
    entry = good.node(node).entries[0].dot
    history = (Opened(1, node, {entry.journal: entry.seq}, rewound=True), Applied(2, node, (entry,), ()))
    violations = found(again(good, history=history), CHECKER)
    assert "which it had loaded from its disk" in violations[0].words


def test_two_entries_at_one_position(good: Evidence) -> None:
    said = next(event for event in events(good, Committed) if event.node == RELAY and len(event.order) > 1)
    other = replace(said, order=((said.order[0][0], said.order[1][1]),))
    assert nodes_of(found(again(good, history=(*good.history, other)), CHECKER)) == {RELAY}


def test_a_database_that_was_put_back_counts_on_from_there(good: Evidence) -> None:
    said = next(event for event in events(good, Committed) if event.node == RELAY and len(event.order) > 1)
    put_back = Opened(said.at_ms, RELAY, {}, rewound=True)
    other = replace(said, order=((said.order[0][0], said.order[1][1]),))
    assert found(again(good, history=(other, put_back, *good.history)), CHECKER) == []


def test_one_entry_at_two_positions(good: Evidence) -> None:
    said = next(event for event in events(good, Committed) if event.node == RELAY)
    other = replace(said, order=((10_000, said.order[0][1]),))
    assert nodes_of(found(again(good, history=(*good.history, other)), CHECKER)) == {RELAY}


def test_another_generation_has_another_order(good: Evidence) -> None:
    said = next(event for event in events(good, Committed) if event.node == "desk-1")
    before = replace(said, generation=b"the one before", order=((1, said.order[1][1]),))
    assert found(again(good, history=(before, *good.history)), CHECKER) == []


def test_an_entry_comes_back_after_its_branch_was_taken_out_of_the_log(good: Evidence) -> None:
    node = "desk-1"
    journal, seq = max(entry.dot for entry in good.node(node).entries)
    kept = {journal: seq - 1}
    again_applied = Applied(9_999, node, (Dot(journal, seq),), ())
    opened = Opened(9_998, node, kept, rewound=False, forked={journal: seq})
    assert found(again(good, history=(*good.history, opened, again_applied)), CHECKER) == []
    unaware = replace(opened, forked={})
    assert found(again(good, history=(*good.history, unaware, again_applied)), CHECKER) != []


def test_places_stay_empty_where_a_branch_was_taken_back_and_only_there(good: Evidence) -> None:
    entry = good.node("desk-1").entries[-1]
    gap = changed(good, one_entry(entry.dot, position=entry.position + 3), "desk-1")
    assert found(gap, CHECKER) != []
    assert found(changed(gap, forked_at(entry.dot), "desk-1"), CHECKER) == []
