"""When a relay makes snapshots, which of them it hands out, and which it keeps.

A snapshot is handed out when it is older than every backup of the database may be: a database that was put back to a backup
still holds everything that a terminal may have put away because of it. Two settings, apart: how often one is made, and how old
it must be.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from crdt_pms.journal.positions import Checkpoint
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.log.errors import SnapshotTooLarge
from crdt_pms.log.kept import drop_snapshots, keep_snapshot, kept_snapshots, stored_index
from crdt_pms.log.known_order import digest_at
from crdt_pms.log.limits import SEGMENT_POSITIONS
from crdt_pms.log.snapshot import SnapshotHead
from crdt_pms.ports.store import Transaction
from crdt_pms.state.property_state import PropertyState
from crdt_pms.state.snapshot_making import make_sections
from relay_server.generation import read_generation

logger = logging.getLogger(__name__)

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
HANDED_OUT_KEPT: Final = 2
"""A terminal that fetches the one before goes on while a newer one is handed out."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How often snapshots are made, and how old the oldest backup of the database may be: both in milliseconds.

    `entries_min` is how much must have been committed since the last one; `width` see `limits.SEGMENT_POSITIONS`.
    """

    every_ms: int = DAY_MS
    oldest_backup_ms: int = 7 * DAY_MS
    entries_min: int = 100
    width: int = SEGMENT_POSITIONS


class SnapshotMaker:
    """Everything on the projection's thread, inside its transactions."""

    def __init__(self, relay: EnrolledDevice, retention: Retention) -> None:
        self._relay = relay
        self._retention = retention
        self._looked_at_ms: int | None = None
        self.handed_out: SnapshotHead | None = None
        """The newest snapshot that may be handed out; replaced whole, so that other threads may look."""

    def forget(self) -> None:
        """Look again soon: what was kept is no longer so."""
        self._looked_at_ms, self.handed_out = None, None

    def is_due(self, now_ms: int) -> bool:
        """Whether it is time to look at what is kept: at the start, and then a tenth of an interval later each time."""
        step_ms = max(self._retention.every_ms // 10, 1)
        looked_ms = self._looked_at_ms
        return looked_ms is None or not looked_ms <= now_ms < looked_ms + step_ms

    def look(self, transaction: Transaction, state: PropertyState, now_ms: int) -> bool:
        """Make a snapshot of the state, which stands in the store too, if one is due; hand out the newest that is old enough.

        Returns whether there is another one to hand out.
        """
        self._looked_at_ms = now_ms
        kept = [head for head in kept_snapshots(transaction) if self._is_of_order(transaction, head)]
        if self._is_one_due(kept, state.position, now_ms):
            try:
                kept.append(self._make(transaction, state, kept[-1] if kept else None, now_ms))
            except SnapshotTooLarge as error:
                logger.error("no snapshot is made, so terminals prune nothing: %s", error)
        old = [head for head in kept if self.is_old_enough(head, now_ms)]
        staying = {*old[-HANDED_OUT_KEPT:], *(head for head in kept if head not in old)}
        leaving = [head for head in kept_snapshots(transaction) if head not in staying]
        if leaving:
            drop_snapshots(transaction, leaving)
        newest = old[-1] if old else None
        is_new = newest != self.handed_out
        self.handed_out = newest
        return is_new

    def is_old_enough(self, head: SnapshotHead, now_ms: int) -> bool:
        """Whether every backup of the database holds what the snapshot stands for."""
        return head.made_ms <= now_ms - self._retention.oldest_backup_ms

    def _is_one_due(self, kept: list[SnapshotHead], position: int, now_ms: int) -> bool:
        if not kept:
            return position >= self._retention.entries_min
        # One of the future was made while the clock was ahead.
        is_time = not kept[-1].made_ms <= now_ms < kept[-1].made_ms + self._retention.every_ms
        return is_time and position >= kept[-1].through + self._retention.entries_min

    def _make(
        self, transaction: Transaction, state: PropertyState, before: SnapshotHead | None, now_ms: int
    ) -> SnapshotHead:
        index = None if before is None else stored_index(transaction, before)
        known = None if before is None or index is None else (before.through, index)
        name = make_sections(transaction, state, self._retention.width, known)
        generation, digest = read_generation(transaction), digest_at(transaction, state.position)
        assert generation is not None, "a database that holds entries has a generation"
        assert digest is not None, "what is projected is committed"
        end = SignedEnd.sign(self._relay, generation, state.position, digest)
        head = SnapshotHead.sign(self._relay, end, state.content_hash(), name, now_ms)
        keep_snapshot(transaction, head)
        transaction.put_checkpoint(Checkpoint(head.through, digest))
        logger.info("a snapshot was made at position %d", head.through)
        return head

    @staticmethod
    def _is_of_order(transaction: Transaction, head: SnapshotHead) -> bool:
        return digest_at(transaction, head.through) == head.end.digest
