"""A relay's database without its process: entries are committed, projected, and snapshots are made of them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.positions import CommittedRun
from crdt_pms.log.kept import kept_snapshots, stored_index
from crdt_pms.log.snapshot import Index, SnapshotHead
from crdt_pms.replica.replica import Replica
from crdt_pms.runtime.clocks import HandedClock
from crdt_pms.store.sqlite import SqliteStore, open_sqlite
from relay_server.commit import place
from relay_server.generation import ensure_generation
from relay_server.projection import Projection
from relay_server.snapshots import Retention, SnapshotMaker
from tests.crdt_pms.replica.orders import RELAY, acknowledge
from tests.crdt_pms.replica.terminals import PROPERTY_ID, START_MS, Desk
from tests.relay_server.relays import definition

GENERATION = b"g" * 16


@dataclass
class Headquarters:
    """See the module. `retention` is of milliseconds unless a test says otherwise."""

    path: Path
    retention: Retention = field(
        default_factory=lambda: Retention(every_ms=1, oldest_backup_ms=1, entries_min=1, width=7)
    )
    now_ms: int = START_MS + 10**7
    store: SqliteStore = field(init=False)
    projection: Projection = field(init=False)

    def __post_init__(self) -> None:
        self.store = open_sqlite(self.path, PROPERTY_ID)
        with self.store.transaction() as transaction:
            transaction.last_position()
            ensure_generation(transaction, GENERATION)
        self.start()

    def start(self) -> None:
        """Begin a process run."""
        self.clock = HandedClock(self.now_ms)
        self.maker = SnapshotMaker(RELAY, self.retention)
        self.projection = Projection(
            self.store,
            definition(),
            self.clock,
            lambda: JournalId(secrets.token_bytes(16)),
            lambda: 0,
            self.maker,
        )

    @property
    def through(self) -> int:
        """How far the committed order is."""
        with self.store.transaction() as transaction:
            return transaction.last_position()

    def commit(self, certificates: Sequence[Certificate], entries: Sequence[Entry]) -> None:
        """Commit what is not committed yet, and project it."""
        with self.store.transaction() as transaction:
            for certificate in certificates:
                transaction.add_journal(certificate)
            last = transaction.last_position()
            place(transaction, [one for one in entries if transaction.entry_hash(one.dot) is None], last)
        while not self.projection.catch_up().caught_up:
            pass

    def commit_from(self, desk: Desk, entries_max: int = 1_000_000) -> None:
        """Commit what a desk holds and this database lacks, at most so many entries."""
        with self.store.transaction() as transaction:
            lacking = [
                placed.entry
                for placed in desk.replica.read(0, 1_000_000, 2**40)
                if transaction.entry_hash(placed.entry.dot) is None and not transaction.is_covered(placed.entry.dot)
            ]
        journals = dict.fromkeys(one.dot.journal for one in lacking)
        certificates = [found for one in journals if (found := desk.replica.certificate(one)) is not None]
        self.commit(certificates, lacking[:entries_max])

    def snapshot(self) -> SnapshotHead:
        """Make a snapshot now, and wait until it is handed out."""
        self.clock.hand(self.clock.now_ms() + 10)
        self.projection.make_snapshots()
        self.clock.hand(self.clock.now_ms() + 10)
        self.projection.make_snapshots()
        assert self.maker.handed_out is not None
        return self.maker.handed_out

    def index(self, head: SnapshotHead) -> Index:
        """The index of a snapshot that is kept."""
        with self.store.transaction() as transaction:
            found = stored_index(transaction, head)
        assert found is not None
        return found

    def kept(self) -> list[SnapshotHead]:
        """The snapshots that are kept."""
        with self.store.transaction() as transaction:
            return kept_snapshots(transaction)

    def chunk(self, name: bytes) -> bytes:
        """A chunk that is kept."""
        with self.store.transaction() as transaction:
            found = transaction.snapshot_chunk(name)
        assert found is not None
        return found

    def runs(self) -> list[CommittedRun]:
        """The whole committed order."""
        with self.store.transaction() as transaction:
            return transaction.committed_runs(0, 1_000_000)

    def tell(self, desk: Desk) -> None:
        """Let a desk, which holds everything, know the order."""
        after = desk.replica.standing.through
        with self.store.transaction() as transaction:
            runs = transaction.committed_runs(after, 1_000_000)
        if runs:
            acknowledge(desk.replica, GENERATION, runs)

    def hand(self, head: SnapshotHead, replica: Replica) -> None:
        """Give a replica the chunks of a snapshot that it lacks."""
        while missing := replica.missing_chunks(head, 3):
            replica.keep_chunks({name: self.chunk(name) for name in missing})


@contextmanager
def headquarters(folder: Path, retention: Retention | None = None) -> Iterator[Headquarters]:
    """A database of a relay."""
    folder.mkdir(parents=True, exist_ok=True)
    made = (
        Headquarters(folder / "relay.sqlite") if retention is None else Headquarters(folder / "relay.sqlite", retention)
    )
    try:
        yield made
    finally:
        made.store.close()


def dots_of(desk: Desk) -> set[Dot]:
    """The entries in a desk's log."""
    return {placed.entry.dot for placed in desk.replica.read(0, 1_000_000, 2**40)}
