"""Law 12: after the faults end the nodes agree, within the limit, and nothing is left tentative."""

from __future__ import annotations

from dataclasses import replace

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Agreed, Event, Healed
from tests.simulations.checkers.tampering import again, changed, events, found, nodes_of, one_entry

CHECKER = "liveness"


def told(good: Evidence, *history: Event) -> list[str]:
    return [one.words for one in found(again(good, history=history), CHECKER)]


def test_nodes_that_never_agree(good: Evidence) -> None:
    history = [event for event in good.history if not isinstance(event, Agreed)]
    assert told(good, *history) == [
        f"the faults ended at {good.moment(events(good, Healed)[0].at_ms)}, and 60000 ms later the nodes had not agreed"
    ]


def test_nodes_that_agree_too_late(good: Evidence) -> None:
    assert told(good, Healed(10, 100), Agreed(110)) == []
    assert len(told(good, Healed(10, 100), Agreed(111))) == 1


def test_an_agreement_before_the_faults_ended_is_none(good: Evidence) -> None:
    assert len(told(good, Agreed(5), Healed(10, 100))) == 1


def test_every_healing_counts(good: Evidence) -> None:
    assert len(told(good, Healed(10, 100), Healed(500, 100), Agreed(510))) == 1
    assert told(good, Healed(10, 100), Healed(50, 100), Agreed(140)) == []
    assert len(told(good, Healed(10, 100), Agreed(20), Healed(50, 100))) == 1


def test_an_outbox_that_is_not_empty_although_the_nodes_agreed(good: Evidence) -> None:
    dot = good.reference.entries[0].dot
    waiting = changed(good, one_entry(dot, committed=None), "desk-2")
    assert nodes_of(found(waiting, CHECKER)) == {"desk-2"}
    busy = again(waiting, history=[event for event in good.history if not isinstance(event, Agreed)])
    assert nodes_of(found(busy, CHECKER)) == {""}


def test_without_a_relay_everything_is_tentative(good: Evidence) -> None:
    terminals = [
        replace(node, entries=[replace(one, committed=None) for one in node.entries]) for node in good.nodes[1:]
    ]
    assert found(again(good, nodes=terminals), CHECKER) == []
