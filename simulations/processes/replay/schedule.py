"""What happens on which day and hour, and where: drawn once from the bookings and a seed, before anything runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from simulations.workloads.booking import Booking, ReservationStatus
from simulations.workloads.bookings_read import BookingsRead

HOURS: Final = range(8, 23)
AUDIT_HOUR: Final = 23
HOUSEKEEPING_HOURS: Final = (9, 13, 17)
MATTERS_HOURS: Final = (12, 17, 22)
"""When the manager looks at conflicts and alerts."""


class Kind(StrEnum):
    """What can happen. The first three come from the booking engine, the others to a desk."""

    BOOK = "book"
    AMEND = "amend"
    CANCEL = "cancel"
    ASSIGN = "assign"
    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"
    MOVE = "move"
    CHARGE = "charge"
    DEPOSIT = "deposit"
    NOTE = "note"
    HOUSEKEEPING = "housekeeping"
    SHIFT_LOG = "shift_log"


ORIGIN_KINDS: Final = frozenset({Kind.BOOK, Kind.AMEND, Kind.CANCEL})


class Pair(StrEnum):
    """One thing done at two places while they are cut apart."""

    TERMS_AMENDED_TWICE = "terms_amended_twice"
    ROOM_GIVEN_TWICE = "room_given_twice"
    FOLIO_SETTLED_TWICE = "folio_settled_twice"
    ROOM_CLEAN_AND_DIRTY = "room_clean_and_dirty"
    NOTE_EDITED_TWICE = "note_edited_twice"
    CANCELLED_WHILE_CHECKING_IN = "cancelled_while_checking_in"


PAIR_HOURS: Final = {
    10: Pair.TERMS_AMENDED_TWICE,
    12: Pair.ROOM_CLEAN_AND_DIRTY,
    14: Pair.CANCELLED_WHILE_CHECKING_IN,
    15: Pair.ROOM_GIVEN_TWICE,
    18: Pair.FOLIO_SETTLED_TWICE,
    20: Pair.NOTE_EDITED_TWICE,
}
"""Each kind has its hour: guests arrive in the afternoon, folios have something on them in the evening."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens at an hour. `desk` counts from 0; events of the booking engine have none. `number` tells
    repeats of one kind for one booking apart."""

    hour: int
    kind: Kind
    booking: Booking | None
    desk: int | None = None
    number: int = 0
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """One day's events in the order of their hours, and which pairs fall on it."""

    date: date
    events: tuple[Event, ...]
    pairs: tuple[tuple[int, Pair], ...]

    def at(self, hour: int) -> list[Event]:
        """The events of one hour."""
        return [event for event in self.events if event.hour == hour]


@dataclass(slots=True)
class Schedule:
    """Everything that a replay will try. `before` are the booking engine's events from before the first day."""

    before: list[Event] = field(default_factory=list[Event])
    days: list[Day] = field(default_factory=list[Day])


def draw_schedule(read: BookingsRead, desks: int, seed: int, pair_share: float) -> Schedule:
    """Draw the whole schedule. `pair_share` is how likely each kind of pair is on each day."""
    random = Random(f"schedule/{seed}")
    schedule = Schedule()
    by_day: dict[date, list[Event]] = {}
    for booking in [*read.in_house_at_start, *read.due_out_at_start]:
        _put(by_day, read, _departure(booking, random, desks))
        _extras(by_day, read, booking, random, desks)
    for booking in read.bookings:
        for on, event in _life(booking, random, desks):
            if on < read.first:
                schedule.before.append(event)
            elif on <= read.last:
                by_day.setdefault(on, []).append(event)
        _extras(by_day, read, booking, random, desks)
    day = read.first
    while day <= read.last:
        events = [*by_day.get(day, []), *_routine(desks)]
        pairs = tuple((hour, pair) for hour, pair in PAIR_HOURS.items() if desks > 1 and random.random() < pair_share)
        schedule.days.append(Day(day, tuple(sorted(events, key=lambda event: event.hour)), pairs))
        day += timedelta(days=1)
    return schedule


_Dated = tuple[date, Event]


def _put(by_day: dict[date, list[Event]], read: BookingsRead, dated: Iterable[_Dated]) -> None:
    for on, event in dated:
        if read.first <= on <= read.last:
            by_day.setdefault(on, []).append(event)


def _life(booking: Booking, random: Random, desks: int) -> Iterator[_Dated]:
    """From the making of a booking to its end, in order."""
    created, arrival = date.fromisoformat(booking.created), date.fromisoformat(booking.arrival)
    ended = date.fromisoformat(booking.ended_on)
    booked_at = random.randint(8, 11)
    yield created, Event(booked_at, Kind.BOOK, booking)
    until = min(arrival, ended)
    for number in range(booking.changes):
        on = created + timedelta(days=random.randint(0, (until - created).days))
        yield (
            on,
            Event(
                random.randint(booked_at + 1, 12) if on == created else random.randint(8, 12),
                Kind.AMEND,
                booking,
                number=number,
            ),
        )
    if booking.reservation_status is ReservationStatus.CANCELED:
        yield ended, Event(13, Kind.CANCEL, booking)
    if booking.reservation_status is not ReservationStatus.CHECK_OUT:
        return
    if random.random() < 0.3:
        yield arrival, Event(12, Kind.ASSIGN, booking, random.randrange(desks))
    # Whoever leaves on the day of arrival comes in the morning.
    hour = 13 if ended == arrival else random.choices(range(14, 22), weights=(4, 6, 7, 7, 6, 5, 3, 2))[0]
    yield arrival, Event(hour, Kind.CHECK_IN, booking, random.randrange(desks))
    if random.random() < 0.1:
        yield arrival, Event(min(hour + 1, 22), Kind.DEPOSIT, booking, random.randrange(desks))
    yield from _departure(booking, random, desks)


def _departure(booking: Booking, random: Random, desks: int) -> Iterator[_Dated]:
    hour = 19 if booking.ended_on == booking.arrival else random.choices(range(8, 12), weights=(2, 4, 5, 3))[0]
    yield date.fromisoformat(booking.ended_on), Event(hour, Kind.CHECK_OUT, booking, random.randrange(desks))


def _extras(by_day: dict[date, list[Event]], read: BookingsRead, booking: Booking, random: Random, desks: int) -> None:
    """What guests in house ask for between arrival and departure."""
    if booking.reservation_status is not ReservationStatus.CHECK_OUT:
        return
    day, ended = max(date.fromisoformat(booking.arrival), read.first), date.fromisoformat(booking.ended_on)
    number = 0
    while day < min(ended, read.last + timedelta(days=1)):
        for kind, likely in ((Kind.CHARGE, 0.35), (Kind.NOTE, 0.06), (Kind.MOVE, 0.015)):
            if random.random() < likely:
                # After the latest hour of arrival.
                event = Event(
                    22 if day.isoformat() == booking.arrival else random.randint(13, 22),
                    kind,
                    booking,
                    random.randrange(desks),
                    number,
                )
                by_day.setdefault(day, []).append(event)
                number += 1
        day += timedelta(days=1)


def _routine(desks: int) -> Iterator[Event]:
    for desk in range(desks):
        for hour in HOUSEKEEPING_HOURS:
            yield Event(hour, Kind.HOUSEKEEPING, None, desk)
        yield Event(8 if desk % 2 else 22, Kind.SHIFT_LOG, None, desk)
