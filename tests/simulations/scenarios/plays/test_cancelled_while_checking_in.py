from __future__ import annotations

from collections.abc import Callable

from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.ledger.conflicts import ConflictState
from crdt_pms.ledger.matters import Matter
from simulations.scenarios.stage import Performance

Performed = Callable[[str], Performance]


NAME = "cancelled_while_checking_in"


def test_a_guest_who_stands_in_the_house_stays(performed: Performed) -> None:
    for picture in performed(NAME).pictures["together"].values():
        for stay, room in (("mori", "203"), ("endo", "206")):
            assert picture.stays[stay].status is StayStatus.IN_HOUSE
            assert picture.stays[stay].room_shown == room


def test_the_cancellation_stands_beside_with_its_author(performed: Performed) -> None:
    for picture in performed(NAME).pictures["together"].values():
        origins: dict[str, str] = {}
        for conflict in picture.standing(Matter.CONFLICT_OCCUPANCY):
            assert conflict.state is ConflictState.SETTLED_BY_POLICY
            (losing,) = [option for option in conflict.options if not option.is_shown]
            assert losing.value["status"] == "cancelled"
            origins[conflict.row] = losing.origin
        assert origins == {"mori": "booking-engine", "endo": "hotel-pms"}


def test_who_does_not_come_stays_cancelled(performed: Performed) -> None:
    for picture in performed(NAME).pictures["together"].values():
        assert picture.stays["sakai"].status is StayStatus.CANCELLED
