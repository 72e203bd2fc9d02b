"""Law 7, of screens: which of two stays is shown in a room, and whether a room that is proposed for the other is really free.

Of stays that hold one room together those keep it, one after the other, that collide with none that keeps it already: guests in
house first, by arrival, then bookings, the one that was given the room first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final, cast

from simulations.checkers.bookings import double_bookings, holding_of
from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import DAY, OCCUPANCY, TERMS, Value
from simulations.checkers.history import Lodged
from simulations.checkers.possession import advance
from simulations.checkers.registers import fold_register
from simulations.checkers.screens import Screen, Screens
from simulations.checkers.violation import Violation, limited

LAW: Final = 7
_NO_ARRIVAL: Final = 2**63


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every stay that is shown in another room than its own, and every proposed room that somebody else has."""
    yield from limited(_wrong(evidence))


def _wrong(evidence: Evidence) -> Iterator[Violation]:
    screens = Screens(evidence)
    left: dict[bytes, int] = {}
    advance(left, sorted(evidence.held[evidence.reference.name]))
    for event in evidence.history:
        screens.follow(event)
        # What nobody is left with cannot be judged.
        if not isinstance(event, Lodged) or any(seq > left.get(journal, 0) for journal, seq in event.vector.items()):
            continue
        lodging = _Lodging(screens.of(event.node), evidence.property_facts.opening_date)
        told = f"{event.node}: at {evidence.moment(event.at_ms)}"
        for stay, room in event.rooms.items():
            if room != (own := lodging.room_of(stay)):
                yield Violation(LAW, event.node, f"{told} {stay} was shown in room {room}; it is in {own}")
        for stay, room in event.proposals:
            if (other := lodging.in_the_way(stay, room)) is not None:
                yield Violation(LAW, event.node, f"{told} room {room} was proposed for {stay}, which {other} has")


class _Lodging:
    """Who has which room on one screen."""

    def __init__(self, screen: Screen, opening_date: str) -> None:
        self._screen = screen
        self._occupancies = _shown(screen, OCCUPANCY)
        self._terms = _shown(screen, TERMS)
        self._today = max((str(value["date"]) for value in _shown(screen, DAY).values()), default=opening_date)
        self._displaced = self._displaced_stays()

    def room_of(self, stay: str) -> str | None:
        """The room in which a stay is to be shown; None for one without a room, and for one that lost it."""
        room = self._occupancies[stay]["room"]
        return None if stay in self._displaced or not room else str(room)

    def in_the_way(self, stay: str, room: str) -> str | None:
        """A stay that has the room on a night for which the given one needs it; None when it is free."""
        terms, is_here = self._terms[stay], self._occupancies[stay]["status"] == "in_house"
        arrival, today = date.fromisoformat(str(terms["arrival"])), date.fromisoformat(self._today)
        first = max(arrival, today) if is_here else arrival
        until = max(arrival + timedelta(max(cast("int", terms["nights"]), 1)), first + timedelta(1))
        for other, occupancy in self._occupancies.items():
            holding = holding_of(other, occupancy, self._terms.get(other), today)
            if holding is None or holding.room != room:
                continue
            if other == stay or holding.is_on(first, until) or (is_here and holding.in_house):
                return other
        return None

    def _displaced_stays(self) -> set[str]:
        rivals: dict[str, set[str]] = {}
        for pair in double_bookings(self._occupancies, self._terms, self._today):
            rivals.setdefault(pair.first_stay, set()).add(pair.second_stay)
            rivals.setdefault(pair.second_stay, set()).add(pair.first_stay)
        keeping: set[str] = set()
        for stay in sorted(rivals, key=self._precedence):
            if not rivals[stay] & keeping:
                keeping.add(stay)
        return rivals.keys() - keeping

    def _precedence(self, stay: str) -> tuple[object, ...]:
        occupancy = self._occupancies[stay]
        register = fold_register(OCCUPANCY, stay, self._screen.standing(OCCUPANCY, stay))
        written = register.first_shown
        assert written is not None, "an occupancy shows what an author wrote"
        if occupancy["status"] == "in_house":
            arrived = occupancy["arrived_at"]
            return (0, _NO_ARRIVAL if arrived is None else arrived, 0, written.dot)
        return (1, *written.stamp, written.dot)


def _shown(screen: Screen, group: str) -> Mapping[str, Value]:
    shown = ((row, screen.shown(group, row)) for row in screen.rows(group))
    return {row: value for row, value in shown if value is not None}
