"""Writes what the intake queued, many entries in one transaction, and learns what others committed meanwhile.

PostgreSQL is the only arbiter: positions are given out under the row lock of the property's counter, and whatever it holds
already, from another relay process or from a commit whose outcome was not heard, is read in before anything is added.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

import anyio

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.replica.port import Placed, Store, StoreError, Transaction
from relay_server.errors import REPORT_DEVICE, DatabaseReplaced, DatabaseWentBack, JournalsDisagree
from relay_server.generation import read_generation, replace_generation
from relay_server.intake import Batch, Committed, Intake
from relay_server.limits import (
    COMMIT_ENTRIES_MAX,
    COMMIT_RETRY_SECONDS_MAX,
    COMMIT_RETRY_SECONDS_MIN,
    FOREIGN_POLL_SECONDS,
    READ_BYTES_MAX,
    STUCK_SECONDS,
)
from relay_server.order import OrderEnd
from relay_server.worker import PinnedWorker

logger = logging.getLogger(__name__)


class Committer:
    """The one task of a relay process that writes received entries to PostgreSQL.

    While the database does not answer it tries again on a timer: nothing leaves the queue, nothing is acknowledged.
    """

    def __init__(
        self,
        store: Store,
        intake: Intake,
        random: Random,
        new_generation: Callable[[], bytes],
        on_committed: Callable[[], None],
    ) -> None:
        """`on_committed` is called on the loop after every change of the committed order."""
        self._store = store
        self._intake = intake
        self._random = random
        self._new_generation = new_generation
        self._on_committed = on_committed
        self._worker = PinnedWorker("committer")
        self._pause_seconds = 0.0
        self.failure: StoreError | None = None
        self.counters: Counter[str] = Counter()

    @property
    def is_stuck(self) -> bool:
        """Whether the database failed last time, or the queue has not moved for too long."""
        return self.failure is not None or self._intake.waiting_seconds > STUCK_SECONDS

    async def run(self) -> None:
        """Commit for ever. Raises a RelayError when the process must end."""
        while True:
            with anyio.move_on_after(FOREIGN_POLL_SECONDS):
                await self._intake.wait_for_work()
            if not await self.commit_once():
                await anyio.sleep(self._next_pause_seconds())

    async def drain(self, seconds_max: float) -> bool:
        """Commit what is queued, for at most that long. Whether nothing is left."""
        with anyio.move_on_after(seconds_max):
            while self._intake.queued:
                if not await self.commit_once():
                    await anyio.sleep(self._next_pause_seconds())
        return self._intake.queued == 0

    async def commit_once(self) -> bool:
        """One transaction with what is queued now. False when the database did not take it."""
        batch, known = self._intake.batch(), self._intake.order.end
        try:
            committed = await self._worker.run(lambda: self._commit(batch, known))
        except StoreError as error:
            if self.failure is None:
                logger.warning(
                    "PostgreSQL did not take %d entries, they wait here: %s: %s",
                    len(batch.entries), type(error).__name__, error,
                )  # fmt: skip
            self.failure = error
            self.counters["commit_failures"] += 1
            self._intake.poke()
            return False
        if self.failure is not None:
            logger.info("PostgreSQL answers again")
        self.failure, self._pause_seconds = None, 0.0
        self._intake.note_committed(batch, committed)
        if committed.placed:
            self.counters["transactions"] += 1
            self._on_committed()
        return True

    async def renew_generation(self) -> None:
        """Give the database a new generation, and the order with it. Raises StoreError."""
        await self._worker.run(self._renew_generation)

    def close(self) -> None:
        """End the thread and the connection."""
        self._worker.close()
        self._store.close()

    def _commit(self, batch: Batch, known: OrderEnd) -> Committed:
        try:
            return commit(self._store, batch, known, self._intake.order.generation, self._intake.gate.certificate)
        except DatabaseWentBack:
            self._renew_generation()
            raise

    def _renew_generation(self) -> None:
        # On the worker's thread, so that no commit of this process comes between the database's and the order's.
        fresh = self._new_generation()
        replace_generation(self._store, fresh)
        self._intake.order.generation = fresh

    def _next_pause_seconds(self) -> float:
        self._pause_seconds = min(max(2 * self._pause_seconds, COMMIT_RETRY_SECONDS_MIN), COMMIT_RETRY_SECONDS_MAX)
        return self._pause_seconds * self._random.uniform(0.5, 1.0)


def commit(
    store: Store,
    batch: Batch,
    known: OrderEnd,
    generation: bytes,
    certificate_of: Callable[[JournalId], Certificate | None],
) -> Committed:
    """Read in what stands after `known`, add the batch after it, and commit.

    After CommitOutcomeUnknown the same call finds what did happen: repeating it is always right. Raises StoreError, and
    RelayError when PostgreSQL contradicts what this process knows.
    """
    through = known.through
    with store.transaction() as transaction:
        if not batch.entries and not batch.certificates:
            # Nothing to place: look without taking the counter's lock.
            _require_continued(transaction, known, generation)
            found = _read_in(transaction, through)
            return Committed(_foreign_certificates(transaction, found, certificate_of), tuple(found))
        last = transaction.last_position()
        _require_continued(transaction, known, generation)
        found = _read_in(transaction, through) if last > through else []
        entries = _without_found(batch.entries, found)
        certificates = _foreign_certificates(transaction, found, certificate_of)
        for certificate in batch.certificates:
            transaction.add_journal(certificate)
        placed = [Placed(position, entry, position) for position, entry in enumerate(entries, last + 1)]
        if placed:
            transaction.append_entries(placed)
    return Committed(certificates, (*found, *placed))


def _require_continued(transaction: Transaction, known: OrderEnd, generation: bytes) -> None:
    """RelayError unless PostgreSQL still holds the order that this process knows."""
    if read_generation(transaction) != generation:
        raise DatabaseReplaced("PostgreSQL has another generation than when this relay began.")
    if not known.through:
        return
    at = transaction.committed_runs(known.through - 1, 1)
    if not at or known.last not in (None, Dot(at[0].journal, at[0].first_seq)):
        raise DatabaseWentBack(
            f"{known.through} entries were committed, and PostgreSQL does not hold the last of them there: it is another "
            "database or an older backup. Terminals will send what is missing."
        )


def _read_in(transaction: Transaction, through: int) -> list[Placed]:
    found: list[Placed] = []
    while True:
        after = found[-1].position if found else through
        more = transaction.entries_after(after, COMMIT_ENTRIES_MAX, READ_BYTES_MAX)
        if not more:
            return found
        found.extend(more)


def _without_found(entries: Sequence[Entry], found: Sequence[Placed]) -> list[Entry]:
    hashes = {placed.entry.dot: placed.entry.hash for placed in found}
    for entry in entries:
        if hashes.get(entry.dot, entry.hash) != entry.hash:
            raise JournalsDisagree(
                f"PostgreSQL holds another entry {entry.dot} than the one queued here. {REPORT_DEVICE}"
            )
    return [entry for entry in entries if entry.dot not in hashes]


def _foreign_certificates(
    transaction: Transaction, found: Sequence[Placed], certificate_of: Callable[[JournalId], Certificate | None]
) -> tuple[Certificate, ...]:
    unknown = {placed.entry.dot.journal for placed in found if certificate_of(placed.entry.dot.journal) is None}
    if not unknown:
        return ()
    return tuple(record.certificate for record in transaction.journals() if record.certificate.journal in unknown)
