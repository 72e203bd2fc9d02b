"""What one desk wrote, action by action, as evidence that can be written down in a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from simulations.checkers.evidence import Evidence
from simulations.checkers.folding import Fold
from simulations.checkers.grammar import DAY, OCCUPANCY, POSTING, SETTLEMENT, STAY_GUEST, TERMS, WINDOW, Value
from simulations.checkers.history import Acted, Event, Lodged, Opened
from simulations.checkers.registers import Register, Written, fold_register
from simulations.checkers.violation import Dot
from tests.simulations.checkers.tampering import found

DESK = "desk-1"
JOURNAL = b"of one desk".ljust(16, b"\0")
TODAY, TOMORROW, DAY_AFTER = "2026-07-01", "2026-07-02", "2026-07-03"
NOON_MS = 1_783_047_600_000
"""2026-07-03 12:00 in Japan: the desk is behind with its audits."""
RATE = 9_000

Row = tuple[str, str, dict[str, object]]


class Books:
    """Every write replaces what stands there, unless it is told what it names."""

    def __init__(self, good: Evidence) -> None:
        self._good = good
        self._writes: dict[tuple[str, str], list[Written]] = {}
        self._history: list[Event] = [Opened(0, DESK, {}, rewound=True)]
        self._seq = 0

    def act(
        self, *rows: Row, action: str = "something", seen: int | None = None, base: Value | None = None,
        names: tuple[Dot, ...] | None = None,
    ) -> Dot:  # fmt: skip
        """One action, one entry; its dot."""
        self._seq += 1
        dot = Dot(JOURNAL, self._seq)
        for group, row, value in rows:
            listed = self._writes.setdefault((group, row), [])
            named = tuple(one.dot for one in listed[-1:]) if names is None and group != POSTING else names or ()
            stamp = (NOON_MS + self._seq, 0)
            written = Written(dot, stamp, "ito", "hotel-pms", value, named, base, resolution=False)  # type: ignore[arg-type]
            listed.append(written)
        self._history.append(Acted(NOON_MS + self._seq, DESK, action, "ito", (dot,), (), seen))
        return dot

    def lodged(self, rooms: Mapping[str, str | None], *proposals: tuple[str, str]) -> None:
        """The desk's screens show these rooms and propose those."""
        self._history.append(Lodged(NOON_MS + self._seq, DESK, {}, rooms, proposals))

    def judged(self, checker: str) -> list[str]:
        """What a checker says of all of it."""
        groups = (DAY, OCCUPANCY, TERMS, STAY_GUEST, POSTING, WINDOW, SETTLEMENT)
        registers: dict[str, dict[str, Register]] = {group: {} for group in groups}
        for (group, row), writes in self._writes.items():
            registers[group][row] = fold_register(group, row, writes)
        fold = Fold(registers, {}, {}, frozenset(), {})
        facts = replace(self._good.property_facts, opening_date=TODAY)
        folds = {self._good.reference.name: fold}
        evidence = replace(self._good, property_facts=facts, folds=folds, history=self._history)
        return [violation.words for violation in found(evidence, checker)]


def terms(arrival: str = TODAY, nights: int = 2, stay: str = "sato") -> Row:
    return (TERMS, stay, {"arrival": arrival, "nights": nights, "rate_minor": RATE})


def status(word: str, room: str | None = "201", stay: str = "sato", arrived_at: int | None = None) -> Row:
    return (OCCUPANCY, stay, {"status": word, "room": room, "arrived_at": arrived_at, "note": None})


def stay_of(word: str, room: str | None = "201", stay: str = "sato", **of: object) -> tuple[Row, ...]:
    """Everything that a new stay is made of."""
    arrived_at = of.pop("arrived_at", None)
    return (
        status(word, room, stay, arrived_at),  # type: ignore[arg-type]
        terms(stay=stay, **of),  # type: ignore[arg-type]
        (STAY_GUEST, stay, {"guest": f"guest-{stay}"}),
        (WINDOW, f"{stay}/1", {"stay": stay, "status": "open", "note": None}),
    )


def posting(row: str, amount: int, kind: str = "charge", night: str = TODAY, stay: str = "sato") -> Row:
    return (
        POSTING,
        row,
        {
            "stay": stay, "folio": f"{stay}/1", "kind": kind, "amount_minor": amount, "business_date": night,
            "revenue_date": night, "reverses": None,
        },
    )  # fmt: skip


def night(of: str = TODAY, amount: int = RATE, stay: str = "sato") -> Row:
    return posting(f"audit:{stay}:{of}:room", amount, night=of, stay=stay)


def day(date: str) -> Row:
    return (DAY, "harbour", {"date": date})
