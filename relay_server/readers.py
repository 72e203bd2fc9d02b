"""Reading from PostgreSQL for sessions, on threads of their own, so that nobody who catches up holds up a commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import anyio

from crdt_pms.journal.identifiers import Dot, JournalId, VersionVector
from crdt_pms.journal.positions import CommittedRun
from crdt_pms.replica.known_order import digest_at
from crdt_pms.replica.port import Placed, Store, Transaction
from relay_server.limits import READERS
from relay_server.worker import PinnedWorker

Result = TypeVar("Result")


class Readers:
    """A few connections, given to whoever asks first. Calls raise StoreError."""

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self._open_store = open_store
        self._idle: list[tuple[PinnedWorker, Store]] = []
        self._made: list[tuple[PinnedWorker, Store]] = []
        self._limit = anyio.Semaphore(READERS)

    async def entries_after(self, position: int, entries_max: int, bytes_max: int) -> list[Placed]:
        """The committed entries after a position."""
        return await self._read(lambda transaction: transaction.entries_after(position, entries_max, bytes_max))

    async def committed_runs(self, after: int, positions_max: int) -> list[CommittedRun]:
        """The committed order after a position."""
        return await self._read(lambda transaction: transaction.committed_runs(after, positions_max))

    async def first_missing(self, vector: VersionVector) -> int | None:
        """The first position whose entry a holder of `vector` lacks."""
        known = dict(vector)
        return await self._read(lambda transaction: transaction.first_missing(known))

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

    def close(self) -> None:
        """End the threads and the connections."""
        for worker, store in self._made:
            worker.close()
            store.close()

    async def _open(self) -> tuple[PinnedWorker, Store]:
        """One more reader. Opening may take seconds while PostgreSQL does not answer, so it happens on the reader's thread."""
        worker = PinnedWorker("reader")
        try:
            reader = (worker, await worker.run(self._open_store))
        except BaseException:
            worker.abandon()
            raise
        self._made.append(reader)
        return reader

    async def _read(self, call: Callable[[Transaction], Result]) -> Result:
        async with self._limit:
            reader = self._idle.pop() if self._idle else await self._open()
            worker, store = reader
            try:
                return await worker.run(lambda: _in_transaction(store, call))
            finally:
                self._idle.append(reader)


def _in_transaction(store: Store, call: Callable[[Transaction], Result]) -> Result:
    with store.transaction() as transaction:
        return call(transaction)
