"""A workload: the bookings of one hotel between two days, and who is in house when it begins."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter

from simulations.workloads.booking import Booking, HotelName, Oddity, ReservationStatus, hotel_named


@dataclass(frozen=True, slots=True)
class BookingsRead:
    """A workload: the bookings of one hotel that arrive from `first` to `last`, both inclusive, in order of reading.

    `in_house_at_start` are the stays that arrived before `first` and end after it; `due_out_at_start` those that
    arrived before `first` and end on it: on the morning of `first` both are in house. Every row of a file is in one
    of the three lists or counted in `rows_other_hotel` or `rows_other_dates`: the five sum to `rows_read`.
    `oddities` counts those of the bookings in the three lists.
    """

    hotel: HotelName
    first: date
    last: date
    bookings: list[Booking]
    in_house_at_start: list[Booking]
    due_out_at_start: list[Booking]
    oddities: Counter[Oddity]
    rows_read: int
    rows_other_hotel: int
    rows_other_dates: int


TERMS_OF = attrgetter(*(name for name in Booking.__dataclass_fields__ if name not in {"booking_id", "oddities"}))
"""Everything that two bookings of one group share."""


def all_bookings(read: BookingsRead) -> tuple[Booking, ...]:
    """Those in house at the start, those due out then, and those that arrive."""
    return (*read.in_house_at_start, *read.due_out_at_start, *read.bookings)


class Intake:
    """Sorts bookings, in the order in which they are met, into the lists of a `BookingsRead`."""

    def __init__(self, hotel: HotelName, first: date, last: date) -> None:
        """Begin a workload. Raises `ValueError` for an unknown hotel or dates in the wrong order."""
        if first > last:
            raise ValueError(f"the first day {first} is after the last day {last}")
        self._first, self._last = first.isoformat(), last.isoformat()
        self._seen: set[tuple[object, ...]] = set()
        self._oddities: Counter[Oddity] = Counter()
        self._read = BookingsRead(hotel_named(hotel), first, last, [], [], [], self._oddities, 0, 0, 0)
        self._rows = self._other_hotel = self._other_dates = 0

    def skip_other_hotel(self) -> None:
        """Count a row of another hotel."""
        self._rows += 1
        self._other_hotel += 1

    def skip_other_dates(self) -> None:
        """Count a row that arrives outside the dates and is not in house at their beginning."""
        self._rows += 1
        self._other_dates += 1

    def take(self, booking: Booking) -> None:
        """Put a booking where it belongs."""
        place = self._place(booking)
        if place is None:
            self.skip_other_dates()
            return
        self._rows += 1
        terms = TERMS_OF(booking)
        if terms in self._seen:
            booking = replace(booking, oddities=(*booking.oddities, Oddity.SAME_AS_ANOTHER))
        self._seen.add(terms)
        self._oddities.update(booking.oddities)
        place.append(booking)

    def finished(self) -> BookingsRead:
        """Everything taken so far."""
        return replace(
            self._read,
            rows_read=self._rows,
            rows_other_hotel=self._other_hotel,
            rows_other_dates=self._other_dates,
        )

    def _place(self, booking: Booking) -> list[Booking] | None:
        if self._first <= booking.arrival <= self._last:
            return self._read.bookings
        stayed = booking.reservation_status is ReservationStatus.CHECK_OUT
        if booking.arrival > self._last or not stayed or booking.ended_on < self._first:
            return None
        if booking.ended_on == self._first:
            return self._read.due_out_at_start
        return self._read.in_house_at_start
