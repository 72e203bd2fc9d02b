"""What a committer does, without threads and timers: the same steps in a process and in a simulated world.

A commit takes time. Between `begin` and `write`, and between `write` and `end`, entries come in, sessions read, the database
goes away or comes back from a backup.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.ports.errors import StoreError
from crdt_pms.ports.store import Store
from relay_server.commit import commit_next, renew_generation
from relay_server.intake import Batch, Committed, Intake
from relay_server.limits import COMMIT_RETRY_SECONDS_MAX, COMMIT_RETRY_SECONDS_MIN, STUCK_SECONDS
from relay_server.order import OrderEnd

logger = logging.getLogger(__name__)


class Begun(NamedTuple):
    """What one transaction is to write, and the order that was known when it began."""

    batch: Batch
    known: OrderEnd


class Committing:
    """One commit at a time: `begin` and `end` on the intake's thread, `write` and `renew_generation` on the store's."""

    def __init__(
        self,
        store: Store,
        intake: Intake,
        random: Random,
        new_generation: Callable[[], bytes],
        on_committed: Callable[[], None],
        tell_others: Callable[[], None],
    ) -> None:
        """`on_committed` is called at the end of a commit that changed the order, `tell_others` of one that placed entries of
        this process in it."""
        self._store = store
        self._intake = intake
        self._random = random
        self._new_generation = new_generation
        self._on_committed = on_committed
        self._tell_others = tell_others
        self._pause_seconds = 0.0
        self.failure: StoreError | None = None
        self.looks = 0
        """How often the database was found to hold the order that this process knows."""
        self.counters: Counter[str] = Counter()

    @property
    def is_stuck(self) -> bool:
        """Whether the database failed last time, or the queue has not moved for too long."""
        return self.failure is not None or self._intake.waiting_seconds > STUCK_SECONDS

    def begin(self) -> Begun:
        """Take what is queued now; it stays queued."""
        return Begun(self._intake.batch(), self._intake.order.end)

    def write(self, begun: Begun) -> Committed | StoreError:
        """The transaction. Gives the reason why the database did not take it. Raises a RelayError when the process must end."""
        try:
            return commit_next(self._store, self._intake, begun.batch, begun.known, self._new_generation)
        except StoreError as error:
            return error

    def end(self, begun: Begun, outcome: Committed | StoreError) -> bool:
        """Take over what the transaction found and wrote. False when the database did not take it: try again after a pause.

        Raises a RelayError when the process must end.
        """
        if isinstance(outcome, StoreError):
            self._note_failure(begun, outcome)
            return False
        if self.failure is not None:
            logger.info("the database answers again")
        self.failure, self._pause_seconds = None, 0.0
        self.looks += 1
        self._intake.note_committed(begun.batch, outcome)
        if outcome.placed:
            self.counters["transactions"] += 1
            self._on_committed()
            if begun.batch.entries:
                self._tell_others()
        return True

    def next_pause_seconds(self) -> float:
        """How long to wait before the next attempt: longer each time, and never quite the same."""
        self._pause_seconds = min(max(2 * self._pause_seconds, COMMIT_RETRY_SECONDS_MIN), COMMIT_RETRY_SECONDS_MAX)
        return self._pause_seconds * self._random.uniform(0.5, 1.0)

    def renew_generation(self, shown: SignedEnd) -> None:
        """Give the database, which lacks what it was shown, a new generation, and the order with it. Raises StoreError."""
        # On the store's thread, so that no commit of this process comes between the database's and the order's.
        renew_generation(self._store, self._intake.order, self._new_generation(), shown.generation)

    def _note_failure(self, begun: Begun, error: StoreError) -> None:
        if self.failure is None:
            logger.warning(
                "the database did not take %d entries, they wait here: %s: %s",
                len(begun.batch.entries), type(error).__name__, error,
            )  # fmt: skip
        self.failure = error
        self.counters["commit_failures"] += 1
        self._intake.poke()
