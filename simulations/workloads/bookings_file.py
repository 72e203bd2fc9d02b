"""Reads bookings from a file in the form of the *Hotel booking demand* data set, in one pass.

The file is UTF-8 CSV with a header, plain or compressed as `.xz` or `.gz`, and has the columns of `COLUMNS` in any
order; other columns are ignored. Of every row hotel, row number and arrival are checked; of those that belong to the
asked days, everything.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from crdt_pms.hotel.errors import HotelError
from crdt_pms.hotel.money import AMOUNT_MINOR_MAX
from crdt_pms.hotel.nights import NIGHTS_MAX, YEAR_MAX, YEAR_MIN, parse_date
from crdt_pms.hotel.odd_terms import GUESTS_MAX
from simulations.workloads.booking import (
    UNKNOWN_SOURCE,
    Booking,
    Deposit,
    HotelName,
    Oddity,
    ReservationStatus,
    with_oddities,
    yen_of,
)
from simulations.workloads.bookings_csv import BookingsMalformed, Row, rows_of
from simulations.workloads.bookings_read import BookingsRead, Intake

__all__ = ("COLUMNS", "BookingsMalformed", "BookingsRead", "read_bookings")

COLUMNS: tuple[str, ...] = (
    "row",
    "hotel",
    "is_canceled",
    "lead_time",
    "arrival_date_year",
    "arrival_date_month",
    "arrival_date_day_of_month",
    "stays_in_weekend_nights",
    "stays_in_week_nights",
    "adults",
    "children",
    "babies",
    "market_segment",
    "distribution_channel",
    "is_repeated_guest",
    "reserved_room_type",
    "assigned_room_type",
    "booking_changes",
    "deposit_type",
    "adr",
    "total_of_special_requests",
    "reservation_status",
    "reservation_status_date",
)
"""The columns that are read; without one of them a file is malformed."""

LEAD_DAYS_MAX = 10_000
COUNT_MAX = 1_000
"""No count of amendments or requests is larger: a column has slipped."""

_HOTEL_OF_WORD: dict[str, HotelName] = {"City Hotel": "city", "Resort Hotel": "resort"}
_STATUS_OF_WORD = {
    "Check-Out": ReservationStatus.CHECK_OUT,
    "Canceled": ReservationStatus.CANCELED,
    "No-Show": ReservationStatus.NO_SHOW,
}
_DEPOSIT_OF_WORD = {
    "No Deposit": Deposit.NONE,
    "Non Refund": Deposit.NON_REFUND,
    "Refundable": Deposit.REFUNDABLE,
}
_MISSING = frozenset({"", "NULL", "NA"})
_FLAG_OF_WORD = {"0": False, "1": True}
_MONTHS = "January February March April May June July August September October November December"
# Not `calendar.month_name`: that speaks the language of whoever runs it.
_MONTH_OF_WORD = {name: number for number, name in enumerate(_MONTHS.split(), start=1)}


def read_bookings(path: Path | str, hotel: HotelName, first: date, last: date) -> BookingsRead:
    """Read the bookings of a hotel that arrive from `first` to `last`, both inclusive, and who is in house at `first`.

    Raises `BookingsMalformed` with line and column, `OSError` if the file cannot be opened, `ValueError` for an
    unknown hotel or dates in the wrong order.
    """
    intake = Intake(hotel, first, last)
    earliest = first.toordinal() - NIGHTS_MAX
    rows: set[int] = set()
    for row in rows_of(Path(path), COLUMNS):
        number = row.integer("row", 1, 10**9)
        if number in rows:
            raise row.malformed("row", f"row {number} is in the file twice")
        rows.add(number)
        of_hotel = row.one_of("hotel", _HOTEL_OF_WORD)
        arrival = _arrival(row)
        if of_hotel != hotel:
            intake.skip_other_hotel()
        elif not earliest <= arrival.toordinal() <= last.toordinal():
            intake.skip_other_dates()
        else:
            nights = _nights(row)
            if arrival.toordinal() + nights < first.toordinal():
                intake.skip_other_dates()
            else:
                intake.take(_booking(row, f"{hotel}-{number:06d}", hotel, arrival, nights))
    return intake.finished()


def _booking(row: Row, booking_id: str, hotel: HotelName, arrival: date, nights: int) -> Booking:
    status = row.one_of("reservation_status", _STATUS_OF_WORD)
    # The data's flag says that the guest did not come, whether or not anybody said so beforehand.
    if row.one_of("is_canceled", _FLAG_OF_WORD) is (status is ReservationStatus.CHECK_OUT):
        raise row.malformed("is_canceled", f"contradicts the status {row.text('reservation_status')!r}")
    children_known = row.text("children") not in _MISSING
    booking = Booking(
        booking_id=booking_id,
        hotel=hotel,
        arrival=arrival.isoformat(),
        nights=nights,
        adults=row.integer("adults", 0, GUESTS_MAX),
        children=row.integer("children", 0, GUESTS_MAX) if children_known else 0,
        babies=row.integer("babies", 0, GUESTS_MAX),
        room_type_booked=_room_type(row, "reserved_room_type"),
        room_type_assigned=_room_type(row, "assigned_room_type"),
        rate_minor=_rate_minor(row),
        channel=_source(row, "distribution_channel"),
        segment=_source(row, "market_segment"),
        lead_days=row.integer("lead_time", 0, LEAD_DAYS_MAX),
        reservation_status=status,
        status_date=_status_date(row),
        changes=row.integer("booking_changes", 0, COUNT_MAX),
        special_requests=row.integer("total_of_special_requests", 0, COUNT_MAX),
        is_repeated=row.one_of("is_repeated_guest", _FLAG_OF_WORD),
        deposit=row.one_of("deposit_type", _DEPOSIT_OF_WORD),
    )
    return with_oddities(booking, () if children_known else (Oddity.CHILDREN_UNKNOWN,))


def _arrival(row: Row) -> date:
    year = row.integer("arrival_date_year", YEAR_MIN, YEAR_MAX)
    month = row.one_of("arrival_date_month", _MONTH_OF_WORD)
    day = row.integer("arrival_date_day_of_month", 1, 31)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise row.malformed("arrival_date_day_of_month", f"{year}-{month:02d} has no day {day}") from error


def _nights(row: Row) -> int:
    weekend = row.integer("stays_in_weekend_nights", 0, NIGHTS_MAX)
    nights = weekend + row.integer("stays_in_week_nights", 0, NIGHTS_MAX)
    if nights > NIGHTS_MAX:
        raise row.malformed("stays_in_week_nights", f"{nights} nights in all, at most {NIGHTS_MAX} can be booked")
    return nights


def _room_type(row: Row, column: str) -> str:
    text = row.text(column)
    if text in _MISSING:
        raise row.malformed(column, f"{text!r} is not a room type")
    return text


def _source(row: Row, column: str) -> str:
    text = row.text(column)
    return UNKNOWN_SOURCE if text in _MISSING else text


def _rate_minor(row: Row) -> int:
    text = row.text("adr")
    try:
        rate_minor = _yen(text)
    except (ArithmeticError, ValueError) as error:
        raise row.malformed("adr", f"{text!r} is not a rate in euros") from error
    if abs(rate_minor) > AMOUNT_MINOR_MAX:
        raise row.malformed("adr", f"{text!r} euros are beyond {AMOUNT_MINOR_MAX} yen")
    return rate_minor


@lru_cache(maxsize=16_384)
def _yen(text: str) -> int:
    return yen_of(Decimal(text))


def _status_date(row: Row) -> str:
    text = row.text("reservation_status_date")
    try:
        parse_date(text)
    except HotelError as error:
        raise row.malformed("reservation_status_date", str(error)) from error
    return text
