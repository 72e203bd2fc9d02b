"""What the staff of a hotel know beside their screens: the bookings that callers make, forms left open, slips of paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count
from typing import Final, Generic, TypeVar

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.actions.folio import PostPayment, SettleFolio
from crdt_pms.desk.actions.reservations import CreateStay
from crdt_pms.hotel.nights import days_after
from simulations.workloads.booking import Booking

FORMS_MAX: Final = 400
TEXTS_MAX: Final = 200
SLIPS_MAX: Final = 6
STAYS_MAX: Final = 24
DESKS_MAX: Final = 64
NEAR_DAYS: Final = 3

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Kept(Generic[_Key, _Value]):
    """The newest few of what somebody keeps; the oldest is lost first."""

    def __init__(self, items_max: int) -> None:
        self._items: dict[_Key, _Value] = {}
        self._items_max = items_max

    def keep(self, key: _Key, value: _Value) -> None:
        """Keep a value, in place of the one under that key if any."""
        self._items.pop(key, None)
        while len(self._items) >= self._items_max:
            self._items.pop(next(iter(self._items)))
        self._items[key] = value

    def get(self, key: _Key) -> _Value | None:
        """The value under that key, or None."""
        return self._items.get(key)

    def take(self, key: _Key) -> _Value | None:
        """The value under that key, which is kept no longer; or None."""
        return self._items.pop(key, None)

    @property
    def keys(self) -> Sequence[_Key]:
        """The keys of everything kept, the oldest first."""
        return tuple(self._items)

    @property
    def values(self) -> Sequence[_Value]:
        """Everything kept, the oldest first."""
        return tuple(self._items.values())


class Memory:
    """Shared by all desks of one hotel: people carry slips of paper from one desk to the next.

    Forms and texts belong to the desk that shows them, under (desk, kind, row) and (desk, document). So do the form that
    was sent last and the one that was filled in and put aside, under the desk.
    """

    def __init__(self, bookings: Iterable[Booking]) -> None:
        self._waiting = sorted(bookings, key=lambda booking: (booking.arrival, booking.booking_id))
        self._made = tuple(self._waiting)
        self._rounds = 0
        self._numbers = count(1)
        self.forms: Kept[tuple[str, str, str], str] = Kept(FORMS_MAX)
        self.texts: Kept[tuple[str, str], str] = Kept(TEXTS_MAX)
        self.done: Kept[str, Action] = Kept(DESKS_MAX)
        self.put_aside: Kept[str, Action] = Kept(DESKS_MAX)
        self.created: Kept[str, CreateStay] = Kept(SLIPS_MAX)
        self.stays: Kept[str, None] = Kept(STAYS_MAX)
        """Stays that somebody did something about: a guest who has left, and comes back, is remembered."""
        self.paid: Kept[str, PostPayment | SettleFolio] = Kept(SLIPS_MAX)

    def next_number(self) -> int:
        """A number that was never given before, at any desk."""
        return next(self._numbers)

    def next_booking(self, today: str, place: float) -> Booking | None:
        """A booking that nobody has taken yet, with an arrival near the business date; None without any bookings.

        `place` in [0, 1) chooses among those near. What arrived in the past unnoticed, or arrives far in the future, is
        booked for today or the next days instead: a hotel's work is with the days at hand. When all have been taken they
        come again as new bookings of their own id.
        """
        if not self._made:
            return None
        if not self._waiting:
            self._rounds += 1
            self._waiting = [
                replace(booking, booking_id=f"{booking.booking_id}-again-{self._rounds}") for booking in self._made
            ]
        last = days_after(today, NEAR_DAYS)
        near = [at for at, booking in enumerate(self._waiting) if today <= booking.arrival <= last]
        if near:
            return self._waiting.pop(near[int(place * len(near))])
        booking = self._waiting.pop(0)
        return replace(booking, arrival=days_after(today, int(place * (NEAR_DAYS + 1))))
