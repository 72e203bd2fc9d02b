"""Law 5: the conflict desk tells every conflict, no other, and every losing value."""

from __future__ import annotations

from simulations.checkers.evidence import Evidence
from tests.simulations.checkers.tampering import changed, drop, found, nodes_of, put
from tests.simulations.checkers.witnessed_run import CANCELLED

CHECKER = "conflict_totality"


def cancelled(good: Evidence) -> str:
    rows = good.reference.tables["conflict"]
    return next(key for key, row in rows.items() if row["row_id"] == CANCELLED)


def test_a_conflict_that_is_hidden(good: Evidence) -> None:
    violations = found(changed(good, drop("conflict", lambda key: key == cancelled(good)), "desk-1"), CHECKER)
    assert nodes_of(violations) == {"desk-1"}
    assert "missing; the entries hold this conflict" in violations[0].words


def test_a_conflict_that_is_hidden_everywhere(good: Evidence) -> None:
    evidence = changed(good, drop("conflict", lambda key: key == cancelled(good)))
    assert nodes_of(found(evidence, CHECKER)) == {node.name for node in good.nodes}


def test_a_conflict_that_is_told_otherwise(good: Evidence) -> None:
    assert found(changed(good, put("conflict", cancelled(good), state="closed")), CHECKER) != []
    assert found(changed(good, put("conflict", cancelled(good), shown="{}")), CHECKER) != []


def test_a_losing_value_that_cannot_be_read(good: Evidence) -> None:
    values = [key for key in good.reference.tables["conflict_value"] if key.startswith(cancelled(good))]
    assert len(values) > 1
    for tampering in (
        put("conflict_value", values[0], value="{}"),
        drop("conflict_value", lambda key: key == values[0]),
    ):
        violations = found(changed(good, tampering, "desk-1"), CHECKER)
        assert any("table conflict_value" in one.words for one in violations)
