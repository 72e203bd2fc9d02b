"""Law 11: no device is suspected without a cause."""

from __future__ import annotations

from dataclasses import replace

from simulations.checkers.evidence import Evidence
from simulations.checkers.history import Acted, Opened
from simulations.checkers.journal_alerts import FORKED, RESTORED
from simulations.checkers.tables import ALERT
from tests.simulations.checkers.tampering import again, found

CHECKER = "causes"


def test_a_device_that_came_back_from_an_older_copy_although_none_was_put_back(good: Evidence) -> None:
    assert any(row["matter"] in (FORKED, RESTORED) for row in good.reference.tables[ALERT].values())
    history = [replace(event, rewound=False) if isinstance(event, Opened) else event for event in good.history]
    violations = found(again(good, history=history), CHECKER)
    assert violations
    assert all("although no disk of it ever went back" in one.words for one in violations)


def test_of_a_device_that_no_node_is_nothing_is_known(good: Evidence) -> None:
    history = [event for event in good.history if not isinstance(event, Acted | Opened)]
    assert found(again(good, history=history), CHECKER) == []
