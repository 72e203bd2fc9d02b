"""The task that writes what the intake queued, many entries in one transaction, and tries again while PostgreSQL is away."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from random import Random

import anyio

from crdt_pms.replica.port import Store, StoreError
from crdt_pms.runtime.changes import ChangeSignal
from relay_server.commit import commit_next, renew_generation
from relay_server.intake import Intake
from relay_server.limits import (
    COMMIT_RETRY_SECONDS_MAX,
    COMMIT_RETRY_SECONDS_MIN,
    FOREIGN_POLL_SECONDS,
    STUCK_SECONDS,
)
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
        work: ChangeSignal,
        random: Random,
        new_generation: Callable[[], bytes],
        on_committed: Callable[[], None],
    ) -> None:
        """`work` tells of what is to be committed or read in; `on_committed` is called on the loop after every change of the
        committed order."""
        self._store = store
        self._intake = intake
        self._work = work
        self._random = random
        self._new_generation = new_generation
        self._on_committed = on_committed
        self._worker = PinnedWorker("committer")
        self._pause_seconds = 0.0
        self.failure: StoreError | None = None
        self.looks = 0
        """How often the database was found to hold the order that this process knows."""
        self.counters: Counter[str] = Counter()

    @property
    def is_stuck(self) -> bool:
        """Whether the database failed last time, or the queue has not moved for too long."""
        return self.failure is not None or self._intake.waiting_seconds > STUCK_SECONDS

    async def run(self) -> None:
        """Commit for ever. Raises a RelayError when the process must end."""
        waiter = self._work.waiter()
        while True:
            with anyio.move_on_after(0 if self._intake.has_work else FOREIGN_POLL_SECONDS):
                await waiter.wait()
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
            committed = await self._worker.run(
                lambda: commit_next(self._store, self._intake, batch, known, self._new_generation)
            )
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
        self.looks += 1
        self._intake.note_committed(batch, committed)
        if committed.placed:
            self.counters["transactions"] += 1
            self._on_committed()
        return True

    async def renew_generation(self, heard: bytes) -> None:
        """Give the database a new generation, and the order with it. Raises StoreError."""
        # On the worker's thread, so that no commit of this process comes between the database's and the order's.
        order, fresh = self._intake.order, self._new_generation()
        await self._worker.run(lambda: renew_generation(self._store, order, fresh, heard))

    def close(self) -> None:
        """End the thread and the connection."""
        self._worker.close()
        self._store.close()

    def _next_pause_seconds(self) -> float:
        self._pause_seconds = min(max(2 * self._pause_seconds, COMMIT_RETRY_SECONDS_MIN), COMMIT_RETRY_SECONDS_MAX)
        return self._pause_seconds * self._random.uniform(0.5, 1.0)
