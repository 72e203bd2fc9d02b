"""Law 8: amounts are integers that never change, balances their sums, payments post once."""

from __future__ import annotations

from dataclasses import replace

from simulations.checkers.contents import NodeContents
from simulations.checkers.evidence import Evidence
from simulations.checkers.money import MONEY_TAKEN
from tests.simulations.checkers.tampering import changed, drop, found, nodes_of, put

CHECKER = "money"


def payment(good: Evidence) -> str:
    rows = good.reference.tables["posting"]
    return next(key for key, row in rows.items() if row["kind"] in MONEY_TAKEN)


def test_an_amount_that_changed(good: Evidence) -> None:
    violations = found(changed(good, put("posting", payment(good), amount_minor=-1), "desk-1"), CHECKER)
    assert nodes_of(violations) == {"desk-1"}
    assert any("sum of its postings" in one.words for one in violations)
    assert any("column amount_minor" in one.words for one in violations)


def test_an_amount_that_is_no_integer(good: Evidence) -> None:
    amount = good.reference.tables["posting"][payment(good)]["amount_minor"]
    assert type(amount) is int
    violations = found(changed(good, put("posting", payment(good), amount_minor=str(amount)), "desk-1"), CHECKER)
    assert any("not an integer of minor units" in one.words for one in violations)


def test_a_true_amount_is_no_integer(good: Evidence) -> None:
    folio = next(iter(good.reference.tables["folio"]))
    assert found(changed(good, put("folio", folio, balance_minor=True), "desk-1"), CHECKER) != []


def test_a_balance_that_is_no_sum(good: Evidence) -> None:
    folio = next(iter(good.reference.tables["folio"]))
    assert len(found(changed(good, put("folio", folio, balance_minor=123_456)), CHECKER)) == len(good.nodes)


def test_a_posting_that_is_gone(good: Evidence) -> None:
    violations = found(changed(good, drop("posting", lambda key: key == payment(good)), "desk-1"), CHECKER)
    assert any("missing, although an entry wrote it" in one.words for one in violations)


def test_a_payment_that_posted_twice(good: Evidence) -> None:
    def retried(node: NodeContents) -> NodeContents:
        rows = node.tables["posting"]
        twice = {**rows, f"retry:{payment(good).partition(':')[2]}": rows[payment(good)]}
        return replace(node, tables={**node.tables, "posting": twice})

    violations = found(changed(good, retried, "desk-1"), CHECKER)
    assert any("posted 2 times" in one.words for one in violations)
    assert any("no entry wrote it" in one.words for one in violations)
