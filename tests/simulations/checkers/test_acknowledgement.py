"""Law 2: what was promised is there, unless no product could have kept it."""

from __future__ import annotations

from dataclasses import replace

from simulations.checkers.contents import RELAY
from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Acted, Agreed, Committed, Opened, Queued
from simulations.checkers.violation import Dot
from simulations.checkers.witnessed import Acknowledged
from tests.simulations.checkers.tampering import again, changed, entries, events, forked_at, found, nodes_of, one_entry

CHECKER = "acknowledgement"
STRANGE = Dot(b"nobody's journal", 1)


def last_acted(good: Evidence) -> Acted:
    return [acted for acted in events(good, Acted) if acted.node == "desk-2"][-1]


def test_an_acted_entry_that_is_gone_from_its_node(good: Evidence) -> None:
    dots = last_acted(good).dots
    gone = changed(good, entries(lambda log: [one for one in log if one.dot not in dots]), "desk-2")
    assert nodes_of(found(gone, CHECKER)) == {"desk-2"}


def test_an_acted_entry_that_is_gone_from_another_node(good: Evidence) -> None:
    dots = last_acted(good).dots
    gone = changed(good, entries(lambda log: [one for one in log if one.dot not in dots]), "desk-1")
    assert nodes_of(found(gone, CHECKER)) == {"desk-1"}


def test_what_was_done_after_the_nodes_agreed_need_not_have_reached_the_others(good: Evidence) -> None:
    late = Acted(9_999, "desk-2", "check in", "tanaka", (STRANGE,))
    busy = Queued(9_999, "desk-2", "frames", 1, 64)
    assert nodes_of(found(again(good, history=(*good.history, late, busy)), CHECKER)) == {"desk-2"}
    agreed = Agreed(10_000)
    assert len(nodes_of(found(again(good, history=(*good.history, late, agreed)), CHECKER))) == len(good.nodes)


def test_an_acknowledgement_that_the_driver_was_given(good: Evidence) -> None:
    known = last_acted(good).dots[0]
    kept = Acknowledged("desk-2", "check in", ((known.journal.hex(), known.seq),))
    lost = Acknowledged("desk-2", "check in", ((STRANGE.journal.hex(), STRANGE.seq),))
    assert found(again(good, acknowledged=[kept]), CHECKER) == []
    assert len(found(again(good, history=(), probes=(), acknowledged=[lost]), CHECKER)) == len(good.nodes)


def test_what_only_a_replaced_disk_held_is_excused_and_only_that(good: Evidence) -> None:
    excused = good.possession.excused
    assert excused
    assert not excused & good.held[RELAY]
    kept_disks = [replace(one, rewound=False) if isinstance(one, Opened) else one for one in good.history]
    assert nodes_of(found(again(good, history=kept_disks), CHECKER)) >= {"desk-4"}


def test_what_another_node_held_when_a_disk_was_replaced_is_not_excused(good: Evidence) -> None:
    dot = last_acted(good).dots[-1]
    everything = {entry.dot.journal: entry.dot.seq for entry in good.reference.entries}
    emptied = Opened(9_998, "desk-2", {}, rewound=True)
    evidence = again(good, history=(*good.history, emptied, Opened(9_999, "desk-2", everything, rewound=False)))
    assert dot not in evidence.possession.excused


def test_a_node_that_is_not_left_took_its_entries_with_it(good: Evidence) -> None:
    stolen = Acted(1, "desk-9", "check in", "suzuki", (STRANGE,))
    evidence = again(good, history=(stolen, *good.history))
    assert STRANGE in evidence.possession.excused
    assert found(evidence, CHECKER) == []


def announced(good: Evidence) -> Committed:
    return next(event for event in events(good, Committed) if event.node == RELAY)


def test_an_announced_entry_that_the_relay_does_not_hold(good: Evidence) -> None:
    more = replace(announced(good), order=((len(good.reference.entries) + 1, STRANGE),))
    violations = found(again(good, history=(*good.history, more)), CHECKER)
    assert nodes_of(violations) == {RELAY}
    assert "which it had announced at" in violations[0].words


def test_what_only_a_terminal_says_is_committed_is_no_promise_of_the_relay(good: Evidence) -> None:
    more = replace(announced(good), node="desk-1", order=((1, STRANGE),))
    assert found(again(good, history=(*good.history, more)), CHECKER) == []


def test_an_announced_entry_that_stands_elsewhere(good: Evidence) -> None:
    dot = announced(good).order[-1][1]
    assert nodes_of(found(changed(good, one_entry(dot, committed=10_000), RELAY), CHECKER)) == {RELAY}


def test_what_only_a_lost_database_had_announced_is_excused(good: Evidence) -> None:
    more = replace(announced(good), order=((10_000, STRANGE),))
    history = (Acted(1, "desk-9", "check in", "suzuki", (STRANGE,)), *good.history, more)
    assert found(again(good, history=history), CHECKER) == []


def test_where_no_relay_is_left_nothing_is_asked_of_it(good: Evidence) -> None:
    more = replace(announced(good), order=((10_000, STRANGE),))
    assert found(again(good, nodes=good.nodes[1:], history=(*good.history, more)), CHECKER) == []


def test_positions_of_an_earlier_generation_count_no_more(good: Evidence) -> None:
    said, first = announced(good), good.reference.entries[0].dot
    later = replace(said, order=said.order[1:])
    history = [later if event is said else event for event in good.history]
    before = replace(said, generation=b"the one before", order=((10_000, first),))
    assert found(again(good, history=(before, *history)), CHECKER) == []
    same = replace(before, generation=said.generation)
    assert nodes_of(found(again(good, history=(same, *history)), CHECKER)) == {RELAY}


def test_positions_count_no_more_once_the_database_went_back(good: Evidence) -> None:
    moved = replace(announced(good), order=((10_000, good.reference.entries[0].dot),))
    history = (*good.history, moved)
    vector = {entry.dot.journal: entry.dot.seq for entry in good.reference.entries}
    assert found(again(good, history=(*history, Opened(9_999, RELAY, vector, rewound=True))), CHECKER) == []
    assert found(again(good, history=(*history, Opened(9_999, RELAY, vector, rewound=False))), CHECKER) != []
    assert found(again(good, history=(*history, Opened(9_999, "desk-1", vector, rewound=True))), CHECKER) != []


def test_another_branch_may_be_committed_after_the_database_went_back_and_only_then(good: Evidence) -> None:
    more = replace(announced(good), order=((10_000, STRANGE),))
    history = (*good.history, more)
    lost = (*history, Opened(9_999, RELAY, {}, rewound=True))
    told = changed(good, forked_at(STRANGE))
    assert found(again(good, history=lost), CHECKER) != []
    assert found(again(told, history=lost), CHECKER) == []
    assert found(again(told, history=history), CHECKER) != []
