from __future__ import annotations

from collections.abc import Callable

from crdt_pms.ledger.matters import Matter
from simulations.scenarios.props import RATE_MINOR
from simulations.scenarios.stage import Performance

Performed = Callable[[str], Performance]


NAME = "restored_backup"


def test_the_desk_gets_back_what_it_had_written(performed: Performed) -> None:
    performance = performed(NAME)
    assert performance.pictures["restored"][2].stays == performance.pictures["before"][2].stays


def test_a_payment_taken_before_is_not_taken_again(performed: Performed) -> None:
    for picture in performed(NAME).pictures["after"].values():
        assert picture.stays["hayashi"].balance_minor == RATE_MINOR, "the night before, which no audit has posted"


def test_an_alert_says_that_the_device_came_back_from_an_older_copy(performed: Performed) -> None:
    for picture in performed(NAME).pictures["after"].values():
        (alert,) = picture.alerts
        assert alert.matter is Matter.ALERT_JOURNAL_RESTORED
        assert alert.details["forgotten_entries"] == 5
