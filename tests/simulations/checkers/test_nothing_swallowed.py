"""Law 11: nothing is set aside without cause, and nothing that came is gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Acted, Applied, Opened
from simulations.checkers.wire import DOCUMENT
from tests.simulations.checkers.tampering import again, changed, entries, events, found, nodes_of, quarantine

CHECKER = "nothing_swallowed"


def test_an_entry_that_is_set_aside_without_cause(good: Evidence) -> None:
    dot = good.reference.entries[0].dot
    evidence = changed(good, quarantine(dot, "OperationMalformed"))
    assert nodes_of(found(evidence, CHECKER)) == {node.name for node in good.nodes}


@pytest.mark.parametrize("reason", ["UpdateRefused", "update_inapplicable", "client_id_taken"])
def test_an_honest_update_that_is_set_aside_is_believed_by_nobody(good: Evidence, reason: str) -> None:
    headers = (good.catalogue.header(held) for held in good.reference.entries)
    dot = next(header.dot for header in headers if header is not None and header.kind == DOCUMENT)
    assert nodes_of(found(changed(good, quarantine(dot, reason)), CHECKER)) == {node.name for node in good.nodes}


def test_an_entry_that_had_been_applied_and_is_gone(good: Evidence) -> None:
    dot = next(event for event in events(good, Applied) if event.node == "desk-2").dots[0]
    violations = found(changed(good, entries(lambda log: [one for one in log if one.dot != dot]), "desk-2"), CHECKER)
    assert [(one.node, str(dot) in one.words) for one in violations] == [("desk-2", True)]


def test_an_own_entry_that_is_gone(good: Evidence) -> None:
    dot = next(event for event in events(good, Acted) if event.node == "desk-2").dots[0]
    assert found(changed(good, entries(lambda log: [one for one in log if one.dot != dot]), "desk-2"), CHECKER) != []


def test_what_a_replaced_disk_lost_is_not_swallowed(good: Evidence) -> None:
    history = (*good.history, Opened(9_999, "desk-2", {}, rewound=True))
    emptied = again(changed(good, entries(lambda _log: []), "desk-2"), history=history)
    assert found(emptied, CHECKER) == []


def test_an_entry_that_was_set_aside_when_it_came_and_is_not_any_more(good: Evidence) -> None:
    applied = next(event for event in events(good, Applied) if event.node == "desk-2")
    set_aside = replace(applied, quarantined=applied.dots[:1])
    history = [set_aside if one is applied else one for one in good.history]
    violations = found(again(good, history=history), CHECKER)
    assert nodes_of(violations) == {"desk-2"}
    assert "which it had set aside when it came" in violations[0].words
