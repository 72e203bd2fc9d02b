"""The generator: one seed gives one workload, in the shape of the figures, and never more than the house holds."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Hashable
from datetime import date
from pathlib import Path
from random import Random
from statistics import fmean
from typing import TypeVar

import pytest

from crdt_pms.hotel.nights import nights_of
from crdt_pms.hotel.rooms import Room, RoomPlan
from simulations.workloads import figures
from simulations.workloads.booking import HOTELS, HotelName, Oddity, ReservationStatus, with_oddities
from simulations.workloads.bookings_file import read_bookings
from simulations.workloads.bookings_read import BookingsRead, all_bookings
from simulations.workloads.figures import SHAPES
from simulations.workloads.generator import generate_bookings
from simulations.workloads.measure import DATA_FIRST, DATA_LAST, shape_of
from simulations.workloads.property import make_property
from simulations.workloads.shape import HotelShape, Shares, literal

SEED = 20_160_808
WEEK = (date(2016, 8, 8), date(2016, 8, 14))
YEAR = (date(2016, 1, 1), date(2016, 12, 31))

_Value = TypeVar("_Value", bound=Hashable)


def plan_of(hotel: HotelName, rooms: int | None = None) -> RoomPlan:
    shape = SHAPES[hotel]
    return make_property(hotel, rooms or shape.rooms, dict(shape.types_booked), "2016-01-01").rooms


@pytest.fixture(scope="module", params=HOTELS)
def year(request: pytest.FixtureRequest) -> BookingsRead:
    hotel: HotelName = request.param
    return generate_bookings(Random(SEED), hotel, *YEAR, plan_of(hotel))


@pytest.fixture(scope="module")
def measured(year: BookingsRead) -> HotelShape:
    return shape_of(year)


def distance(one: Shares[_Value], other: Shares[_Value]) -> float:
    """Which share of all would have to be of another value to make the tables equal."""
    first, second = dict(one), dict(other)
    values = [*first, *(value for value in second if value not in first)]
    return sum(abs(first.get(value, 0.0) - second.get(value, 0.0)) for value in values) / 2


def test_the_same_seed_gives_the_same_bookings() -> None:
    plan = plan_of("city")
    first, second = (generate_bookings(Random(SEED), "city", *WEEK, plan) for _ in range(2))
    assert first == second
    assert first.bookings


def test_another_seed_gives_other_bookings() -> None:
    plan = plan_of("city")
    assert generate_bookings(Random(1), "city", *WEEK, plan) != generate_bookings(Random(2), "city", *WEEK, plan)


def test_the_same_seed_gives_the_same_bookings_in_every_process() -> None:
    program = (
        "from datetime import date; from random import Random; from hashlib import sha256\n"
        "from simulations.workloads.generator import generate_bookings\n"
        "from simulations.workloads.property import make_property\n"
        "plan = make_property('resort', 60, {'A': 3, 'D': 1, 'E': 1}, '2016-08-08').rooms\n"
        "read = generate_bookings(Random(5), 'resort', date(2016, 8, 8), date(2016, 8, 14), plan)\n"
        "import sys; sys.stdout.write(sha256(repr(read).encode()).hexdigest())\n"
    )
    root = Path(__file__).parents[3]
    digests = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=root,
            env={"PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert digests[0] == digests[1]
    assert len(digests[0]) == 64


def test_bookings_arrive_on_the_days_asked_for(year: BookingsRead) -> None:
    first, last = (day.isoformat() for day in YEAR)
    assert all(first <= one.arrival <= last for one in year.bookings)
    assert {one.arrival[:7] for one in year.bookings} == {f"2016-{month:02d}" for month in range(1, 13)}


def test_the_house_is_lived_in_on_the_first_day(year: BookingsRead) -> None:
    first = YEAR[0].isoformat()
    assert year.in_house_at_start
    assert year.due_out_at_start
    assert all(one.arrival < first < one.ended_on for one in year.in_house_at_start)
    assert all(one.arrival < first == one.ended_on for one in year.due_out_at_start)


def test_everything_made_is_in_a_list_or_counted(year: BookingsRead) -> None:
    assert len(all_bookings(year)) + year.rows_other_dates == year.rows_read
    assert year.rows_other_hotel == 0


def test_ids_are_unique(year: BookingsRead) -> None:
    ids = [one.booking_id for one in all_bookings(year)]
    assert len(ids) == len({*ids})


def test_no_night_holds_more_rooms_of_a_type_than_the_plan_has(year: BookingsRead) -> None:
    plan = plan_of(year.hotel)
    held = Counter(
        (one.room_type_assigned, night)
        for one in all_bookings(year)
        for night in nights_of(one.arrival, one.nights_held)
    )
    assert all(rooms <= len(plan.of_type(room_type)) for (room_type, _), rooms in held.items())


def test_oddities_are_those_of_the_rules_and_counted(year: BookingsRead) -> None:
    assert Counter(oddity for one in all_bookings(year) for oddity in one.oddities) == year.oddities
    seen_by_others = (Oddity.CHILDREN_UNKNOWN, Oddity.SAME_AS_ANOTHER)
    for one in all_bookings(year):
        also = tuple(oddity for oddity in one.oddities if oddity in seen_by_others)
        assert with_oddities(one, also) == one


def test_the_common_oddities_come_as_often_as_in_the_figures(year: BookingsRead) -> None:
    shape = SHAPES[year.hotel]
    number = len(year.bookings)
    zero_rates = (
        shape.kept.rate_zero_share * (1 - shape.canceled_share) + shape.canceled.rate_zero_share * shape.canceled_share
    )
    assert year.oddities[Oddity.RATE_ZERO] / number == pytest.approx(zero_rates, rel=0.4)
    assert year.oddities[Oddity.DAY_USE] / number == pytest.approx(dict(shape.nights)[0], rel=0.5)
    assert year.oddities[Oddity.NO_GUESTS] > 0
    assert year.oddities[Oddity.SAME_AS_ANOTHER] / number > 0.1


def test_arrivals_follow_month_and_weekday(year: BookingsRead, measured: HotelShape) -> None:
    shape = SHAPES[year.hotel]
    assert measured.arrivals_per_day == pytest.approx(shape.arrivals_per_day, rel=0.3)
    assert measured.weekday_factors == pytest.approx(shape.weekday_factors, abs=0.15)
    assert fmean(measured.arrivals_per_day) == pytest.approx(fmean(shape.arrivals_per_day), rel=0.08)


def test_bookings_end_as_often_in_each_way_as_in_the_figures(measured: HotelShape) -> None:
    shape = SHAPES[measured.hotel]
    assert measured.canceled_share == pytest.approx(shape.canceled_share, abs=0.03)
    assert measured.no_show_share == pytest.approx(shape.no_show_share, rel=0.4)
    assert measured.cancel_notice == pytest.approx(shape.cancel_notice, abs=0.15)


def test_nights_parties_and_types_are_shared_as_in_the_figures(measured: HotelShape) -> None:
    shape = SHAPES[measured.hotel]
    assert distance(measured.nights, shape.nights) < 0.05
    assert distance(measured.parties, shape.parties) < 0.05
    assert distance(measured.types_booked, shape.types_booked) < 0.05


def test_rates_follow_month_and_type(measured: HotelShape) -> None:
    shape = SHAPES[measured.hotel]
    assert measured.rate_of_month == pytest.approx(shape.rate_of_month, rel=0.15)
    middle = len(shape.rate_relative["A"]) // 2
    for room_type in ("A", "D", "E"):
        assert measured.rate_relative[room_type][middle] == pytest.approx(
            shape.rate_relative[room_type][middle], rel=0.15
        )


@pytest.mark.parametrize("end", ["kept", "canceled"])
def test_each_end_has_its_own_lead_time_sources_and_changes(measured: HotelShape, end: str) -> None:
    expected, found = getattr(SHAPES[measured.hotel], end), getattr(measured, end)
    middle = len(expected.lead_days) // 2
    assert found.lead_days[middle] == pytest.approx(expected.lead_days[middle], rel=0.25)
    assert distance(found.group_sizes, expected.group_sizes) < 0.05
    assert distance(found.sources, expected.sources) < 0.12
    assert distance(found.changes, expected.changes) < 0.05
    assert distance(found.special_requests, expected.special_requests) < 0.08
    assert distance(found.deposits, expected.deposits) < 0.1
    assert found.repeated_share == pytest.approx(expected.repeated_share, abs=0.02)
    assert found.type_changed_share == pytest.approx(expected.type_changed_share, abs=0.1)


def test_a_small_house_has_few_arrivals_and_no_group_beyond_its_part() -> None:
    plan = plan_of("city", 20)
    read = generate_bookings(Random(SEED), "city", *YEAR, plan)
    expected = sum(SHAPES["city"].arrivals_per_day) / 12 * 366 * 20 / SHAPES["city"].rooms
    assert len(read.bookings) == pytest.approx(expected, rel=0.3)
    assert {one.room_type_assigned for one in read.bookings} <= {*plan.room_types}


def test_a_house_with_types_of_its_own_sells_those() -> None:
    plan = RoomPlan([Room("201", 2, "和室"), Room("202", 2, "和室"), Room("203", 2, "洋室")])
    read = generate_bookings(Random(SEED), "resort", *YEAR, plan)
    assert {one.room_type_booked for one in read.bookings} == {"和室", "洋室"}
    assert {one.room_type_assigned for one in read.bookings} == {"和室", "洋室"}


def test_a_plan_without_rooms_is_refused() -> None:
    with pytest.raises(ValueError, match="give a plan with at least one room"):
        generate_bookings(Random(SEED), "city", *WEEK, RoomPlan([]))


def test_days_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="is after the last day"):
        generate_bookings(Random(SEED), "city", WEEK[1], WEEK[0], plan_of("city"))


def test_a_no_show_ends_on_the_day_of_arrival(year: BookingsRead) -> None:
    no_shows = [one for one in year.bookings if one.reservation_status is ReservationStatus.NO_SHOW]
    assert no_shows
    assert all(one.status_date == one.arrival for one in no_shows)


@pytest.mark.parametrize("hotel", HOTELS)
def test_the_figures_are_those_of_the_data_set(data_set: Path, hotel: HotelName) -> None:
    assert shape_of(read_bookings(data_set, hotel, DATA_FIRST, DATA_LAST)) == SHAPES[hotel]


@pytest.mark.parametrize("hotel", HOTELS)
def test_the_figures_stand_as_they_were_measured(hotel: HotelName) -> None:
    assert f"{hotel.upper()} = {literal(SHAPES[hotel])}\n" in Path(figures.__file__).read_text(encoding="utf-8")
