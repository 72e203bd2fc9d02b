"""Guards: an alert needs two people who did not know of each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from simulations.checkers.evidence import Evidence
from simulations.checkers.folding import Fold
from simulations.checkers.grammar import OCCUPANCY, POSTING, ROOM, STAFF, TERMS, WINDOW
from simulations.checkers.history import Acted, Applied, Event, Opened
from simulations.checkers.registers import Register, Written, fold_register
from simulations.checkers.violation import Dot
from tests.simulations.checkers.tampering import again, events, found, nodes_of
from tests.simulations.checkers.witnessed_run import TWIN, TWIN_ROOM

CHECKER = "guards"
DESK = "desk-1"
JOURNAL = b"of one desk".ljust(16, b"\0")
STAY, FOLIO = "stay", "window:stay"


def act_of(good: Evidence, dot: Dot) -> Acted:
    return next(event for event in events(good, Acted) if dot in event.dots)


def test_a_room_given_twice_by_somebody_who_saw_both_stays(good: Evidence) -> None:
    occupancies = good.folds[good.reference.name].registers[OCCUPANCY]
    one, two = (act_of(good, occupancies[f"{TWIN}-{number}"].writes[0].dot) for number in (1, 2))
    place = list(good.history).index(two)
    heard = Applied(two.at_ms, two.node, tuple(Dot(d.journal, s) for d in one.dots for s in range(1, d.seq + 1)), ())
    violations = found(again(good, history=[*good.history[:place], heard, *good.history[place:]]), CHECKER)
    assert nodes_of(violations) == {two.node}
    assert f"into room {TWIN_ROOM}" in violations[0].words


class Books:
    """What one desk wrote, write by write, and what it is judged for."""

    def __init__(self, good: Evidence) -> None:
        self._good = good
        self._writes: dict[tuple[str, str], list[Written]] = {}
        self._history: list[Event] = [Opened(0, DESK, {}, rewound=True)]
        self._seq = 0

    def act(self, *writes: tuple[str, str, dict[str, object]]) -> None:
        """One action, one entry."""
        self._seq += 1
        dot = Dot(JOURNAL, self._seq)
        for group, row, value in writes:
            listed = self._writes.setdefault((group, row), [])
            names = tuple(one.dot for one in listed[-1:]) if group != POSTING else ()
            listed.append(Written(dot, (self._seq, 0), "ito", "hotel-pms", value, names, None, resolution=False))  # type: ignore[arg-type]
        self._history.append(Acted(self._seq, DESK, "something", "ito", (dot,), ()))

    def judged(self) -> list[str]:
        registers: dict[str, dict[str, Register]] = {
            group: {} for group in (OCCUPANCY, TERMS, POSTING, WINDOW, ROOM, STAFF)
        }
        for (group, row), writes in self._writes.items():
            registers[group][row] = fold_register(group, row, writes)
        fold = Fold(registers, {}, {}, frozenset(), {})
        evidence = replace(self._good, folds={self._good.reference.name: fold}, history=self._history)
        return [violation.words for violation in found(evidence, CHECKER)]


def posting(amount: int, kind: str = "charge", reverses: str | None = None) -> dict[str, object]:
    return {"stay": STAY, "folio": FOLIO, "kind": kind, "amount_minor": amount, "reverses": reverses}


def left(note: str | None) -> tuple[str, str, dict[str, object]]:
    return (OCCUPANCY, STAY, {"status": "checked_out", "room": "201", "note": note})


def stands(room: str) -> tuple[str, str, dict[str, object]]:
    return (OCCUPANCY, STAY, {"status": "in_house", "room": room, "note": None})


def defined(room: str, *, active: bool) -> tuple[str, str, dict[str, object]]:
    return (ROOM, room, {"floor": 2, "room_type": "A", "active": active})


def works_here(*, active: bool) -> tuple[str, str, dict[str, object]]:
    return (STAFF, "ito", {"name_ja": "伊藤", "name_en": "Ito", "role": "clerk", "active": active})


AGREED = (TERMS, STAY, {"arrival": "2026-07-02", "nights": 1})
WINDOW_CLOSED = (WINDOW, FOLIO, {"stay": STAY, "status": "closed", "note": None})
CHARGE = (POSTING, "charge:1", posting(900))
PAID = (POSTING, "payment:1", posting(-900, "payment"))


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([[CHARGE], [PAID], [(POSTING, "payment:2", posting(-1, "payment"))]], "leaves -1 on the folio"),
        ([[CHARGE], [(POSTING, "reversal:1", posting(-901, "reversal", "charge:1"))]], "leaves -1 of 900"),
        ([[(POSTING, "reversal:1", posting(-1, "reversal", "charge:1"))]], "leaves -1 of 0"),
        ([[CHARGE], [PAID], [WINDOW_CLOSED], [(POSTING, "charge:2", posting(1))]], "to the closed folio"),
        ([[CHARGE], [left(None)]], "without a note, 900 being open"),
        ([[defined("201", active=False)], [stands("201")]], "into room 201, which was retired"),
        ([[AGREED], [stands("201")], [defined("201", active=False)]], "retired room 201, which stay has"),
        ([[works_here(active=False)], [CHARGE]], "who had left"),
    ],
)
def test_what_a_guard_should_have_refused(good: Evidence, steps: Iterable[Iterable[object]], told: str) -> None:
    books = Books(good)
    for writes in steps:
        books.act(*writes)  # type: ignore[arg-type]
    [words] = books.judged()
    assert told in words


@pytest.mark.parametrize(
    "steps",
    [
        [[CHARGE], [PAID], [left(None), WINDOW_CLOSED]],
        [[CHARGE], [left("the company pays")]],
        [[CHARGE], [(POSTING, "reversal:1", posting(-900, "reversal", "charge:1"))]],
        [[CHARGE], [PAID], [(POSTING, "reversal:1", posting(-900, "reversal", "charge:1"))]],
        [[WINDOW_CLOSED], [(WINDOW, FOLIO, {"stay": STAY, "status": "open", "note": None}), CHARGE]],
        [[(POSTING, "deposit:1", posting(-500, "deposit"))]],
        [[defined("201", active=False)], [defined("201", active=True)], [stands("201")]],
        [[left(None)], [CHARGE], [left(None)]],
        [[stands("201")], [defined("201", active=False)]],
        [[stands("201")], [stands("202")], [defined("201", active=False)]],
        [[works_here(active=True)], [CHARGE]],
    ],
)
def test_what_a_desk_may_do(good: Evidence, steps: Iterable[Iterable[object]]) -> None:
    books = Books(good)
    for writes in steps:
        books.act(*writes)  # type: ignore[arg-type]
    assert books.judged() == []
