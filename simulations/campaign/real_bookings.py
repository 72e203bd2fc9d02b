"""Guests of a real hotel as callers of simulated ones: their bookings, moved to the simulated calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from simulations.workloads.booking import Booking
from simulations.workloads.bookings_file import read_bookings
from simulations.world.hotel import BOOKINGS_LAST, OPENING_DATE, ROOM_TYPES

REAL_FIRST: Final = date(2016, 7, 1)


def real_bookings(path: Path) -> Sequence[Booking]:
    """The city hotel's bookings of two weeks in July 2016, of the room types that simulated hotels have.

    Raises what `read_bookings` raises.
    """
    opening, last = date.fromisoformat(OPENING_DATE), date.fromisoformat(BOOKINGS_LAST)
    read = read_bookings(path, "city", REAL_FIRST, REAL_FIRST + (last - opening))
    moved = opening - REAL_FIRST
    return [
        _moved(booking, moved)
        for booking in read.bookings
        if booking.room_type_booked in ROOM_TYPES and booking.room_type_assigned in ROOM_TYPES
    ]


def _moved(booking: Booking, by: timedelta) -> Booking:
    return replace(booking, arrival=(date.fromisoformat(booking.arrival) + by).isoformat())
