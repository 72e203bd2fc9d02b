"""What follows from a room's stays and its board, and what the guest register lacks."""

from __future__ import annotations

import pytest

from crdt_pms.hotel.occupancy import (
    Discrepancy,
    FrontOfficeOccupancy,
    HousekeepingReservation,
    RoomStay,
    discrepancy,
    fo_occupancy,
    hk_reservation,
)
from crdt_pms.hotel.register import PROFILE_FIELDS, register_missing
from crdt_pms.hotel.statuses import HousekeepingOccupancy, StayStatus

TODAY = "2016-08-08"
VACANT, OCCUPIED = FrontOfficeOccupancy.VACANT, FrontOfficeOccupancy.OCCUPIED
SEEN_VACANT, SEEN_OCCUPIED = HousekeepingOccupancy.VACANT, HousekeepingOccupancy.OCCUPIED


def stay(status: str, arrival: str = TODAY, nights: int = 2) -> RoomStay:
    return RoomStay(StayStatus(status), arrival, nights)


@pytest.mark.parametrize("status", StayStatus)
def test_a_room_is_occupied_when_somebody_is_in_house(status: StayStatus) -> None:
    expected = OCCUPIED if status is StayStatus.IN_HOUSE else VACANT
    assert fo_occupancy([stay("cancelled"), stay(status)]) is expected


def test_a_room_without_stays_is_vacant() -> None:
    assert fo_occupancy([]) is VACANT


@pytest.mark.parametrize(
    ("front_office", "housekeeping", "expected"),
    [
        (VACANT, SEEN_VACANT, Discrepancy.NONE),
        (OCCUPIED, SEEN_OCCUPIED, Discrepancy.NONE),
        (VACANT, SEEN_OCCUPIED, Discrepancy.SLEEP),
        (OCCUPIED, SEEN_VACANT, Discrepancy.SKIP),
        (VACANT, HousekeepingOccupancy.UNREPORTED, Discrepancy.NONE),
        (OCCUPIED, HousekeepingOccupancy.UNREPORTED, Discrepancy.NONE),
    ],
)
def test_front_office_and_housekeeping_are_compared(
    front_office: FrontOfficeOccupancy, housekeeping: HousekeepingOccupancy, expected: Discrepancy
) -> None:
    assert discrepancy(front_office, housekeeping) is expected


@pytest.mark.parametrize(
    ("expected_persons", "seen", "result"),
    [
        (2, 2, Discrepancy.NONE),
        (2, 3, Discrepancy.PERSON),
        (None, 3, Discrepancy.NONE),
        (2, None, Discrepancy.NONE),
        (0, 1, Discrepancy.PERSON),
    ],
)
def test_persons_are_compared_where_both_numbers_are_known(
    expected_persons: int | None, seen: int | None, result: Discrepancy
) -> None:
    assert discrepancy(OCCUPIED, SEEN_OCCUPIED, expected_persons, seen) is result
    assert discrepancy(VACANT, SEEN_VACANT, expected_persons, seen) is Discrepancy.NONE


@pytest.mark.parametrize(
    ("stays", "expected"),
    [
        ([], "not_reserved"),
        ([stay("cancelled")], "not_reserved"),
        ([stay("no_show")], "not_reserved"),
        ([stay("reserved", "2016-08-09")], "not_reserved"),
        ([stay("reserved")], "arrival"),
        ([stay("in_house")], "arrived"),
        ([stay("in_house", "2016-08-07")], "stay_over"),
        ([stay("in_house", "2016-08-06")], "due_out"),
        ([stay("in_house", "2016-08-01")], "due_out"),
        ([stay("in_house", nights=0)], "day_use"),
        ([stay("checked_out", "2016-08-06")], "departed"),
        ([stay("checked_out", "2016-08-01")], "not_reserved"),
        ([stay("checked_out", "2016-08-06"), stay("reserved")], "arrival"),
        ([stay("reserved"), stay("in_house", "2016-08-06")], "due_out"),
    ],
)
def test_housekeeping_hears_the_most_telling_of_a_rooms_stays(stays: list[RoomStay], expected: str) -> None:
    assert hk_reservation(stays, TODAY) == expected
    assert hk_reservation(reversed(stays), TODAY) is HousekeepingReservation(expected)


COMPLETE = {"name": "Sato", "contact": "090", "address": "Kobe"}


def test_a_register_has_name_contact_and_address() -> None:
    assert register_missing(COMPLETE) == ()
    assert register_missing({}) == ("name", "contact", "address")
    assert register_missing({**COMPLETE, "contact": ""}) == ("contact",)


def test_a_foreigner_gives_nationality_and_passport_in_place_of_an_address() -> None:
    abroad = {"name": "Lee", "contact": "090", "nationality": "KR", "passport": "M1"}
    assert register_missing(abroad) == ()
    assert register_missing({**abroad, "passport": None}) == ("address",)


@pytest.mark.parametrize("field", PROFILE_FIELDS)
def test_a_locality_may_ask_for_any_field(field: str) -> None:
    assert (field in register_missing(COMPLETE, (field,))) == (field not in COMPLETE)
