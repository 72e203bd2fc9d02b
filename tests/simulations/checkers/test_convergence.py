"""Law 1: every difference between nodes, and between a node and its entries, is found."""

from __future__ import annotations

from simulations.checkers.evidence import Evidence
from tests.simulations.checkers.tampering import again, changed, drop, entries, found, nodes_of, put, quarantine, red

NODE = "desk-2"


def test_a_node_that_lacks_an_entry(good: Evidence) -> None:
    violations = found(changed(good, entries(lambda log: log[:-1]), NODE), "convergence")
    assert nodes_of(violations) >= {NODE}
    assert any("which another node holds" in one.words for one in violations)


def test_a_node_that_holds_nothing(good: Evidence) -> None:
    violations = found(changed(good, entries(lambda _log: []), NODE), "convergence")
    assert any("which another node holds" in one.words for one in violations if one.node == NODE)


def test_a_row_that_differs_on_one_node(good: Evidence) -> None:
    stay = next(iter(good.reference.tables["reservation"]))
    evidence = changed(good, put("reservation", stay, nights=99), NODE)
    assert red(evidence) == {"convergence"}
    assert nodes_of(found(evidence, "convergence")) == {NODE}


def test_a_row_that_differs_on_all_nodes_alike(good: Evidence) -> None:
    stay = next(iter(good.reference.tables["reservation"]))
    evidence = changed(good, put("reservation", stay, nights=99))
    assert nodes_of(found(evidence, "convergence")) == {node.name for node in good.nodes}


def test_a_number_of_another_type_is_another_number(good: Evidence) -> None:
    stay, row = next((key, row) for key, row in good.reference.tables["reservation"].items() if row["adults"] == 1)
    assert row["adults"] is not True
    assert "convergence" in red(changed(good, put("reservation", stay, adults=True), NODE))


def test_an_alert_that_only_one_node_shows_otherwise(good: Evidence) -> None:
    alert = next(iter(good.reference.tables["alert"]))
    assert nodes_of(found(changed(good, put("alert", alert, proposal='["x"]'), NODE), "convergence")) == {NODE}


def test_alerts_that_are_missing_on_one_node(good: Evidence) -> None:
    assert "convergence" in red(changed(good, drop("alert"), NODE))


def test_a_quarantine_that_only_one_node_has(good: Evidence) -> None:
    last = good.reference.entries[-1].dot
    assert nodes_of(found(changed(good, quarantine(last, "OperationMalformed"), NODE), "convergence")) == {NODE}


def test_terminals_without_a_relay_are_compared_with_each_other(good: Evidence) -> None:
    terminals = again(good, nodes=good.nodes[1:])
    alert = next(iter(good.reference.tables["alert"]))
    assert nodes_of(found(changed(terminals, put("alert", alert, proposal='["x"]'), NODE), "convergence")) == {NODE}
