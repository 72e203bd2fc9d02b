"""A run of real replicas and a relay on SQLite files in which everything that happens is written down, as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from random import Random

from sqlcipher3 import dbapi2

from crdt_pms.desk.actions.moves import AssignRoom
from crdt_pms.desk.actions.notes import EditNote
from crdt_pms.desk.actions.reservations import CancelStay
from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import JournalId, covers
from crdt_pms.journal.positions import runs_of
from crdt_pms.ports.records import Placed
from crdt_pms.state.property_state import PropertyState
from crdt_pms.store.sqlite import open_sqlite
from simulations.checkers.contents import RELAY, NodeContents, PropertyFacts, contents_of
from simulations.checkers.evidence import Evidence
from simulations.checkers.history import (
    REBUILT,
    REORDERED,
    Acted,
    Agreed,
    Applied,
    Committed,
    Event,
    Healed,
    Opened,
    Probe,
    Queued,
    Read,
)
from simulations.checkers.violation import Dot
from tests.crdt_pms.replica.orders import acknowledge
from tests.crdt_pms.replica.terminals import OPENING_DATE, PROPERTY_ID, Desk, copy_disk, desks, succession_of
from tests.simulations.processes.verifier.finished_run import GENERATION, RELAY_JOURNAL, name_of
from tests.simulations.processes.verifier.random_history import act

LIMIT_MS = 60_000
QUEUE_MAX = 64
TWIN, TWIN_ROOM, CANCELLED = "twin", "212", "stay-cancelled"
LATER = "2026-09-01"
LOST_NOTE = "note/room/212"


class Witness:
    """Writes down what desks do. The time of the run is counted in events."""

    def __init__(self, desk_list: list[Desk]) -> None:
        self.desks = desk_list
        self.history: list[Event] = []
        self._positions: dict[str, int] = {}
        for desk in desk_list:
            self.opened(desk)

    @property
    def now_ms(self) -> int:
        return len(self.history)

    def opened(self, desk: Desk, *, rewound: bool = False) -> None:
        """The desk has just begun a process run."""
        self.history.append(Opened(self.now_ms, name_of(desk), vector_of(desk), rewound, rewound))
        self._positions[name_of(desk)] = desk.replica.last_position

    def acted(self, desk: Desk) -> None:
        if dots := self._fresh(desk):
            self.history.append(Acted(self.now_ms, name_of(desk), "something", "suzuki", dots, forms=()))

    def pull(self, receiver: Desk, sender: Desk) -> None:
        receiver.pull(sender)
        if dots := self._fresh(receiver):
            self.history.append(
                Queued(self.now_ms, name_of(receiver), "entries received", len(dots) % QUEUE_MAX, QUEUE_MAX)
            )
            self.history.append(Applied(self.now_ms, name_of(receiver), dots, self._quarantined(receiver, dots)))

    def meet(self) -> None:
        """Everybody receives everything."""
        for receiver in (*self.desks, *self.desks):
            for sender in self.desks:
                if sender is not receiver:
                    self.pull(receiver, sender)

    def read(self, desk: Desk) -> None:
        self.history.append(Read(self.now_ms, name_of(desk), desk.replica.state.content_hash(), vector_of(desk)))

    def commit(self, placed: Sequence[Placed]) -> None:
        """The relay takes entries and all desks hear where they stand."""
        dots = tuple(Dot(*one.entry.dot) for one in placed)
        order = tuple(enumerate(dots, 1))
        self.history.append(Opened(self.now_ms, RELAY, {}, rewound=False))
        self.history.append(Applied(self.now_ms, RELAY, dots, self._quarantined(self.desks[0], dots)))
        for name in (RELAY, *map(name_of, self.desks)):
            self.history.append(Committed(self.now_ms, name, GENERATION, order))

    def _fresh(self, desk: Desk) -> tuple[Dot, ...]:
        before = self._positions[name_of(desk)]
        self._positions[name_of(desk)] = desk.replica.last_position
        return tuple(Dot(*placed.entry.dot) for placed in desk.replica.read(before, 10**6, 2**40))

    @staticmethod
    def _quarantined(desk: Desk, dots: Iterable[Dot]) -> tuple[Dot, ...]:
        return tuple(dot for dot in dots if dot in desk.replica.state.quarantine.records)


def vector_of(desk: Desk) -> dict[bytes, int]:
    return {bytes(journal): seq for journal, seq in desk.replica.vector.items()}


def witnessed(folder: Path, seed: int, amount: int, steps: int) -> Evidence:
    """The evidence of a random run: partitions, restarts, a desk that comes back from an older copy, healing, agreement."""
    chance = Random(seed)
    with desks(folder, amount) as desk_list:
        witness = Witness(desk_list)
        desk_list[0].reserve("stay-0")
        witness.acted(desk_list[0])
        witness.meet()
        for number in range(steps):
            desk = chance.choice(desk_list)
            act(chance, desk, number)
            witness.acted(desk)
            if chance.random() < 0.1:
                witness.pull(desk, chance.choice([other for other in desk_list if other is not desk]))
            if chance.random() < 0.02:
                desk.restart()
                witness.opened(desk)
            if number in (steps // 3, 2 * steps // 3):
                change_disk = take_copy if number == steps // 3 else go_back
                change_disk(desk_list[-1], witness)
        contradict(witness)
        witness.history.append(Healed(witness.now_ms, LIMIT_MS))
        witness.meet()
        return _finished(folder, witness)


def take_copy(desk: Desk, witness: Witness) -> None:
    """Somebody saves the desk's disk."""
    desk.store.close()
    copy_disk(desk.path, Path(f"{desk.path}.copy"))
    desk.open()
    witness.opened(desk)


def go_back(desk: Desk, witness: Witness) -> None:
    """Somebody restores what was saved, over what the desk has done since; nobody else has heard of the last of it."""
    desk.do(EditNote(LOST_NOTE, "", "Nobody else has read this."))
    witness.acted(desk)
    desk.store.close()
    copy_disk(Path(f"{desk.path}.copy"), desk.path)
    desk.open()
    witness.opened(desk, rewound=True)


def contradict(witness: Witness) -> None:
    """Two desks give one room to two stays; and one gives a room to a stay that the other one cancels."""
    one, two, *_ = witness.desks
    one.reserve(CANCELLED, arrival=LATER)
    witness.acted(one)
    witness.pull(two, one)
    for desk in (one, two):
        desk.reserve(f"{TWIN}-{desk.number}", room=TWIN_ROOM, arrival=LATER)
        witness.acted(desk)
    one.do(CancelStay(CANCELLED, "ill"))
    witness.acted(one)
    two.do(AssignRoom(CANCELLED, "211"))
    witness.acted(two)


def _finished(folder: Path, witness: Witness) -> Evidence:
    desk_list = witness.desks
    first = desk_list[0]
    placed = first.replica.read(0, 10**6, 2**40)
    certificates = [one for journal in first.replica.vector if (one := first.replica.certificate(journal))]
    entries = [one.entry for one in placed]
    relay = projected(folder / "relay.sqlite", RELAY, first, certificates, entries, committed=True)
    witness.commit(placed)
    runs = list(runs_of((one.position, one.entry.dot) for one in placed))
    for desk in desk_list:
        acknowledge(desk.replica, GENERATION, runs)
        desk.replica.refresh_alerts()
        witness.read(desk)
    witness.history.append(Agreed(witness.now_ms))
    for desk in desk_list:
        desk.store.close()
    nodes = [relay, *(read(desk.path, name_of(desk)) for desk in desk_list)]
    rebuilt = projected(folder / "rebuilt.sqlite", REBUILT, first, certificates, entries)
    other_order = reordered(entries)
    assert other_order != entries
    other = projected(folder / "reordered.sqlite", REORDERED, first, certificates, other_order)
    probes = (Probe(REBUILT, name_of(first), rebuilt), Probe(REORDERED, name_of(first), other))
    facts = PropertyFacts(PROPERTY_ID, first.property_.root_key, OPENING_DATE)
    return Evidence.of(facts, nodes, history=tuple(witness.history), probes=probes)


def projected(
    path: Path, name: str, desk: Desk, certificates: Iterable[Certificate], entries: Sequence[Entry], *,
    committed: bool = False,
) -> NodeContents:  # fmt: skip
    """What a node shows that applied these entries in this order."""
    with closing(open_sqlite(path, PROPERTY_ID)) as store, store.transaction() as transaction:
        for certificate in certificates:
            transaction.add_journal(certificate)
        placed = [Placed(number, entry, number if committed else None) for number, entry in enumerate(entries, 1)]
        transaction.append_entries(placed)
        state = PropertyState(desk.property_, RELAY_JOURNAL)
        for one in placed:
            state.apply(one.entry, transaction)
        state.flush(transaction)
        state.refresh_alerts(transaction, succession_of(transaction.journals()))
    return read(path, name)


def read(path: Path, name: str) -> NodeContents:
    with closing(dbapi2.connect(str(path))) as connection:
        return contents_of(name, lambda text: connection.execute(text.replace("%s", "?"), (PROPERTY_ID,)).fetchall())


def reordered(entries: Sequence[Entry]) -> list[Entry]:
    """The same entries in another order that respects contexts: always the newest that may come."""
    waiting, vector, found = list(reversed(entries)), dict[JournalId, int](), list[Entry]()
    while waiting:
        entry = next(one for one in waiting if follows(vector, one))
        waiting.remove(entry)
        vector[entry.dot.journal] = entry.dot.seq
        found.append(entry)
    return found


def follows(vector: dict[JournalId, int], entry: Entry) -> bool:
    return vector.get(entry.dot.journal, 0) == entry.dot.seq - 1 and covers(vector, entry.context)
