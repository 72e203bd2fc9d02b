"""Guards judge the author: what a person does raises no alert among what that person's desk shows.

An alert comes about where two people did not know of each other. Where one desk shows everything that an alert is about, and an
action there makes it stand, a guard has failed:

| an action | leaves, at its own desk |
|---|---|
| writes a stay's occupancy or terms | no two stays more in one room |
| takes a payment | no folio overpaid |
| reverses a posting | no more reversed than was posted |
| posts | nothing in a closed folio |
| checks a guest out, without a note | no open balance |
| gives a stay a room | none that was retired |
| retires a room | none that a stay has |
| does anything | no member of staff who has left |

What a person chose among conflicting values, and what the calendar brings about, is not guarded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, cast

from simulations.checkers.bookings import DoubleBooking, double_bookings
from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import DAY, DECISION, OCCUPANCY, POSTING, ROOM, STAFF, TERMS, WINDOW, Value
from simulations.checkers.history import Acted
from simulations.checkers.screens import Placed, Screen, Screens
from simulations.checkers.violation import Violation, limited

OF_BOOKINGS: Final = 7
OF_MONEY: Final = 8
OF_RIGHTS: Final = 14
OPEN: Final = "open"
CHECKED_OUT: Final = "checked_out"


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every alert that an action raised in its author's own view."""
    yield from limited(_raised(evidence))


def _raised(evidence: Evidence) -> Iterator[Violation]:
    screens = Screens(evidence)
    opening_date = evidence.property_facts.opening_date
    for event in evidence.history:
        placed: Sequence[Placed] = ()
        if isinstance(event, Acted) and not event.is_of_older:
            placed = [one for dot in event.dots for one in screens.writes.get(dot, ())]
        if not placed or any(one.written.resolution or one.key[0] in (DAY, DECISION) for one in placed):
            screens.follow(event)
            continue
        assert isinstance(event, Acted), "only an action writes"
        gone = screens.of(event.node).shown(STAFF, event.staff)
        step = _Step(placed, screens.of(event.node), opening_date)
        screens.follow(event)
        if _says(gone, "active") is False:
            words = f"{event.node}: at {evidence.moment(event.at_ms)} {_who(event)}, who had left as that screen showed"
            yield Violation(OF_RIGHTS, event.node, words)
        told = f"{event.node}: at {evidence.moment(event.at_ms)} {_who(event)}, on a screen that showed all of it,"
        for law, words in step.raised():
            yield Violation(law, event.node, f"{told} and {words}")


def _who(event: object) -> str:
    assert isinstance(event, Acted), "only an action writes"
    return f"{event.staff} did {event.action}"


class _Step:
    """One action at one desk: made before it happens, asked afterwards."""

    def __init__(self, placed: Sequence[Placed], screen: Screen, opening_date: str) -> None:
        self._placed = placed
        self._screen = screen
        self._opening_date = opening_date
        self._stays = {one.key[1] for one in placed if one.key[0] in (OCCUPANCY, TERMS)}
        self._rooms = {stay: _says(screen.shown(OCCUPANCY, stay), "room") for stay in self._stays}
        self._departed = {stay for stay in self._stays if _says(screen.shown(OCCUPANCY, stay), "status") == CHECKED_OUT}
        self._collided = self._collisions()
        self._closed = {row for row in screen.rows(WINDOW) if _says(screen.shown(WINDOW, row), "status") != OPEN}
        self._posted = set(screen.rows(POSTING))

    def raised(self) -> Iterator[tuple[int, str]]:
        """The alerts that stand by now and did not before, each with its law."""
        yield from ((OF_BOOKINGS, words) for words in (*self._double_booked(), *self._retired()))
        for one in self._placed:
            group, row = one.key
            if group == POSTING and row not in self._posted:
                yield from ((OF_MONEY, words) for words in self._of_posting(row, one.written.value))
            elif group == OCCUPANCY and self._checks_out(row, one.written.value):
                yield from ((OF_MONEY, words) for words in self._left_owing(row))

    def _checks_out(self, stay: str, written: Value) -> bool:
        """Whether that lets somebody leave, and gives no reason: to keep what is shown of a guest who has left does not."""
        return written["status"] == CHECKED_OUT and not written["note"] and stay not in self._departed

    def _double_booked(self) -> Iterator[str]:
        """A stay that lost its room to another is in nobody's way."""
        displaced = {stay for pair in self._collided for stay in (pair.first_stay, pair.second_stay)}
        for pair in sorted(self._collisions() - self._collided):
            if self._stays & {pair.first_stay, pair.second_stay} and not displaced & {
                pair.first_stay,
                pair.second_stay,
            }:
                yield f"put {pair.first_stay} and {pair.second_stay} into room {pair.room} from {pair.from_date}"

    def _retired(self) -> Iterator[str]:
        """Stays that were put into rooms that are none any more, and rooms that were retired under their stays."""
        for one in self._placed:
            group, row = one.key
            room = one.written.value.get("room") if group == OCCUPANCY else None
            if room and room != self._rooms[row] and _says(self._screen.shown(ROOM, str(room)), "active") is False:
                yield f"put {row} into room {room}, which was retired"
            if group == ROOM and one.written.value["active"] is False:
                yield from (f"retired room {row}, which {stay} has" for stay in self._stays_in(row))

    def _stays_in(self, room: str) -> Iterator[str]:
        for stay in self._screen.rows(OCCUPANCY):
            shown = self._screen.shown(OCCUPANCY, stay)
            # A stay of which nothing else is known holds no room: it has an alert of its own.
            is_known = self._screen.shown(TERMS, stay) is not None
            if is_known and _says(shown, "room") == room and _says(shown, "status") == "in_house":
                yield stay

    def _collisions(self) -> set[DoubleBooking]:
        if not self._stays:
            return set()
        screen = self._screen
        occupancies = {stay: shown for stay in screen.rows(OCCUPANCY) if (shown := screen.shown(OCCUPANCY, stay))}
        rooms = {_says(occupancies.get(stay), "room") for stay in self._stays} | {
            one.written.value["room"] for one in self._placed if one.key[0] == OCCUPANCY
        }
        there = {stay: shown for stay, shown in occupancies.items() if shown["room"] in rooms}
        terms = {stay: shown for stay in there if (shown := screen.shown(TERMS, stay))}
        dates = [str(shown["date"]) for row in screen.rows(DAY) if (shown := screen.shown(DAY, row))]
        return double_bookings(there, terms, max(dates, default=self._opening_date))

    def _of_posting(self, row: str, posting: Value) -> Iterator[str]:
        folio = str(posting["folio"])
        if folio in self._closed and not any(one.key == (WINDOW, folio) for one in self._placed):
            yield f"posted {row} to the closed folio {folio}"
        if posting["kind"] == "payment" and (balance := self._sum("folio", folio)) < 0:
            yield f"took the payment {row}, which leaves {balance} on the folio {folio}"
        original = str(posting["reverses"])
        if posting["kind"] == "reversal":
            content = self._screen.shown(POSTING, original)
            amount = 0 if content is None else cast("int", content["amount_minor"])
            left = amount + self._sum("reverses", original)
            if not min(amount, 0) <= left <= max(amount, 0):
                yield f"reversed {original} by {row}, which leaves {left} of {amount}"

    def _left_owing(self, stay: str) -> Iterator[str]:
        if _says(self._screen.shown(OCCUPANCY, stay), "status") == CHECKED_OUT and (balance := self._sum("stay", stay)):
            yield f"checked {stay} out without a note, {balance} being open"

    def _sum(self, column: str, value: str) -> int:
        """What all shown postings add up to that say this."""
        shown = (self._screen.shown(POSTING, row) for row in self._screen.rows(POSTING))
        return sum(cast("int", one["amount_minor"]) for one in shown if one is not None and one[column] == value)


def _says(value: Value | None, field: str) -> object:
    return None if value is None else value[field]
