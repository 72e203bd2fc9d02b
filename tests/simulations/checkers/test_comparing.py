"""What differs is told with the value that differs."""

from __future__ import annotations

import json

from simulations.checkers.comparing import differing_among
from simulations.checkers.tables import Row

MATTER = "alert_check_out_with_balance"


def alert(identity: str, matter: str = MATTER, **facts: object) -> Row:
    return {"identity": identity, "matter": matter, "facts": json.dumps(facts), "proposal": "[]"}


def told(expected: list[Row], actual: list[Row]) -> list[str]:
    wanted, found = ({str(row["identity"]): row for row in rows} for rows in (expected, actual))
    return list(differing_among("table alert", wanted, found, "its journals"))


def test_of_an_alert_the_detail_that_differs() -> None:
    long = "x" * 300
    [words] = told([alert("a", stay=long, lead_ms=3)], [alert("a", stay=long, lead_ms=4)])
    assert words == "table alert, row a, column facts, lead_ms: expected 3, found 4"


def test_an_alert_of_the_same_thing_that_says_something_else_is_one_alert_with_the_fact_that_differs() -> None:
    [words] = told([alert("a", stay="s", balance=1)], [alert("b", stay="s", balance=2)])
    assert words == "table alert, row a (here b), column facts, balance: expected 1, found 2"


def test_alerts_of_different_things_are_one_missing_and_one_too_many() -> None:
    for other in (
        alert("b", stay="t", balance=2),
        alert("b", "another_matter", stay="s", balance=1),
        alert("b", room="s"),
    ):
        missing, extra = told([alert("a", stay="s", balance=1)], [other])
        assert missing.startswith("table alert, row a: missing here")
        assert extra.startswith("table alert, row b: stands here, not by its journals")


def test_an_alert_is_paired_once_with_the_one_that_has_most_in_common() -> None:
    expected = [alert("a", stay="s", folio="f", balance=1), alert("c", stay="s", folio="g", balance=9)]
    actual = [alert("b", stay="s", folio="f", balance=2), alert("d", stay="s", folio="g", balance=9, more=1)]
    words = told(expected, actual)
    assert "table alert, row a (here b), column facts, balance: expected 1, found 2" in words
    assert any(one.startswith("table alert, row c: missing") for one in words)
    assert any(one.startswith("table alert, row d: stands here") for one in words)


def test_what_holds_no_facts_is_told_as_it_is() -> None:
    expected, actual = alert("a"), {**alert("b"), "facts": "no JSON"}
    assert len(told([expected], [actual])) == 2
