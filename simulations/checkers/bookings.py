"""Which stays hold one room on one night, the naive way: every two stays of a room are compared.

A stay holds a room when it is in house, or reserved with a room, and its terms are known. It holds the nights
`[arrival, arrival + nights)`, day use its date; a guest in house who has outstayed the terms also holds every night before the
business date. Two guests in house stand in one room now, whatever their terms say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import combinations
from typing import NamedTuple, cast

from simulations.checkers.grammar import Value


class Holding(NamedTuple):
    """One stay's hold on one room, from the night of `first` to before that of `until`."""

    stay: str
    room: str
    in_house: bool
    first: date
    until: date

    def is_on(self, first: date, until: date) -> bool:
        """Whether it holds one of those nights."""
        return max(self.first, first) < min(self.until, until)


class DoubleBooking(NamedTuple):
    """Two stays, the lower id first, that hold one room together from one date to before another."""

    room: str
    first_stay: str
    second_stay: str
    from_date: str
    until_date: str


def double_bookings(
    occupancies: Mapping[str, Value], terms: Mapping[str, Value], business_date: str
) -> set[DoubleBooking]:
    """Every pair of stays that hold one room on one night at least."""
    today = date.fromisoformat(business_date)
    in_room: dict[str, list[Holding]] = {}
    for stay, occupancy in sorted(occupancies.items()):
        holding = holding_of(stay, occupancy, terms.get(stay), today)
        if holding is not None:
            in_room.setdefault(holding.room, []).append(holding)
    pairs = (pair for together in in_room.values() for pair in combinations(together, 2))
    return {_booking(one, other, today) for one, other in pairs if _meet(one, other)}


def holding_of(stay: str, occupancy: Value, terms: Value | None, today: date) -> Holding | None:
    """The hold of a stay on its room; None for one that holds none."""
    status, room = occupancy["status"], occupancy["room"]
    if terms is None or not room or status not in ("in_house", "reserved"):
        return None
    arrival = date.fromisoformat(str(terms["arrival"]))
    length = max(cast("int", terms["nights"]), 1)
    if status == "in_house":
        length = max(length, (today - arrival).days)
    return Holding(stay, str(room), status == "in_house", arrival, arrival + timedelta(length))


def _meet(one: Holding, other: Holding) -> bool:
    return one.is_on(other.first, other.until) or (one.in_house and other.in_house)


def _booking(one: Holding, other: Holding, today: date) -> DoubleBooking:
    first, until = max(one.first, other.first), min(one.until, other.until)
    if first >= until:
        # Both are in house on different nights of paper: they meet tonight.
        first = max(today, first)
        until = first + timedelta(1)
    return DoubleBooking(one.room, one.stay, other.stay, first.isoformat(), until.isoformat())
