"""Dates and nights: a stay holds the nights from its arrival to before its departure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt_pms.hotel.business_day import Due, due, next_business_date
from crdt_pms.hotel.errors import DateInvalid
from crdt_pms.hotel.nights import (
    days_after,
    days_between,
    departure_date,
    local_date,
    local_time,
    nights_of,
    parse_date,
    shared_nights,
)

days = st.dates(date(1990, 1, 1), date(2090, 12, 31)).map(date.isoformat)
lengths = st.integers(0, 40)


@given(st.dates(date(1900, 1, 1), date(2999, 12, 31)))
def test_a_date_is_read_as_it_is_written(day: date) -> None:
    assert parse_date(day.isoformat()) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2016-8-8",
        "20160808",
        "2016-W32-1",
        "2016-02-30",
        "1899-12-31",
        "3000-01-01",
        " 2016-08-08",
        "２０１６-08-08",
    ],
)
def test_one_spelling_of_a_date_is_known(text: str) -> None:
    with pytest.raises(DateInvalid):
        parse_date(text)


@given(days, st.integers(-400, 400))
def test_days_are_counted_over_months_and_leap_years(day: str, number: int) -> None:
    assert days_between(day, days_after(day, number)) == number
    assert parse_date(days_after(day, number)) == parse_date(day) + timedelta(number)


def test_a_stay_that_begins_on_the_last_day_of_the_calendar_ends_after_it_and_its_nights_are_counted() -> None:
    """A device may write such a stay; every desk that saw it failed on whatever asked for its nights."""
    departure = departure_date("2999-12-31", 3)
    assert departure == "3000-01-03"
    assert days_between("2999-12-31", departure) == 3
    assert days_after(departure, -3) == "2999-12-31"
    assert shared_nights("2999-12-31", 3, "2999-12-30", 2) == ("2999-12-31",)
    with pytest.raises(DateInvalid):
        parse_date(departure)


@pytest.mark.parametrize(("day", "number"), [("2999-12-31", 10**7), ("1900-01-01", -(10**6)), ("2016-08-08", 10**12)])
def test_a_day_outside_the_calendar_is_refused(day: str, number: int) -> None:
    with pytest.raises(DateInvalid):
        days_after(day, number)


@given(days, lengths)
def test_a_stay_has_as_many_nights_as_were_agreed_and_none_on_its_departure(arrival: str, nights: int) -> None:
    held = nights_of(arrival, nights)
    assert len(held) == nights
    assert departure_date(arrival, nights) not in held
    assert list(held) == sorted(held)


@pytest.mark.parametrize("count", [departure_date, nights_of])
def test_a_stay_has_no_negative_nights(count: object) -> None:
    assert callable(count)
    with pytest.raises(DateInvalid, match="day use"):
        count("2016-08-08", -1)


@given(days, lengths, st.integers(-45, 45), lengths)
def test_two_stays_share_the_nights_that_both_have(arrival: str, nights: int, apart: int, other_nights: int) -> None:
    other = days_after(arrival, apart)
    expected = sorted(set(nights_of(arrival, nights)) & set(nights_of(other, other_nights)))
    assert list(shared_nights(arrival, nights, other, other_nights)) == expected
    assert shared_nights(other, other_nights, arrival, nights) == shared_nights(arrival, nights, other, other_nights)


def test_a_stay_may_arrive_on_the_day_on_which_another_departs() -> None:
    assert shared_nights("2016-08-08", 2, "2016-08-10", 1) == ()


def test_the_clock_on_the_wall_is_that_of_the_property() -> None:
    instant = int(datetime(2016, 8, 8, 16, 30, tzinfo=UTC).timestamp() * 1000)
    assert (local_date(instant, "Asia/Tokyo"), local_time(instant, "Asia/Tokyo")) == ("2016-08-09", "01:30")
    assert (local_date(instant, "America/New_York"), local_time(instant, "America/New_York")) == (
        "2016-08-08",
        "12:30",
    )


@pytest.mark.parametrize(
    ("arrival", "nights", "in_house", "expected"),
    [
        ("2016-08-09", 1, False, Due.FUTURE),
        ("2016-08-08", 1, False, Due.DUE_IN),
        ("2016-08-07", 3, False, Due.OVERDUE),
        ("2016-08-07", 2, True, Due.STAYING),
        ("2016-08-07", 1, True, Due.DUE_OUT),
        ("2016-08-08", 0, True, Due.DUE_OUT),
        ("2016-08-06", 1, True, Due.OVERDUE),
    ],
)
def test_how_a_stay_stands_to_the_business_date(arrival: str, nights: int, in_house: bool, expected: Due) -> None:
    assert due(arrival, nights, "2016-08-08", in_house=in_house) is expected


def test_the_audit_rolls_to_the_next_date() -> None:
    assert next_business_date("2016-12-31") == "2017-01-01"
