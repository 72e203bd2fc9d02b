"""Law 7: one room and night given twice is an alert that names both, and there is no such alert for nothing."""

from __future__ import annotations

from simulations.checkers.double_booking import DOUBLE_BOOKED
from simulations.checkers.evidence import Evidence
from tests.simulations.checkers.tampering import changed, drop, found, nodes_of, put
from tests.simulations.checkers.witnessed_run import TWIN, TWIN_ROOM

CHECKER = "double_booking"


def alert(good: Evidence) -> str:
    rows = good.reference.tables["alert"]
    return next(key for key, row in rows.items() if row["matter"] == DOUBLE_BOOKED and f"{TWIN}-1" in str(row["facts"]))


def test_a_pair_without_its_alert(good: Evidence) -> None:
    violations = found(changed(good, drop("alert", lambda key: key == alert(good)), "desk-1"), CHECKER)
    assert nodes_of(violations) == {"desk-1"}
    assert f"{TWIN}-1 and {TWIN}-2 in room {TWIN_ROOM}" in violations[0].words


def test_an_alert_that_names_somebody_else(good: Evidence) -> None:
    facts = str(good.reference.tables["alert"][alert(good)]["facts"]).replace(f"{TWIN}-2", "stay-x")
    violations = found(changed(good, put("alert", alert(good), facts=facts)), CHECKER)
    assert nodes_of(violations) == {node.name for node in good.nodes}
    assert any("no two stays hold this room together" in one.words for one in violations)


def test_an_alert_that_cannot_be_read(good: Evidence) -> None:
    assert found(changed(good, put("alert", alert(good), facts="[]")), CHECKER) != []
