"""One booking of a workload, what may be odd about it, and what becomes of each oddity.

| oddity | rule |
|---|---|
| `day_use` | 0 nights: taken as day use, the guest leaves on the day of arrival |
| `rate_zero` | a rate of 0: taken, a night for nothing is still a night |
| `rate_negative` | a rate below 0: taken, the desk gives a reason |
| `no_adults` | no adults but children: taken, the desk gives a reason |
| `no_guests` | neither adults nor children: taken, the desk gives a reason |
| `children_unknown` | children `NA` or `NULL`: taken as 0 children |
| `source_unknown` | channel or segment `Undefined` or `NULL`: taken as `Undefined` |
| `party_large` | more than `PARTY_USUAL_MAX` guests in one booking: taken as written |
| `left_early` | checked out before arrival + nights: nights stay as booked, the guest leaves on the status date |
| `status_date_odd` | a status date that cannot be: kept as written, `Booking.ended_on` is the nearest date that can |
| `same_as_another` | equal to an earlier booking in all but its id: taken, rooms of one group look like this |

What is beyond these (a number that is none, a flag that contradicts the status, …) is an error of the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Literal, cast

from crdt_pms.hotel.nights import days_after, departure_date
from crdt_pms.hotel.odd_terms import oddities as odd_terms

HotelName = Literal["city", "resort"]
HOTELS: tuple[HotelName, ...] = ("city", "resort")

JPY_PER_EUR = Decimal(160)
"""The data's rates are euros a night. One stated factor turns them into yen, rounded to whole yen, halves up."""

PARTY_USUAL_MAX = 6
"""More guests than this in one booking are counted as `Oddity.PARTY_LARGE`."""

UNKNOWN_SOURCE = "Undefined"
"""The data set's own word for a channel or a segment that nobody recorded."""


class ReservationStatus(StrEnum):
    """How a booking ended."""

    CHECK_OUT = "check_out"
    CANCELED = "canceled"
    NO_SHOW = "no_show"


class Deposit(StrEnum):
    """What the guest paid beforehand: nothing, the whole stay without refund, or a part that is given back."""

    NONE = "none"
    NON_REFUND = "non_refund"
    REFUNDABLE = "refundable"


class Oddity(StrEnum):
    """A kind of oddity; the module says what becomes of each. The first five are `crdt_pms.hotel.odd_terms`'."""

    DAY_USE = "day_use"
    RATE_ZERO = "rate_zero"
    RATE_NEGATIVE = "rate_negative"
    NO_ADULTS = "no_adults"
    NO_GUESTS = "no_guests"
    CHILDREN_UNKNOWN = "children_unknown"
    SOURCE_UNKNOWN = "source_unknown"
    PARTY_LARGE = "party_large"
    LEFT_EARLY = "left_early"
    STATUS_DATE_ODD = "status_date_odd"
    SAME_AS_ANOTHER = "same_as_another"

    @property
    def needs_reason(self) -> bool:
        """Whether the desk takes a booking of this kind only from somebody who says why."""
        return self in _NEED_REASON


_NEED_REASON = frozenset({Oddity.RATE_NEGATIVE, Oddity.NO_ADULTS, Oddity.NO_GUESTS})


@dataclass(frozen=True, slots=True)
class Booking:
    """One booking with everything that became of it. Dates are ISO text; `rate_minor` is whole yen a night.

    `booking_id` is unique within a workload. `nights` are the nights as booked; 0 is day use. `room_type_booked` is
    what was sold, `room_type_assigned` what the desk gave. `lead_days` lie between the making of the booking and its
    arrival. `status_date` is the date of the status as the data states it; `ended_on` is the one to act on. `changes`
    counts amendments between the making and the end. `channel` and `segment` are the data set's words. `oddities`
    are in the order of `Oddity`.
    """

    booking_id: str
    hotel: HotelName
    arrival: str
    nights: int
    adults: int
    children: int
    babies: int
    room_type_booked: str
    room_type_assigned: str
    rate_minor: int
    channel: str
    segment: str
    lead_days: int
    reservation_status: ReservationStatus
    status_date: str
    changes: int
    special_requests: int
    is_repeated: bool
    deposit: Deposit
    oddities: tuple[Oddity, ...] = ()

    @property
    def is_canceled(self) -> bool:
        """Whether the booking was cancelled before it arrived. A no-show was not (the data's own flag counts it)."""
        return self.reservation_status is ReservationStatus.CANCELED

    @property
    def created(self) -> str:
        """The ISO date on which the booking was made."""
        return days_after(self.arrival, -self.lead_days)

    @property
    def departure(self) -> str:
        """The ISO date on which the stay leaves as booked."""
        return departure_date(self.arrival, self.nights)

    @property
    def ended_on(self) -> str:
        """The ISO date of check-out, cancellation or no-show: the status date, moved to the nearest possible one."""
        first, last = _end_bounds(self)
        return min(max(self.status_date, first), last)

    @property
    def nights_held(self) -> int:
        """For how many nights from the arrival the house keeps a room.

        None for a cancelled booking; the first one for a no-show, whose room is free again after the night audit.
        """
        if self.is_canceled:
            return 0
        return min(self.nights, 1) if self.reservation_status is ReservationStatus.NO_SHOW else self.nights

    @property
    def needs_reason(self) -> bool:
        """Whether the desk must say why it takes these terms."""
        return any(oddity.needs_reason for oddity in self.oddities)


def hotel_named(text: str) -> HotelName:
    """The hotel of that name. Raises `ValueError` for any but `city` and `resort`."""
    if text not in HOTELS:
        raise ValueError(f"there is no hotel {text!r}: choose one of {', '.join(HOTELS)}")
    return cast("HotelName", text)


def yen_of(euros: Decimal) -> int:
    """A euro rate in whole yen at `JPY_PER_EUR`, halves away from 0."""
    return int((euros * JPY_PER_EUR).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def with_oddities(booking: Booking, also: Iterable[Oddity] = ()) -> Booking:
    """The booking with everything that is odd about it, `also` included. Equality with others is `Intake`'s to see."""
    terms = odd_terms(booking.nights, booking.rate_minor, booking.adults, booking.children)
    found = {*also, *(Oddity(one.value) for one in terms)}
    if booking.adults + booking.children + booking.babies > PARTY_USUAL_MAX:
        found.add(Oddity.PARTY_LARGE)
    if UNKNOWN_SOURCE in (booking.channel, booking.segment):
        found.add(Oddity.SOURCE_UNKNOWN)
    if booking.ended_on != booking.status_date:
        found.add(Oddity.STATUS_DATE_ODD)
    elif booking.reservation_status is ReservationStatus.CHECK_OUT and booking.ended_on < booking.departure:
        found.add(Oddity.LEFT_EARLY)
    return replace(booking, oddities=tuple(oddity for oddity in Oddity if oddity in found)) if found else booking


def _end_bounds(booking: Booking) -> tuple[str, str]:
    match booking.reservation_status:
        case ReservationStatus.CHECK_OUT:
            return booking.arrival, booking.departure
        case ReservationStatus.CANCELED:
            return booking.created, booking.arrival
        case ReservationStatus.NO_SHOW:
            return booking.arrival, booking.arrival
