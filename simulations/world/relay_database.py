"""The database of a simulated relay: the product's store on a simulated disk, and the reading of its order without waiting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.positions import CommittedRun, OrderMark
from crdt_pms.log.known_order import common_position, digest_at, marks_of
from crdt_pms.ports.records import Placed
from crdt_pms.ports.store import Store, Transaction
from crdt_pms.store.statements import Reader
from simulations.world.faulty_store import FaultyStore


class Database:
    """What a relay process is connected to: it may be put back to an older state while the process runs on."""

    def __init__(self, store: FaultyStore) -> None:
        self.store = store

    def transaction(self, *, durable: bool = True) -> AbstractContextManager[Transaction]:
        """See the port."""
        return self.store.transaction(durable=durable)

    def reading(self) -> AbstractContextManager[Reader]:
        """See `crdt_pms.reading.reading.Readable`."""
        return self.store.reading()

    def close(self) -> None:
        """See the port."""
        self.store.close()


class OrderReader:
    """See `relay_server.node.OrderReader`; nothing of it waits."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def entries_after(self, position: int, entries_max: int, bytes_max: int) -> list[Placed]:
        with self._store.transaction() as transaction:
            return transaction.entries_after(position, entries_max, bytes_max)

    async def committed_runs(self, after: int, positions_max: int) -> list[CommittedRun]:
        with self._store.transaction() as transaction:
            return transaction.committed_runs(after, positions_max)

    async def journals_beyond(self, position: int) -> list[JournalId]:
        with self._store.transaction() as transaction:
            return transaction.journals_beyond(position)

    async def order_marks(self, through: int, digest: bytes) -> list[OrderMark]:
        with self._store.transaction() as transaction:
            return marks_of(transaction, through, digest)

    async def common_position(self, marks: Sequence[OrderMark], through: int) -> int:
        with self._store.transaction() as transaction:
            return common_position(transaction, marks, through)

    async def order_digest(self, position: int) -> bytes | None:
        with self._store.transaction() as transaction:
            return digest_at(transaction, position)

    async def journal_entries(self, journal: JournalId, first_seq: int, entries_max: int) -> list[Placed]:
        with self._store.transaction() as transaction:
            return transaction.journal_entries(journal, first_seq, entries_max)

    async def hashes(self, dots: Sequence[Dot]) -> Mapping[Dot, bytes]:
        with self._store.transaction() as transaction:
            found = ((dot, transaction.entry_hash(dot)) for dot in dots)
            return {dot: entry_hash for dot, entry_hash in found if entry_hash is not None}

    async def snapshot_chunk(self, name: bytes) -> bytes | None:
        with self._store.transaction() as transaction:
            return transaction.snapshot_chunk(name)
