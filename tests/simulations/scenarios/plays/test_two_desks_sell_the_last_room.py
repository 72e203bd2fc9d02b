from __future__ import annotations

from collections.abc import Callable

from crdt_pms.hotel.statuses import StayStatus
from crdt_pms.ledger.matters import Matter
from simulations.scenarios.stage import Performance

Performed = Callable[[str], Performance]


NAME = "two_desks_sell_the_last_room"


def test_both_guests_are_in_house_and_exactly_one_is_shown_in_the_room(performed: Performed) -> None:
    for picture in performed(NAME).pictures["together"].values():
        guests = [picture.stays["abe"], picture.stays["kato"]]
        assert [guest.status for guest in guests] == [StayStatus.IN_HOUSE, StayStatus.IN_HOUSE]
        assert [guest.room_shown for guest in guests] == ["203", None]
        assert picture.rooms["203"].guest_name == "Kenji Abe"


def test_one_alert_names_both_on_every_desk(performed: Performed) -> None:
    for picture in performed(NAME).pictures["together"].values():
        (alert,) = picture.alerts
        assert alert.matter is Matter.ALERT_ROOM_DOUBLE_BOOKED
        assert sorted(stay.value for stay in alert.stays) == ["abe", "kato"]


def test_the_alert_ends_when_somebody_has_moved_a_guest(performed: Performed) -> None:
    for picture in performed(NAME).pictures["moved"].values():
        assert picture.stays["kato"].room_shown == "202"
        assert picture.alerts == ()
