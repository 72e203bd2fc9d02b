"""The hotel of a workload: its rooms, its people, and how many rooms bookings need."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from crdt_pms.hotel.property_file import STAFF_ROLES, parse_property, render_property
from crdt_pms.journal.trust import DeviceClass
from simulations.workloads.booking import HOTELS, Booking, HotelName
from simulations.workloads.bookings_file import read_bookings
from simulations.workloads.property import (
    STAFF,
    apportioned,
    first_rows,
    make_property,
    rooms_needed,
    rooms_needed_by_type,
)
from tests.crdt_pms.journal.journals import ROOT
from tests.crdt_pms.replica.terminals import PROPERTY_ID, Desk

SHARES = {"A": 0.6, "B": 0.1, "D": 0.25, "K": 0.001}
AUGUST = (date(2016, 8, 1), date(2016, 8, 31))


@pytest.mark.parametrize("hotel", HOTELS)
def test_what_an_administrator_writes_makes_the_property(hotel: HotelName, tmp_path: Path) -> None:
    made = replace(make_property(hotel, 45, SHARES, "2016-08-08", ROOT.public_bytes), property_id=PROPERTY_ID)
    opening = parse_property(render_property(made))
    desk = Desk(1, tmp_path / "desk.sqlite", opening, device_class=DeviceClass.ADMINISTRATOR)
    for action in first_rows(made):
        desk.do(action)
    shown = desk.replica.view().definition
    desk.store.close()
    # Rows have no order of their own: people are listed by their ids.
    assert shown == replace(made, staff=tuple(sorted(STAFF, key=lambda one: one.staff_id)))


def test_a_property_is_a_japanese_hotel() -> None:
    made = make_property("city", 45, SHARES, "2016-08-08")
    assert (made.zone, made.currency.code, made.opening_date) == ("Asia/Tokyo", "JPY", "2016-08-08")
    assert made.name_ja
    assert made.name_en.isascii()


def test_rooms_are_numbered_by_floor_from_201() -> None:
    rooms = make_property("city", 45, SHARES, "2016-08-08").rooms.rooms
    assert [rooms[at].number for at in (0, 19, 20, 44)] == ["201", "220", "301", "405"]
    assert all(room.number.startswith(str(room.floor)) for room in rooms)


def test_every_floor_mixes_the_types() -> None:
    rooms = make_property("city", 60, {"A": 2, "D": 1}, "2016-08-08").rooms.rooms
    for floor in (2, 3, 4):
        assert sum(room.room_type == "D" for room in rooms if room.floor == floor) == pytest.approx(20 / 3, abs=1)


def test_the_largest_plan_has_room_numbers_of_its_own() -> None:
    assert len(make_property("city", 5_000, SHARES, "2016-08-08").rooms) == 5_000


def test_rooms_are_divided_by_share_and_no_type_is_left_out() -> None:
    assert apportioned(100, SHARES) == {"A": 63, "B": 10, "D": 26, "K": 1}
    assert apportioned(4, SHARES) == dict.fromkeys("ABDK", 1)
    assert sum(apportioned(251, SHARES).values()) == 251


def test_counts_of_rooms_are_met_exactly() -> None:
    counts = {"A": 146, "B": 15, "C": 2, "D": 57}
    assert apportioned(220, counts) == counts


@pytest.mark.parametrize(
    ("rooms", "shares"), [(3, SHARES), (5_001, SHARES), (10, {}), (10, {"A": 0.0}), (10, {"A": 1.0, "B": -0.1})]
)
def test_impossible_divisions_are_refused(rooms: int, shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="give "):
        make_property("city", rooms, shares, "2016-08-08")


def test_eight_people_work_there_in_every_role() -> None:
    assert len(STAFF) == len({one.staff_id for one in STAFF}) == 8
    assert {one.role for one in STAFF} == {*STAFF_ROLES}
    assert make_property("resort", 45, SHARES, "2016-08-08").staff == STAFF


def test_the_peak_night_and_a_reserve_make_the_rooms_needed(bookings_csv: Callable[..., Path]) -> None:
    staying = {"reservation_status_date": "2016-08-12"}
    leaving_then = {"arrival_date_day_of_month": "8", "reservation_status_date": "2016-08-10"}
    canceled = {"is_canceled": "1", "reservation_status": "Canceled", "reservation_status_date": "2016-08-01"}
    no_show = {"is_canceled": "1", "reservation_status": "No-Show", "reservation_status_date": "2016-08-10"}
    day_use = {"stays_in_week_nights": "0", "reservation_status_date": "2016-08-10"}
    rows = [staying] * 20 + [leaving_then] * 20 + [canceled] * 20 + [no_show] + [day_use]
    bookings = read_bookings(bookings_csv(*rows), "city", *AUGUST).bookings
    assert rooms_needed(bookings) == 21 + 2
    assert rooms_needed(one for one in bookings if one.is_canceled) == 0
    assert rooms_needed([]) == 0


def test_a_type_that_holds_no_night_gets_a_room_all_the_same(bookings_csv: Callable[..., Path]) -> None:
    day_use = {"stays_in_week_nights": "0", "reservation_status_date": "2016-08-10", "assigned_room_type": "P"}
    bookings = read_bookings(bookings_csv({}, day_use), "city", *AUGUST).bookings
    assert rooms_needed_by_type(bookings) == {"D": 2, "P": 1}


@pytest.mark.parametrize("hotel", HOTELS)
def test_the_rooms_needed_by_type_hold_the_data_set(data_set: Path, hotel: HotelName) -> None:
    bookings = read_bookings(data_set, hotel, date(2016, 6, 1), date(2016, 9, 30)).bookings
    needed = rooms_needed_by_type(bookings)
    assert all(rooms_used(bookings, room_type) <= needed[room_type] for room_type in needed)
    assert rooms_needed(bookings) <= sum(needed.values())


def rooms_used(bookings: list[Booking], room_type: str) -> int:
    """Rooms used when everybody, in the order of arrival, gets a room of the type that is free by then."""
    departures: list[str] = []
    used = 0
    held = sorted(
        (one for one in bookings if one.room_type_assigned == room_type and one.nights_held),
        key=lambda one: one.arrival,
    )
    for one in held:
        while departures and departures[0] <= one.arrival:
            heapq.heappop(departures)
        # A no-show's room is free on the next day.
        heapq.heappush(departures, one.departure if one.nights_held == one.nights else f"{one.arrival}~")
        used = max(used, len(departures))
    return used
