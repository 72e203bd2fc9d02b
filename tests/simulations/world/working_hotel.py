"""Desks of one hotel at work: real replicas on real SQLite files, handed clocks, counted ids, everything from one seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from random import Random

from crdt_pms.desk.actions.action import Action
from crdt_pms.desk.refusals import Refused
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.identifiers import JournalId
from crdt_pms.journal.trust import DeviceClass, EnrolledDevice
from crdt_pms.ledger.conflicts import conflicts_of_board
from crdt_pms.ledger.matters import Matter
from crdt_pms.ledger.policies import HOTEL_PMS
from crdt_pms.replica.replica import Replica
from crdt_pms.state.projection import board_values
from crdt_pms.store.sqlite import open_sqlite
from simulations.workloads.booking import Booking
from simulations.workloads.generator import generate_bookings
from simulations.workloads.property import make_property
from simulations.world.hotel import ADMINISTRATORS
from simulations.world.staff import ActionMix, HotelDays, Staff
from tests.crdt_pms.journal.journals import ROOT, enrolled

OPENING_DATE = "2026-07-01"
START_MS = 1_782_831_600_000 + 60 * 86_400_000
"""The hotel is behind with its audits, so that it may run one whenever a short day has passed."""
STEP_MILLISECONDS = 600_000
CLERKS = ("suzuki", "takahashi", "sato")


@cache
def definition(rooms: int = 12) -> PropertyDefinition:
    """A hotel under the root of the tests."""
    return make_property("city", rooms, {"A": 0.7, "D": 0.3}, OPENING_DATE, ROOT.public_bytes)


def desk(number: int) -> EnrolledDevice:
    """A desk of that hotel."""
    device_class = DeviceClass.ADMINISTRATOR if number <= ADMINISTRATORS else DeviceClass.TERMINAL
    return enrolled(number, device_class, "minatomachi")


@cache
def bookings(rooms: int = 12) -> tuple[Booking, ...]:
    """A month of callers for that hotel."""
    made = generate_bookings(
        Random(7), "city", date.fromisoformat(OPENING_DATE), date(2026, 7, 31), definition(rooms).rooms
    )
    return tuple(made.bookings)


@dataclass
class WorkingHotel:
    """Three desks that are cut apart until `meet`. `said` is everything that was chosen, in order."""

    folder: Path
    seed: int
    mix: ActionMix
    rooms: int = 12
    day_milliseconds: int = 24 * STEP_MILLISECONDS
    now_ms: int = START_MS
    said: list[str] = field(default_factory=list[str])
    accepted: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    idle: int = 0
    seen: Counter[Matter] = field(default_factory=Counter[Matter])

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        days = HotelDays(START_MS, self.day_milliseconds)
        self.staff = Staff(bookings(self.rooms), self.mix, days)
        self._ids = count(1)
        self._identities: set[str] = set()
        self.stores = [open_sqlite(self.folder / f"{at}.sqlite", "minatomachi") for at in range(3)]
        self.desks = [
            Replica.open(
                store,
                definition(self.rooms),
                desk(at),
                JournalId(at.to_bytes(16, "big")),
                START_MS,
            )
            for at, store in enumerate(self.stores, 1)
        ]

    def work(self, at: int) -> Action | None:
        """One person at one desk does one thing."""
        self.now_ms += STEP_MILLISECONDS // 3
        desk = self.desks[at]
        action = self.staff.choose(
            self.random, desk.view(), self.now_ms, CLERKS[at], desk=f"desk-{at}", read_note=desk.note_text
        )
        self.said.append(f"{at} {action!r}")
        if action is None:
            self.idle += 1
            return None
        self.do(at, action)
        return action

    def do(self, at: int, action: Action, origin: str = HOTEL_PMS) -> bool:
        """Let a desk do that; whether it was taken."""
        try:
            self.desks[at].act(action, CLERKS[at], self.now_ms, lambda: f"id{next(self._ids)}", origin)
        except Refused as refusal:
            self.refused[f"{action.name}: {refusal.code}"] += 1
            return False
        self.accepted[action.name] += 1
        return True

    def work_everywhere(self, steps: int) -> None:
        """That many actions, each at a desk of its own choosing."""
        for _ in range(steps):
            self.work(int(self.random.random() * len(self.desks)))

    def meet(self) -> None:
        """All desks hear of everything, and what stands then is counted once."""
        for desk in self.desks:
            for other in self.desks:
                if other is not desk:
                    _pull(desk, other, self.now_ms)
        for other in self.desks[1:]:
            assert other.state.content_hash() == self.desks[0].state.content_hash()
        self._count()

    def _count(self) -> None:
        desk = self.desks[0]
        board = board_values(desk.state.board, desk.state.board.rooms())
        for found in (*desk.state.ledger.conflicts(), *conflicts_of_board(board), *desk.alerts()):
            if found.identity not in self._identities:
                self._identities.add(found.identity)
                self.seen[found.matter] += 1


def _pull(desk: Replica, other: Replica, now_ms: int) -> None:
    certificates = [found for journal in other.vector if (found := other.certificate(journal)) is not None]
    desk.receive_certificates(certificates)
    entries = [placed.entry for placed in other.read(other.position_before(desk.standing.through), 100_000, 2**40)]
    desk.receive(entries, now_ms)


@contextmanager
def working_hotel(
    folder: Path, seed: int, mix: ActionMix, rooms: int = 12, day_milliseconds: int = 24 * STEP_MILLISECONDS
) -> Iterator[WorkingHotel]:
    """A hotel of that seed, its desks closed in the end."""
    folder.mkdir(parents=True, exist_ok=True)
    hotel = WorkingHotel(folder, seed, mix, rooms, day_milliseconds)
    try:
        yield hotel
    finally:
        for store in hotel.stores:
            store.close()
