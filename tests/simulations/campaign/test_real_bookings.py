"""Guests of a real hotel call a simulated one: where the data set is at hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from simulations.campaign.real_bookings import REAL_FIRST, real_bookings
from simulations.campaign.worlds import worlds
from simulations.workloads.bookings_file import COLUMNS
from simulations.world.hotel import BOOKINGS_LAST, OPENING_DATE, ROOM_TYPES
from tests.simulations.faults.small_world import small_plan
from tests.simulations.workloads.conftest import DATA_SET, csv_of

OPENING, LAST = date.fromisoformat(OPENING_DATE), date.fromisoformat(BOOKINGS_LAST)
ARRIVES = {"arrival_date_month": "July", "arrival_date_day_of_month": "3", "reservation_status_date": "2016-07-05"}


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """A file of stays of two nights from 3 July 2016, each given by what differs."""

    def write(*rows: dict[str, str]) -> Path:
        path = tmp_path / "bookings.csv"
        path.write_text(csv_of([{**ARRIVES, **row} for row in rows], COLUMNS), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def data_set() -> Path:
    if not DATA_SET.exists():
        pytest.skip(f"the data set is not at {DATA_SET}")
    return DATA_SET


def test_a_guest_of_that_july_comes_on_the_same_day_of_the_simulated_calendar(written: Callable[..., Path]) -> None:
    (booking,) = real_bookings(written({}))
    assert booking.arrival == (OPENING + (date(2016, 7, 3) - REAL_FIRST)).isoformat()
    assert booking.nights == 2


def test_guests_of_room_types_that_simulated_hotels_do_not_have_do_not_call(written: Callable[..., Path]) -> None:
    rows = [{"reserved_room_type": one, "assigned_room_type": other} for one, other in ("AA", "AG", "GA", "DE")]
    kept = [(one.room_type_booked, one.room_type_assigned) for one in real_bookings(written(*rows))]
    assert kept == [("A", "A"), ("D", "E")]


def test_only_the_city_hotels_guests_of_those_two_weeks_call(written: Callable[..., Path]) -> None:
    assert real_bookings(written({"hotel": "Resort Hotel"}, {"arrival_date_day_of_month": "20"})) == []


def test_the_real_data_set_has_enough_callers_for_a_world(data_set: Path) -> None:
    bookings = real_bookings(data_set)
    assert len(bookings) > 100
    assert all(OPENING <= date.fromisoformat(booking.arrival) <= LAST for booking in bookings)
    assert {booking.room_type_booked for booking in bookings} <= set(ROOM_TYPES)
    plan = small_plan(work=20)
    with worlds(bookings) as here, worlds() as invented:
        result = here.run(plan)
        assert result.findings == []
        assert result.counts["actions"] > 0
        assert result.hash != invented.run(plan).hash
