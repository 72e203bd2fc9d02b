"""A file that is not one of bookings is refused with the line and the column where it is not."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from simulations.workloads.bookings_file import COLUMNS, BookingsMalformed, BookingsRead, read_bookings

Write = Callable[..., Path]


def read_week(path: Path) -> BookingsRead:
    return read_bookings(path, "city", date(2016, 8, 8), date(2016, 8, 14))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("row", "0"),
        ("row", ""),
        ("hotel", "Castle"),
        ("arrival_date_month", "Brumaire"),
        ("arrival_date_day_of_month", "32"),
        ("arrival_date_year", "16"),
        ("stays_in_week_nights", "-1"),
        ("stays_in_week_nights", "400"),
        ("adults", "two"),
        ("adults", "100"),
        ("adults", "2.0"),
        ("children", "-1"),
        ("babies", "NA"),
        ("reserved_room_type", "NULL"),
        ("assigned_room_type", ""),
        ("adr", "cheap"),
        ("adr", "NaN"),
        ("adr", "Infinity"),
        ("adr", "1e30"),
        ("lead_time", "1_0"),
        ("lead_time", "٣"),
        ("booking_changes", "-"),
        ("total_of_special_requests", "1001"),
        ("is_repeated_guest", "2"),
        ("deposit_type", "Half"),
        ("reservation_status", "Left"),
        ("is_canceled", "1"),
        ("reservation_status_date", "12/08/2016"),
    ],
)
def test_a_malformed_value_names_line_and_column(bookings_csv: Write, column: str, value: str) -> None:
    path = bookings_csv({}, {column: value})
    with pytest.raises(BookingsMalformed, match=f"line 3, column {column}: ") as caught:
        read_week(path)
    assert (caught.value.path, caught.value.line, caught.value.column) == (path, 3, column)


def test_a_day_that_its_month_lacks_names_the_day(bookings_csv: Write) -> None:
    with pytest.raises(BookingsMalformed, match="line 2, column arrival_date_day_of_month: 2016-02 has no day 30"):
        read_week(bookings_csv({"arrival_date_month": "February", "arrival_date_day_of_month": "30"}))


def test_more_nights_in_all_than_can_be_booked_are_malformed(bookings_csv: Write) -> None:
    with pytest.raises(BookingsMalformed, match="column stays_in_week_nights: 400 nights in all"):
        read_week(bookings_csv({"stays_in_weekend_nights": "200", "stays_in_week_nights": "200"}))


def test_a_row_number_given_twice_is_malformed(bookings_csv: Write) -> None:
    with pytest.raises(BookingsMalformed, match="line 3, column row: row 7 is in the file twice"):
        read_week(bookings_csv({"row": "7"}, {"row": "7"}))


def test_the_arrival_is_checked_in_rows_of_the_other_hotel_too(bookings_csv: Write) -> None:
    with pytest.raises(BookingsMalformed, match="line 2, column arrival_date_year"):
        read_week(bookings_csv({"hotel": "Resort Hotel", "arrival_date_year": "?"}))


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named(bookings_csv: Write, column: str) -> None:
    path = bookings_csv({}, columns=tuple(name for name in COLUMNS if name != column))
    with pytest.raises(BookingsMalformed, match=f"line 1, column {column}: the header does not name this column"):
        read_week(path)


def test_an_empty_file_lacks_its_header(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.touch()
    with pytest.raises(BookingsMalformed, match="line 1, column row: the header does not name this column"):
        read_week(path)


def test_a_column_named_twice_is_malformed(bookings_csv: Write) -> None:
    path = bookings_csv({})
    path.write_text(path.read_text().replace("row,", "row,adults,", 1))
    with pytest.raises(BookingsMalformed, match="line 1: the header names a column twice"):
        read_week(path)


@pytest.mark.parametrize("tail", ["2,City Hotel\n", "\n", "x," * 40 + "\n"])
def test_a_row_of_another_width_is_malformed(bookings_csv: Write, tail: str) -> None:
    path = bookings_csv({})
    path.write_text(path.read_text() + tail)
    with pytest.raises(BookingsMalformed, match=r"line 3: .* values, the header names 23 columns"):
        read_week(path)


def test_a_quote_left_open_is_malformed(bookings_csv: Write) -> None:
    path = bookings_csv({})
    path.write_text(path.read_text() + '2,"City Hotel,0\n')
    with pytest.raises(BookingsMalformed, match="line 3: not CSV: unexpected end of data"):
        read_week(path)


def test_another_encoding_names_line_and_column(bookings_csv: Write) -> None:
    path = bookings_csv({}, {"market_segment": "Agência"})
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
    with pytest.raises(BookingsMalformed, match="line 3, column market_segment: not UTF-8"):
        read_week(path)


@pytest.mark.parametrize(("suffix", "packed"), [(".csv.gz", gzip.compress), (".csv.xz", lzma.compress)])
def test_a_truncated_file_names_the_line_where_it_breaks(
    bookings_csv: Write, tmp_path: Path, suffix: str, packed: Callable[[bytes], bytes]
) -> None:
    whole = packed(bookings_csv(*({"lead_time": str(days)} for days in range(300))).read_bytes())
    path = tmp_path / f"cut{suffix}"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(BookingsMalformed, match=r"line [0-9]+: the compressed file is damaged"):
        read_week(path)


@pytest.mark.parametrize("suffix", [".csv.gz", ".csv.xz"])
def test_a_file_that_is_not_compressed_as_named_is_malformed(bookings_csv: Write, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"plain{suffix}"
    path.write_bytes(bookings_csv({}).read_bytes())
    with pytest.raises(BookingsMalformed, match="line 1: the compressed file is damaged"):
        read_week(path)


def test_a_file_that_is_not_there_is_no_malformed_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_week(tmp_path / "nowhere.csv")
