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
    for others in ("[]", "no list"):
        violations = found(changed(good, put("conflict", cancelled(good), others=others), "desk-1"), CHECKER)
        assert any("losing value of" in one.words for one in violations)
