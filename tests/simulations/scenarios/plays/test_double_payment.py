from __future__ import annotations

from collections.abc import Callable

from crdt_pms.ledger.conflicts import ConflictState
from crdt_pms.ledger.matters import Matter
from simulations.scenarios.props import RATE_MINOR
from simulations.scenarios.stage import Performance

Performed = Callable[[str], Performance]


NAME = "double_payment"
BILL_MINOR = 12_000 + 8_000


def test_both_settlements_stand_and_the_conflict_is_open(performed: Performed) -> None:
    for picture in performed(NAME).pictures["together"].values():
        assert picture.stays["hayashi"].balance_minor == -BILL_MINOR
        (conflict,) = picture.conflicts
        assert conflict.matter is Matter.CONFLICT_SETTLEMENT
        assert conflict.state is ConflictState.OPEN
        payments = sorted(str(option.value["payment"]) for option in conflict.options)
        assert payments == ["payment:slip-11", "payment:slip-12"]
        assert [alert.matter for alert in picture.alerts] == [Matter.ALERT_SETTLEMENT_OVER_BALANCE]


def test_a_person_ends_it_and_both_values_can_still_be_read(performed: Performed) -> None:
    for picture in performed(NAME).pictures["decided"].values():
        assert picture.stays["hayashi"].balance_minor == 0
        (conflict,) = picture.closed(Matter.CONFLICT_SETTLEMENT)
        assert conflict.closing is not None
        assert conflict.closing.by == "sato"
        assert len(conflict.options) == 2
        assert picture.alerts == ()


def test_one_slip_that_two_desks_send_is_posted_once(performed: Performed) -> None:
    for picture in performed(NAME).pictures["decided"].values():
        assert picture.stays["ota"].balance_minor == RATE_MINOR, "the night before"
