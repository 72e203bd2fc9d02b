"""The forwarding order: whoever follows a cursor misses nothing, and what is not committed stays in memory."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.positions import OrderMark
from crdt_pms.ports.records import Placed
from crdt_pms.runtime.clocks import HandedClock
from relay_server import log as log_module
from relay_server.intake import Intake
from relay_server.log import ForwardLog, InDatabase, InMemory, cursor_of, place_of
from relay_server.node import Around, OrderReader, RelayNode
from relay_server.order import CommittedOrder
from tests.crdt_pms.journal.journals import append, writer
from tests.crdt_pms.session.paces import at_any_pace
from tests.relay_server.relays import RELAY, at_once, definition

JOURNALS = 4
LENGTH = 60


def _journal(number: int) -> list[Entry]:
    journal = writer(number)
    return [append(journal) for _ in range(LENGTH)]


POOL = [_journal(number) for number in range(1, JOURNALS + 1)]


class Step(NamedTuple):
    """Something that happens; numbers are reduced to what there is."""

    kind: str
    journal: int
    amount: int


@dataclass
class Reader:
    """A session that follows a cursor."""

    common: int
    cursor: int
    read: set[Dot] = field(default_factory=set[Dot])
    reads: int = 0


@dataclass
class Property:
    """One relay process's log beside a database into which another process commits too."""

    log: ForwardLog
    order: CommittedOrder
    taken: list[int] = field(default_factory=lambda: [0] * JOURNALS)
    queue: list[Entry] = field(default_factory=list[Entry])
    unheard: list[Entry] = field(default_factory=list[Entry])
    """What the other process committed and this one has not read in."""
    database: list[Entry] = field(default_factory=list[Entry])
    forwarded: list[Entry] = field(default_factory=list[Entry])
    known: set[JournalId] = field(default_factory=set[JournalId])
    readers: list[Reader] = field(default_factory=list[Reader])

    def __post_init__(self) -> None:
        intake = SimpleNamespace(log=self.log, order=self.order, gate=SimpleNamespace(certificate=self.certificate))
        around = Around(lambda: None, _never, _never, nullcontext(), at_any_pace())
        self.node = RelayNode(
            definition(), RELAY, HandedClock(0), cast(Intake, intake), cast(OrderReader, self), around
        )

    # What `OrderReader` asks for

    async def entries_after(self, position: int, entries_max: int, _bytes_max: int) -> list[Placed]:
        found = self.database[position : position + entries_max]
        return [Placed(at, entry, at) for at, entry in enumerate(found, position + 1)]

    def certificate(self, journal: JournalId) -> Certificate | None:
        return cast(Any, journal) if journal in self.known else None

    # What happens

    def happen(self, step: Step) -> None:
        match step.kind:
            case "receive":
                self._receive(self._next_of(step.journal % (JOURNALS - 1), step.amount))
            case "foreign":
                # The last journal is the other process's; its entries stand in the database before they are known here.
                entries = self._next_of(JOURNALS - 1, step.amount)
                self.database += entries
                self.unheard += entries
            case "commit":
                self._commit(step.amount)
            case "join":
                common = step.amount * self.order.through // 6
                self.readers.append(Reader(common, at_once(self.node.cursor_for(common))))
            case _:
                for reader in self.readers[step.journal % max(len(self.readers), 1) :][:1]:
                    self._read(reader, step.amount)

    def _next_of(self, journal: int, amount: int) -> list[Entry]:
        start = self.taken[journal]
        entries = POOL[journal][start : start + amount]
        self.taken[journal] += len(entries)
        return entries

    def _receive(self, entries: list[Entry]) -> None:
        self._forward(entries)
        self.queue += entries

    def _forward(self, entries: list[Entry]) -> None:
        self.known |= {entry.dot.journal for entry in entries}
        self.log.append(entries)
        self.forwarded += entries

    def _commit(self, amount: int) -> None:
        placed, self.queue = self.queue[:amount], self.queue[amount:]
        self.database += placed
        self._forward(self.unheard)
        self.unheard = []
        news = self.database[self.order.through :]
        positions = {entry.dot: at for at, entry in enumerate(news, self.order.through + 1)}
        self.order.extend([Placed(at, entry, at) for at, entry in enumerate(news, self.order.through + 1)])
        self.log.note_committed(positions, self.order.through)

    def _read(self, reader: Reader, amount: int) -> bool:
        entries, reader.cursor = at_once(self.node.read(reader.cursor, reader.common, amount, 2**30))
        reader.reads += 1
        reader.read |= {entry.dot for entry in entries}
        held = self.database[: reader.common]
        for entry in entries:
            assert entry not in held, "what the reader holds is not read"
            assert self.node.certificate(entry.dot.journal) is not None, "an entry goes out with its certificate"
        return bool(entries)

    # What must hold

    def require_memory(self) -> None:
        """Only committed entries left, in the order of the log."""
        committed = {entry.dot for entry in self.database}
        for entry in self.forwarded:
            if self.log.hash_of(entry.dot) is None:
                assert entry.dot in committed
        assert all(self.log.hash_of(entry.dot) == entry.hash for entry in self.queue)

    def require_nothing_missed(self) -> None:
        for reader in self.readers:
            while self._read(reader, 7):
                assert reader.reads < 500, "reading comes to an end"
            held = {entry.dot for entry in self.database[: reader.common]}
            wanted = {entry.dot for entry in self.forwarded if entry.dot not in held}
            assert wanted <= reader.read


async def _never() -> None:
    raise AssertionError("nobody renews the generation here")


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(["receive", "receive", "commit", "commit", "foreign", "join", "read", "read"]),
        st.integers(0, 5),
        st.integers(1, 6),
    ),
    max_size=60,
)


UNHEARD = [
    Step("receive", 0, 2), Step("commit", 0, 2), Step("foreign", 0, 1), Step("join", 0, 0), Step("read", 0, 6),
]  # fmt: skip
"""Somebody catches up from the database while it holds an entry that this process has not read in."""


@given(steps=STEPS, tail=st.integers(0, 12), checkpoints=st.integers(3, 6))
@example(steps=UNHEARD, tail=0, checkpoints=3)
def test_a_cursor_leads_to_every_entry_after_it_and_only_committed_entries_leave_memory(
    steps: list[Step], tail: int, checkpoints: int
) -> None:
    with pytest.MonkeyPatch.context() as limits:
        limits.setattr(log_module, "TAIL_ENTRIES_MAX", tail)
        limits.setattr(log_module, "CHECKPOINTS_MAX", checkpoints)
        hotel = Property(ForwardLog(0), CommittedOrder(b"g" * 16))
        for step in steps:
            hotel.happen(step)
            hotel.require_memory()
        hotel.happen(Step("commit", 0, 1_000))
        hotel.require_nothing_missed()


@given(steps=STEPS, before=st.integers(0, 20))
def test_it_holds_for_a_process_that_starts_on_a_database_with_entries(steps: list[Step], before: int) -> None:
    with pytest.MonkeyPatch.context() as limits:
        limits.setattr(log_module, "TAIL_ENTRIES_MAX", 5)
        entries = [POOL[at % 2][at // 2] for at in range(before)]
        hotel = Property(
            ForwardLog(before), CommittedOrder(b"g" * 16, OrderMark(before, b"d" * 32)),
            taken=[(before + 1) // 2, before // 2, 0, 0], database=list(entries), forwarded=list(entries),
            known={entry.dot.journal for entry in entries},
        )  # fmt: skip
        for step in steps:
            hotel.happen(step)
        hotel.happen(Step("commit", 0, 1_000))
        hotel.require_nothing_missed()


@given(number=st.integers(0, 2**40))
def test_a_place_survives_being_one_integer(number: int) -> None:
    assert place_of(cursor_of(InMemory(number))) == InMemory(number)
    assert place_of(cursor_of(InDatabase(number))) == InDatabase(number)


def test_memory_is_bounded_in_bytes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "TAIL_BYTES_MAX", 3 * POOL[0][0].size)
    log = ForwardLog(0)
    log.append(POOL[0][:10])
    log.note_committed({entry.dot: at for at, entry in enumerate(POOL[0][:10], 1)}, 10)
    held = [entry for entry in POOL[0][:10] if log.hash_of(entry.dot)]
    assert held == POOL[0][:10][-len(held) :]
    assert sum(entry.size for entry in held) <= 3 * POOL[0][0].size


def test_one_read_gives_at_least_one_entry_however_large_and_else_keeps_to_the_bytes() -> None:
    log = ForwardLog(0)
    log.append(POOL[0][:10])
    first, after = log.read(InMemory(0), 0, 10, 1)
    assert first == POOL[0][:1]
    some, _ = log.read(after, 0, 10, POOL[0][1].size + POOL[0][2].size)
    assert some == POOL[0][1:3]


def test_an_idle_relay_does_not_forget_where_its_readers_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks at PostgreSQL every second; nights of finding nothing must not crowd out what it knows."""
    monkeypatch.setattr(log_module, "TAIL_ENTRIES_MAX", 2)
    monkeypatch.setattr(log_module, "CHECKPOINTS_MAX", 8)
    log = ForwardLog(0)
    for at, entry in enumerate(POOL[0][:4], 1):
        log.append([entry])
        log.note_committed({entry.dot: at}, at)
        for _ in range(20):
            log.note_committed({}, at)
    assert log.resolve(InMemory(1)) == InDatabase(1)
