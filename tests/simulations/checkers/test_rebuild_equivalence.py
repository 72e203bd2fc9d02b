"""Law 10: what a rebuilt projection shows otherwise is found on the node that shows it."""

from __future__ import annotations

from dataclasses import replace

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import REBUILT
from tests.simulations.checkers.tampering import Change, again, changed, drop, found, nodes_of, put, quarantine
from tests.simulations.checkers.witnessed_run import CANCELLED

CHECKER = "rebuild_equivalence"


def probed(good: Evidence, change: Change) -> Evidence:
    probes = [replace(one, contents=change(one.contents)) if one.name == REBUILT else one for one in good.probes]
    return again(good, probes=probes)


def test_a_live_row_that_differs(good: Evidence) -> None:
    violations = found(changed(good, put("reservation", CANCELLED, nights=9), "desk-1"), CHECKER)
    assert nodes_of(violations) == {"desk-1"}
    assert "column nights: expected 2, found 9" in violations[0].words


def test_a_live_row_that_nothing_rebuilds(good: Evidence) -> None:
    violations = found(probed(good, drop("reservation", lambda key: key == CANCELLED)), CHECKER)
    assert "not by the projection rebuilt from its log" in violations[0].words


def test_a_quarantine_that_the_rebuilt_projection_does_not_know(good: Evidence) -> None:
    dot = good.reference.entries[0].dot
    assert nodes_of(found(probed(good, quarantine(dot, "OperationMalformed")), CHECKER)) == {"desk-1"}
