"""Reading from PostgreSQL for sessions, on other threads, so that catching up holds up neither commits nor the event loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import anyio
from anyio import to_thread

from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.positions import CommittedRun, OrderMark
from crdt_pms.log.known_order import common_position, digest_at, marks_of
from crdt_pms.ports.records import Placed
from crdt_pms.ports.store import Store, Transaction
from relay_server.limits import READERS

Result = TypeVar("Result")


class Readers:
    """At most READERS reads at once; others wait for their turn. Calls raise StoreError."""

    def __init__(self, store: Store) -> None:
        """`store` takes so many transactions at once, each on whichever thread; it is closed with this."""
        self._store = store
        self._limit = anyio.CapacityLimiter(READERS)

    async def entries_after(self, position: int, entries_max: int, bytes_max: int) -> list[Placed]:
        """The committed entries after a position."""
        return await self._read(lambda transaction: transaction.entries_after(position, entries_max, bytes_max))

    async def committed_runs(self, after: int, positions_max: int) -> list[CommittedRun]:
        """The committed order after a position."""
        return await self._read(lambda transaction: transaction.committed_runs(after, positions_max))

    async def journals_beyond(self, position: int) -> list[JournalId]:
        """The journals that have entries after a position."""
        return await self._read(lambda transaction: transaction.journals_beyond(position))

    async def order_marks(self, through: int, digest: bytes) -> list[OrderMark]:
        """What is said of the order up to a position."""
        return await self._read(lambda transaction: marks_of(transaction, through, digest))

    async def common_position(self, marks: Sequence[OrderMark], through: int) -> int:
        """See `known_order.common_position`."""
        return await self._read(lambda transaction: common_position(transaction, marks, through))

    async def order_digest(self, position: int) -> bytes | None:
        """The digest of the committed order up to a position; None when PostgreSQL holds less."""
        return await self._read(lambda transaction: digest_at(transaction, position))

    async def journal_entries(self, journal: JournalId, first_seq: int, entries_max: int) -> list[Placed]:
        """The entries of one journal from a number on."""
        return await self._read(lambda transaction: transaction.journal_entries(journal, first_seq, entries_max))

    async def hashes(self, dots: Sequence[Dot]) -> Mapping[Dot, bytes]:
        """The hashes of those entries that are stored."""

        def read(transaction: Transaction) -> Mapping[Dot, bytes]:
            found = ((dot, transaction.entry_hash(dot)) for dot in dots)
            return {dot: entry_hash for dot, entry_hash in found if entry_hash is not None}

        return await self._read(read)

    async def snapshot_chunk(self, name: bytes) -> bytes | None:
        """A chunk of a snapshot, or an index; None when it is not kept."""
        return await self._read(lambda transaction: transaction.snapshot_chunk(name))

    def close(self) -> None:
        """End the connections."""
        self._store.close()

    async def _read(self, call: Callable[[Transaction], Result]) -> Result:
        def read() -> Result:
            with self._store.transaction() as transaction:
                return call(transaction)

        return await to_thread.run_sync(read, limiter=self._limit)
