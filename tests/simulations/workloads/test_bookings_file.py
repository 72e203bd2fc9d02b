"""Reading bookings: what a row becomes, which rows belong, what the data set holds."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from simulations.workloads.booking import Booking, Deposit, HotelName, Oddity, ReservationStatus
from simulations.workloads.bookings_file import COLUMNS, read_bookings
from simulations.workloads.bookings_read import BookingsRead, all_bookings
from simulations.workloads.property import peak_rooms_by_type

WEEK = (date(2016, 8, 8), date(2016, 8, 14))
CANCELED = {"is_canceled": "1", "reservation_status": "Canceled", "reservation_status_date": "2016-08-01"}
NO_SHOW = {"is_canceled": "1", "reservation_status": "No-Show", "reservation_status_date": "2016-08-10"}

Write = Callable[..., Path]


def read_week(path: Path, hotel: HotelName = "city") -> BookingsRead:
    return read_bookings(path, hotel, *WEEK)


def only(read: BookingsRead) -> Booking:
    (booking,) = read.bookings
    return booking


def test_a_row_becomes_a_booking(bookings_csv: Write) -> None:
    assert only(read_week(bookings_csv({"row": "40061"}))) == Booking(
        booking_id="city-040061",
        hotel="city",
        arrival="2016-08-10",
        nights=2,
        adults=2,
        children=0,
        babies=0,
        room_type_booked="A",
        room_type_assigned="D",
        rate_minor=16_088,
        channel="TA/TO",
        segment="Online TA",
        lead_days=30,
        reservation_status=ReservationStatus.CHECK_OUT,
        status_date="2016-08-12",
        changes=1,
        special_requests=3,
        is_repeated=False,
        deposit=Deposit.NONE,
        oddities=(),
    )


def test_dates_follow_from_the_arrival(bookings_csv: Write) -> None:
    booking = only(read_week(bookings_csv({})))
    assert (booking.created, booking.departure, booking.ended_on) == ("2016-07-11", "2016-08-12", "2016-08-12")


def test_a_no_show_is_not_a_cancellation_and_holds_one_night(bookings_csv: Write) -> None:
    canceled, no_show = read_week(bookings_csv(CANCELED, NO_SHOW)).bookings
    assert (canceled.is_canceled, canceled.nights_held) == (True, 0)
    assert (no_show.is_canceled, no_show.nights_held) == (False, 1)


@pytest.mark.parametrize(
    ("row", "oddity", "kept"),
    [
        (
            {"stays_in_week_nights": "0", "reservation_status_date": "2016-08-10"},
            Oddity.DAY_USE,
            {"nights": 0, "departure": "2016-08-10"},
        ),
        ({"adr": "0"}, Oddity.RATE_ZERO, {"rate_minor": 0, "needs_reason": False}),
        ({"adr": "-6.38"}, Oddity.RATE_NEGATIVE, {"rate_minor": -1_021, "needs_reason": True}),
        (
            {"adults": "0", "children": "2"},
            Oddity.NO_ADULTS,
            {"adults": 0, "children": 2, "needs_reason": True},
        ),
        ({"adults": "0"}, Oddity.NO_GUESTS, {"adults": 0, "children": 0, "needs_reason": True}),
        ({"children": "NA"}, Oddity.CHILDREN_UNKNOWN, {"children": 0, "needs_reason": False}),
        ({"children": "NULL"}, Oddity.CHILDREN_UNKNOWN, {"children": 0}),
        ({"market_segment": "Undefined"}, Oddity.SOURCE_UNKNOWN, {"segment": "Undefined"}),
        ({"distribution_channel": "NULL"}, Oddity.SOURCE_UNKNOWN, {"channel": "Undefined"}),
        ({"adults": "55"}, Oddity.PARTY_LARGE, {"adults": 55}),
        (
            {"reservation_status_date": "2016-08-11"},
            Oddity.LEFT_EARLY,
            {"nights": 2, "departure": "2016-08-12", "ended_on": "2016-08-11"},
        ),
        (
            {"reservation_status_date": "2016-08-15"},
            Oddity.STATUS_DATE_ODD,
            {"status_date": "2016-08-15", "ended_on": "2016-08-12"},
        ),
        (
            {**NO_SHOW, "reservation_status_date": "2016-03-28"},
            Oddity.STATUS_DATE_ODD,
            {"status_date": "2016-03-28", "ended_on": "2016-08-10"},
        ),
        (
            {**CANCELED, "reservation_status_date": "2015-01-01"},
            Oddity.STATUS_DATE_ODD,
            {"status_date": "2015-01-01", "ended_on": "2016-07-11"},
        ),
    ],
)
def test_an_odd_row_is_taken_by_its_rule_and_counted(
    bookings_csv: Write, row: dict[str, str], oddity: Oddity, kept: dict[str, object]
) -> None:
    read = read_week(bookings_csv(row))
    booking = only(read)
    assert booking.oddities == (oddity,)
    assert read.oddities == {oddity: 1}
    assert {name: getattr(booking, name) for name in kept} == kept


def test_equal_rows_are_both_taken_and_the_later_one_counted(bookings_csv: Write) -> None:
    read = read_week(bookings_csv({}, {"adults": "1"}, {}))
    assert [one.oddities for one in read.bookings] == [(), (), (Oddity.SAME_AS_ANOTHER,)]
    assert [one.booking_id for one in read.bookings] == ["city-000001", "city-000002", "city-000003"]


def test_several_oddities_of_one_row_are_all_counted(bookings_csv: Write) -> None:
    read = read_week(bookings_csv({"adults": "0", "adr": "0", "children": "NA"}))
    assert only(read).oddities == (Oddity.RATE_ZERO, Oddity.NO_GUESTS, Oddity.CHILDREN_UNKNOWN)


def test_every_row_is_in_a_list_or_counted_elsewhere(bookings_csv: Write) -> None:
    def arriving(day: str, **more: str) -> dict[str, str]:
        return {"arrival_date_day_of_month": day, **more}

    read = read_week(
        bookings_csv(
            arriving("6", reservation_status_date="2016-08-08"),
            arriving("7", reservation_status_date="2016-08-09"),
            arriving("7", **CANCELED),
            arriving("7", **NO_SHOW),
            arriving("5", reservation_status_date="2016-08-07"),
            arriving("8", reservation_status_date="2016-08-10"),
            arriving("14", reservation_status_date="2016-08-16"),
            arriving("15", reservation_status_date="2016-08-17"),
            arriving("10", hotel="Resort Hotel"),
        )
    )
    assert [one.booking_id for one in read.due_out_at_start] == ["city-000001"]
    assert [one.booking_id for one in read.in_house_at_start] == ["city-000002"]
    assert [one.booking_id for one in read.bookings] == ["city-000006", "city-000007"]
    assert (read.rows_read, read.rows_other_hotel, read.rows_other_dates) == (9, 1, 4)
    assert len(all_bookings(read)) == 4


def test_who_left_early_is_not_in_house_afterwards(bookings_csv: Write) -> None:
    early = {"arrival_date_day_of_month": "5", "stays_in_week_nights": "9", "reservation_status_date": "2016-08-06"}
    read = read_week(bookings_csv(early))
    assert not all_bookings(read)
    assert read.rows_other_dates == 1


@pytest.mark.parametrize(
    ("suffix", "packed"), [(".csv", bytes), (".csv.gz", gzip.compress), (".csv.xz", lzma.compress)]
)
def test_plain_and_compressed_files_read_alike(
    bookings_csv: Write, tmp_path: Path, suffix: str, packed: Callable[[bytes], bytes]
) -> None:
    plain = bookings_csv({}, CANCELED)
    path = tmp_path / f"packed{suffix}"
    path.write_bytes(packed(plain.read_bytes()))
    assert read_week(path) == read_week(plain)


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter(bookings_csv: Write, tmp_path: Path) -> None:
    plain = bookings_csv({})
    path = tmp_path / "exported.csv"
    path.write_bytes(b"\xef\xbb\xbf" + plain.read_bytes().replace(b"\n", b"\r\n"))
    assert read_week(path) == read_week(plain)


def test_columns_come_in_any_order_and_others_are_ignored(bookings_csv: Write) -> None:
    plain = read_week(bookings_csv({}))
    path = bookings_csv({"meal": "BB"}, columns=("meal", *reversed(COLUMNS)))
    assert read_week(path) == plain


def test_days_in_the_wrong_order_are_refused(bookings_csv: Write) -> None:
    with pytest.raises(ValueError, match="the first day 2016-08-14 is after the last day 2016-08-08"):
        read_bookings(bookings_csv({}), "city", WEEK[1], WEEK[0])


@pytest.mark.parametrize(
    ("hotel", "bookings", "rooms", "oddities"),
    [
        (
            "city",
            51_822,
            251,
            {
                Oddity.DAY_USE: 247,
                Oddity.RATE_ZERO: 927,
                Oddity.NO_ADULTS: 160,
                Oddity.NO_GUESTS: 105,
                Oddity.CHILDREN_UNKNOWN: 4,
                Oddity.SOURCE_UNKNOWN: 4,
                Oddity.PARTY_LARGE: 2,
                Oddity.LEFT_EARLY: 2,
                Oddity.SAME_AS_ANOTHER: 19_720,
            },
        ),
        (
            "resort",
            26_881,
            207,
            {
                Oddity.DAY_USE: 324,
                Oddity.RATE_ZERO: 577,
                Oddity.NO_GUESTS: 8,
                Oddity.SOURCE_UNKNOWN: 1,
                Oddity.PARTY_LARGE: 14,
                Oddity.LEFT_EARLY: 21,
                Oddity.STATUS_DATE_ODD: 1,
                Oddity.SAME_AS_ANOTHER: 5_015,
            },
        ),
    ],
)
def test_the_data_set_reads_completely(
    data_set: Path, hotel: HotelName, bookings: int, rooms: int, oddities: dict[Oddity, int]
) -> None:
    read = read_bookings(data_set, hotel, date(2015, 7, 1), date(2016, 12, 31))
    assert len(read.bookings) == bookings
    assert (read.rows_read, read.rows_other_hotel, read.rows_other_dates) == (78_703, 78_703 - bookings, 0)
    assert read.oddities == oddities
    assert sum(peak_rooms_by_type(read.bookings).values()) == rooms


def test_the_heavy_week_of_the_data_set(data_set: Path) -> None:
    read = read_week(data_set)
    first, last = (day.isoformat() for day in WEEK)
    stays = [one for one in all_bookings(read) if one.reservation_status is ReservationStatus.CHECK_OUT]
    assert sum(one.arrival >= first for one in stays) == 477
    assert sum(one.ended_on <= last for one in stays) == 470
    assert sum(one.reservation_status is ReservationStatus.NO_SHOW for one in read.bookings) == 4
    assert (len(read.bookings), len(read.in_house_at_start), len(read.due_out_at_start)) == (788, 132, 86)
    assert len(all_bookings(read)) + read.rows_other_hotel + read.rows_other_dates == read.rows_read == 78_703
