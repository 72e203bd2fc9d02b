"""Law 6: another order gives the same, and the same entries read the same."""

from __future__ import annotations

from dataclasses import replace

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import REBUILT, REORDERED, Read
from tests.simulations.checkers.tampering import Change, again, drop, events, found, nodes_of, put, quarantine
from tests.simulations.checkers.witnessed_run import CANCELLED

CHECKERS_OF = {REORDERED: "order_independence", REBUILT: "rebuild_equivalence"}


def probed(good: Evidence, name: str, change: Change) -> Evidence:
    probes = [replace(one, contents=change(one.contents)) if one.name == name else one for one in good.probes]
    return again(good, probes=probes)


def test_a_row_that_another_order_gives_otherwise(good: Evidence) -> None:
    violations = found(probed(good, REORDERED, put("reservation", CANCELLED, status="reserved")), "order_independence")
    assert nodes_of(violations) == {"desk-1"}
    assert "by its entries" not in violations[0].words


def test_an_alert_that_another_order_does_not_give(good: Evidence) -> None:
    assert found(probed(good, REORDERED, drop("alert")), "order_independence") != []


def test_an_entry_that_another_order_sets_aside(good: Evidence) -> None:
    dot = good.reference.entries[0].dot
    assert found(probed(good, REORDERED, quarantine(dot, "OperationMalformed")), "order_independence") != []


def test_a_rebuilt_projection_is_another_law(good: Evidence) -> None:
    assert found(probed(good, REBUILT, put("reservation", CANCELLED, status="reserved")), "order_independence") == []


def test_the_same_entries_that_read_differently(good: Evidence) -> None:
    read = events(good, Read)[0]
    other = replace(read, node="desk-2", content_hash=b"other")
    assert nodes_of(found(again(good, history=(*good.history, other)), "order_independence")) == {"desk-2"}


def test_other_entries_may_read_differently(good: Evidence) -> None:
    read = events(good, Read)[0]
    other = replace(read, content_hash=b"other", vector={**read.vector, b"another": 1})
    assert found(again(good, history=(*good.history, other)), "order_independence") == []
