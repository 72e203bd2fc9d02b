"""The task that writes what the intake queued, many entries in one transaction, and tries again while PostgreSQL is away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

import anyio

from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.ports.errors import StoreError
from crdt_pms.ports.store import Store
from crdt_pms.runtime.changes import ChangeSignal
from relay_server.committing import Committing
from relay_server.intake import Intake
from relay_server.limits import FOREIGN_POLL_SECONDS
from relay_server.worker import PinnedWorker


class Committer:
    """The one task of a relay process that writes received entries to PostgreSQL.

    While the database does not answer it tries again on a timer: nothing leaves the queue, nothing is acknowledged.
    """

    def __init__(
        self,
        store: Store,
        intake: Intake,
        work: ChangeSignal,
        random: Random,
        new_generation: Callable[[], bytes],
        on_committed: Callable[[], None],
        tell_others: Callable[[], None],
    ) -> None:
        """`work` tells of what is to be committed or read in; `on_committed` is called on the loop after every change of the
        committed order, `tell_others` when that change is this process's own."""
        self._committing = Committing(store, intake, random, new_generation, on_committed, tell_others)
        self._store = store
        self._intake = intake
        self._work = work
        self._worker = PinnedWorker("committer")

    @property
    def is_stuck(self) -> bool:
        """Whether the database failed last time, or the queue has not moved for too long."""
        return self._committing.is_stuck

    @property
    def failure(self) -> StoreError | None:
        """Why the last commit came to nothing."""
        return self._committing.failure

    @property
    def looks(self) -> int:
        """How often the database was found to hold the order that this process knows."""
        return self._committing.looks

    @property
    def counters(self) -> Counter[str]:
        """What happened so far."""
        return self._committing.counters

    async def run(self) -> None:
        """Commit for ever. Raises a RelayError when the process must end."""
        waiter = self._work.waiter()
        while True:
            with anyio.move_on_after(0 if self._intake.has_work else FOREIGN_POLL_SECONDS):
                await waiter.wait()
            if not await self.commit_once():
                await anyio.sleep(self._committing.next_pause_seconds())

    async def drain(self, seconds_max: float) -> bool:
        """Commit what is queued, for at most that long. Whether nothing is left."""
        with anyio.move_on_after(seconds_max):
            while self._intake.queued:
                if not await self.commit_once():
                    await anyio.sleep(self._committing.next_pause_seconds())
        return self._intake.queued == 0

    async def commit_once(self) -> bool:
        """One transaction with what is queued now. False when the database did not take it."""
        begun = self._committing.begin()
        return self._committing.end(begun, await self._worker.run(lambda: self._committing.write(begun)))

    async def renew_generation(self, shown: SignedEnd) -> None:
        """Give the database, which lacks what it was shown, a new generation, and the order with it. Raises StoreError."""
        await self._worker.run(lambda: self._committing.renew_generation(shown))

    def close(self) -> None:
        """End the thread and the connection."""
        self._worker.close()
        self._store.close()
