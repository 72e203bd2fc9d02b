"""Which stays hold one room on one night, the naive way: every stay marks each of its nights.

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
    """One stay's hold on one room."""

    stay: str
    room: str
    in_house: bool
    nights: frozenset[date]


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
    cells: dict[tuple[str, date], list[Holding]] = {}
    staying: dict[str, list[Holding]] = {}
    for stay, occupancy in occupancies.items():
        holding = holding_of(stay, occupancy, terms.get(stay), today)
        if holding is None:
            continue
        for night in holding.nights:
            cells.setdefault((holding.room, night), []).append(holding)
        if holding.in_house:
            staying.setdefault(holding.room, []).append(holding)
    pairs = {pair for together in (*cells.values(), *staying.values()) for pair in _pairs(together)}
    return {_booking(one, another, today) for one, another in pairs}


def holding_of(stay: str, occupancy: Value, terms: Value | None, today: date) -> Holding | None:
    """The hold of a stay on its room; None for one that holds none."""
    status, room = occupancy["status"], occupancy["room"]
    if terms is None or not room or status not in ("in_house", "reserved"):
        return None
    arrival = date.fromisoformat(str(terms["arrival"]))
    length = max(cast("int", terms["nights"]), 1)
    if status == "in_house":
        length = max(length, (today - arrival).days)
    nights = frozenset(arrival + timedelta(days) for days in range(length))
    return Holding(stay, str(room), status == "in_house", nights)


def _pairs(together: list[Holding]) -> list[tuple[Holding, Holding]]:
    in_order = sorted(together, key=lambda holding: holding.stay)
    return list(combinations(in_order, 2))


def _booking(one: Holding, another: Holding, today: date) -> DoubleBooking:
    shared = one.nights & another.nights
    if not shared:
        # Both are in house on different nights of paper: they meet tonight.
        later = max(min(one.nights), min(another.nights))
        shared = {max(today, later)}
    until = max(shared) + timedelta(1)
    return DoubleBooking(one.room, one.stay, another.stay, min(shared).isoformat(), until.isoformat())
