from __future__ import annotations

from collections.abc import Callable

from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.ledger.matters import Matter
from simulations.scenarios.stage import Performance

Performed = Callable[[str], Performance]


NAME = "returning_terminal"


def test_sixty_days_later_nothing_that_ended_comes_back(performed: Performed) -> None:
    for picture in performed(NAME).pictures["after"].values():
        assert {stay: line.status for stay, line in picture.stays.items()} == {
            "hayashi": StayStatus.CHECKED_OUT,
            "sakai": StayStatus.CANCELLED,
            "endo": StayStatus.CANCELLED,
        }
        assert [line.room_shown for line in picture.stays.values()] == [None, None, None]
        assert picture.alerted(Matter.ALERT_ROOM_DOUBLE_BOOKED) == []


def test_the_room_that_it_had_given_is_readable_as_the_value_that_lost(performed: Performed) -> None:
    for picture in performed(NAME).pictures["after"].values():
        (conflict,) = picture.standing(Matter.CONFLICT_OCCUPANCY)
        assert conflict.row == "sakai"
        assert [option.value["room"] for option in conflict.options if not option.is_shown] == ["205"]


def test_the_charge_that_comes_late_is_on_the_bill_and_alerted(performed: Performed) -> None:
    for picture in performed(NAME).pictures["after"].values():
        assert picture.stays["hayashi"].balance_minor == 600
        (alert,) = picture.alerted(Matter.ALERT_POSTING_INTO_CLOSED_WINDOW)
        assert alert.facts["stay"] == "hayashi"


def test_it_works_on_the_date_of_the_others_at_once(performed: Performed) -> None:
    assert {picture.business_date for picture in performed(NAME).pictures["after"].values()} == {"2026-08-31"}
