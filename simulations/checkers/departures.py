"""Law 9, of rooms that guests leave: whoever checks a guest out, moves one or takes a check-in back reports the room dirty.

Where two guests have one room, only the departure of the one whose room it is does so: such rooms are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from simulations.checkers.bookings import double_bookings
from simulations.checkers.documents import BOARD
from simulations.checkers.evidence import Evidence
from simulations.checkers.grammar import OCCUPANCY, ROOM, TERMS, Value
from simulations.checkers.steps import Step, steps
from simulations.checkers.violation import Dot, Violation, limited
from simulations.checkers.yjs import written_values

LAW: Final = 9
DIRTY: Final = ("hk_condition", "dirty")

Reports = Mapping[Dot, Sequence[tuple[str, str, str]]]
"""What each entry wrote on the board: room, field, value."""


def check(evidence: Evidence) -> Iterator[Violation]:
    """Every room that a guest left and that nobody reported dirty."""
    yield from limited(_wrong(evidence))


def _wrong(evidence: Evidence) -> Iterator[Violation]:
    reports = _reports(evidence)
    for step in steps(evidence):
        event = step.event
        rooms = list(_left(step))
        if not rooms:
            continue
        dirty = {room for dot in event.dots for room, *said in reports.get(dot, ()) if tuple(said) == DIRTY}
        for room in rooms:
            if room not in dirty:
                told = f"{event.node}: at {evidence.moment(event.at_ms)} {event.staff} did {event.action}"
                yield Violation(LAW, event.node, f"{told} and left room {room} without a word of its being dirty")


def _reports(evidence: Evidence) -> Reports:
    entries = evidence.catalogue.entries(evidence.reference)
    return written_values((entry.dot, entry.content) for entry in entries if BOARD in entry.header.documents)


def _left(step: Step) -> Iterator[str]:
    """The rooms that guests in house are no longer in, but for those that two of them had."""
    for stay, value in step.written(OCCUPANCY).items():
        before = step.screen.shown(OCCUPANCY, stay)
        if before is None or before["status"] != "in_house" or before["room"] is None or not step.is_whole(stay):
            continue
        is_here = value["status"] == "in_house" and value["room"] == before["room"]
        room = str(before["room"])
        if not is_here and _is_in_use(step, room) and room not in _rooms_taken_twice(step, room):
            yield room


def _is_in_use(step: Step, room: str) -> bool:
    """Whether the hotel has that room: of one that was retired nobody is told that it is dirty."""
    definition = step.screen.shown(ROOM, room)
    return definition is None or bool(definition["active"])


def _rooms_taken_twice(step: Step, room: str) -> set[str]:
    shown = ((stay, step.screen.shown(OCCUPANCY, stay)) for stay in step.screen.rows(OCCUPANCY))
    there = {stay: one for stay, one in shown if one is not None and one["room"] == room}
    terms = {stay: one for stay in there if (one := step.screen.shown(TERMS, stay)) is not None}
    return {pair.room for pair in double_bookings(there, cast("Mapping[str, Value]", terms), step.business_date)}
