"""Generates the bookings of a hotel from a seed, in the shape of the real ones.

What comes at once is a request: one booking, or the equal bookings of a group. Requests fall on the days of arrival
by month and weekday; whether they will be cancelled is drawn first, because lead time, source, deposit, amendments
and group size differ most by that. A house is never sold beyond its rooms: a request for a full house never becomes
a booking.

Nothing here iterates over a set or asks `hash()`, and of the randomness only `random()` is used, whose sequence
Python promises to keep: one seed gives the same bookings in every process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from crdt_pms.hotel.nights import days_after, nights_of
from crdt_pms.hotel.rooms import RoomPlan
from simulations.workloads.booking import (
    Booking,
    Deposit,
    HotelName,
    Oddity,
    ReservationStatus,
    hotel_named,
    with_oddities,
    yen_of,
)
from simulations.workloads.bookings_read import BookingsRead, Intake
from simulations.workloads.draws import Table, between, happens, poisson
from simulations.workloads.figures import RATE_NEGATIVE_SHARE, SHAPES
from simulations.workloads.shape import EndShape, HotelShape, Shares

WARM_UP_DAYS = 35
"""The house fills before the first day: longer than any stay in the tables of nights."""

GROUP_ROOMS_SHARE_MAX = 0.4
"""No group asks for more of a house than this: a small house has no groups of a hundred."""

RATE_STEP_EUR = Decimal("0.01")


def generate_bookings(random: Random, hotel: HotelName, first: date, last: date, rooms: RoomPlan) -> BookingsRead:
    """The bookings of a hotel with these rooms that arrive from `first` to `last`, and who is in house at `first`.

    Arrivals are those of the real hotel in proportion to the rooms. Only the room types of the plan are booked and
    assigned, and on no night more rooms of a type are assigned to bookings that come than the plan has. Advances
    `random`. `rows_read` counts the bookings made, those of the days before `first` included. Raises `ValueError` for
    an unknown hotel, dates in the wrong order, or a plan without rooms.
    """
    intake = Intake(hotel_named(hotel), first, last)
    if not len(rooms):
        raise ValueError("give a plan with at least one room")
    desk = _Desk(random, SHAPES[hotel], rooms)
    for day in range(-WARM_UP_DAYS, (last - first).days + 1):
        for booking in desk.arrivals_of(first + timedelta(days=day)):
            intake.take(booking)
    return intake.finished()


class _Desk:
    """Makes the bookings of one hotel, day of arrival by day of arrival."""

    def __init__(self, random: Random, shape: HotelShape, rooms: RoomPlan) -> None:
        self._random = random
        self._shape = shape
        self._house = _House(rooms)
        self._made = 0
        self._scale = len(rooms) / shape.rooms
        self._ends = (
            _End(shape.kept, 1 - shape.canceled_share, rooms, canceled=False),
            _End(shape.canceled, shape.canceled_share, rooms, canceled=True),
        )
        self._nights = Table(shape.nights)
        self._parties = Table(shape.parties)
        self._types = Table(_sold(shape.types_booked, rooms))
        self._types_instead = {
            booked: Table(others)
            for booked in rooms.room_types
            if (others := _other_types(shape.types_assigned.get(booked, ()), booked, rooms))
        }

    def arrivals_of(self, day: date) -> list[Booking]:
        """Everything made for one day of arrival."""
        expected = (
            self._shape.arrivals_per_day[day.month - 1] * self._shape.weekday_factors[day.weekday()] * self._scale
        )
        made: list[Booking] = []
        for end in self._ends:
            for _ in range(poisson(self._random, expected * end.share / end.group_size_mean)):
                made.extend(self._request(end, day))
        return made

    def _request(self, end: _End, day: date) -> list[Booking]:
        terms = self._terms(end, day)
        made: list[Booking] = []
        for _ in range(end.group_sizes.draw(self._random)):
            assigned = self._house.room_type_for(terms)
            if assigned is None:
                break
            self._made += 1
            booking_id = f"{terms.hotel}-g{self._made:06d}"
            made.append(replace(terms, booking_id=booking_id, room_type_assigned=assigned))
        return made

    def _terms(self, end: _End, day: date) -> Booking:
        """A booking without an id, with the room type that the guest gets if there is one free."""
        random, shape = self._random, self._shape
        booked = self._types.draw(random)
        segment, channel = end.sources.draw(random)
        adults, children, babies = self._parties.draw(random)
        nights = self._nights.draw(random)
        lead_days = round(between(random, end.shape.lead_days))
        arrival = day.isoformat()
        status, ended_on = self._ending(end, arrival, nights, lead_days)
        children_unknown = happens(random, shape.children_unknown_share)
        booking = Booking(
            booking_id="",
            hotel=shape.hotel,
            arrival=arrival,
            nights=nights,
            adults=adults,
            children=0 if children_unknown else children,
            babies=babies,
            room_type_booked=booked,
            room_type_assigned=self._assigned(end, booked),
            rate_minor=self._rate_minor(end, booked, day.month),
            channel=channel,
            segment=segment,
            lead_days=lead_days,
            reservation_status=status,
            status_date=ended_on,
            changes=end.changes.draw(random),
            special_requests=end.special_requests.draw(random),
            is_repeated=happens(random, end.shape.repeated_share),
            deposit=end.deposits.draw(random),
        )
        return with_oddities(booking, (Oddity.CHILDREN_UNKNOWN,) if children_unknown else ())

    def _ending(self, end: _End, arrival: str, nights: int, lead_days: int) -> tuple[ReservationStatus, str]:
        random, shape = self._random, self._shape
        if end.canceled:
            notice_days = round(lead_days * between(random, shape.cancel_notice))
            return ReservationStatus.CANCELED, days_after(arrival, -notice_days)
        if happens(random, shape.no_show_share / (1 - shape.canceled_share)):
            return ReservationStatus.NO_SHOW, arrival
        # Nearly all who left early in the data did so on the day of arrival.
        stayed = 0 if happens(random, shape.left_early_share) else nights
        return ReservationStatus.CHECK_OUT, days_after(arrival, stayed)

    def _assigned(self, end: _End, booked: str) -> str:
        if booked in self._types_instead and happens(self._random, end.shape.type_changed_share):
            return self._types_instead[booked].draw(self._random)
        return booked

    def _rate_minor(self, end: _End, booked: str, month: int) -> int:
        random, shape = self._random, self._shape
        relative = between(random, shape.rate_relative.get(booked, shape.rate_relative[""]))
        if happens(random, end.shape.rate_zero_share):
            return 0
        rate = Decimal(relative * shape.rate_of_month[month - 1]).quantize(RATE_STEP_EUR)
        return -yen_of(rate) if happens(random, RATE_NEGATIVE_SHARE) else yen_of(rate)


class _End:
    """The tables of bookings that end in one way."""

    def __init__(self, shape: EndShape, share: float, rooms: RoomPlan, *, canceled: bool) -> None:
        self.shape = shape
        self.share = share
        self.canceled = canceled
        most = max(1, int(len(rooms) * GROUP_ROOMS_SHARE_MAX))
        sizes = tuple((min(size, most), part) for size, part in shape.group_sizes)
        self.group_sizes = Table(sizes)
        self.group_size_mean = sum(size * part for size, part in sizes) / sum(part for _, part in sizes)
        self.sources = Table(shape.sources)
        self.changes = Table(shape.changes)
        self.special_requests = Table(shape.special_requests)
        self.deposits: Table[Deposit] = Table(shape.deposits)


class _House:
    """How many rooms of each type are held on each night."""

    def __init__(self, rooms: RoomPlan) -> None:
        self._free = {room_type: len(rooms.of_type(room_type)) for room_type in rooms.room_types}
        self._held: dict[tuple[str, str], int] = {}

    def room_type_for(self, booking: Booking) -> str | None:
        """The type in which the booking finds a room for all its nights, which are then held; None if there is none.

        The type that it was assigned, or else the next better one, or else any.
        """
        nights = nights_of(booking.arrival, booking.nights_held)
        for room_type in _from(tuple(self._free), booking.room_type_assigned):
            if all(self._held.get((room_type, night), 0) < self._free[room_type] for night in nights):
                for night in nights:
                    self._held[room_type, night] = self._held.get((room_type, night), 0) + 1
                return room_type
        return None


def _from(types: Sequence[str], begin: str) -> Sequence[str]:
    """The types from that one on, then those before it. Types are lettered from the plainest to the best."""
    at = types.index(begin)
    return (*types[at:], *types[:at])


def _sold(shares: Shares[str], rooms: RoomPlan) -> Shares[str]:
    """The shares of the types that the plan has; if it has none of them, its own types by their rooms."""
    sold = tuple((room_type, share) for room_type, share in shares if rooms.of_type(room_type))
    return sold or tuple((room_type, len(rooms.of_type(room_type)) / len(rooms)) for room_type in rooms.room_types)


def _other_types(shares: Shares[str], booked: str, rooms: RoomPlan) -> Shares[str]:
    """Where a guest who booked a type may be put instead, in this plan."""
    others = tuple(one for one in shares if rooms.of_type(one[0]))
    return others or tuple((one, 1.0) for one in rooms.room_types if one != booked)
