"""Computing from the log everything that follows from it, when something that was applied does not count any more."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Final

from crdt_pms.documents.errors import DocumentError
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.forks import KnownForks
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.limits import ENTRY_BYTES_MAX
from crdt_pms.journal.trust import DeviceClass
from crdt_pms.log.errors import SnapshotError
from crdt_pms.replica.port import Placed, StoreCorrupt, Transaction
from crdt_pms.replica.snapshot_loading import load_base
from crdt_pms.replica.snapshots_kept import kept_snapshots, pruned_through
from crdt_pms.replica.state import PropertyState
from crdt_pms.replica.stored_rows import StoredRows

logger = logging.getLogger(__name__)

REBUILD_ENTRIES: Final = 512
_STALE: Final = "derived_stale"


def mark_stale(transaction: Transaction) -> None:
    """Have what follows from the log computed anew before it is used again."""
    transaction.put_state(_STALE, b"1")


def is_stale(transaction: Transaction) -> bool:
    """Whether what follows from the log must be computed anew."""
    return transaction.get_state(_STALE) == b"1"


def rebuild(
    transaction: Transaction,
    opening: PropertyDefinition,
    journal: JournalId,
    through: int,
    stored: StoredRows,
    own_class: DeviceClass = DeviceClass.TERMINAL,
    *,
    is_of_order: bool = False,
) -> PropertyState:
    """Compute and store what follows from the log up to position `through`, and from a snapshot where the log does not begin
    at the beginning. The caller commits.

    The cost grows with the log, or with what the snapshot holds. The other arguments: see `PropertyState`. Raises StoreCorrupt
    when no snapshot reads that reaches to where the log begins.
    """
    state = _start(transaction, opening, journal, stored, own_class)
    state.is_of_order = is_of_order
    state.forks = KnownForks(transaction.fork_proofs())
    state.quarantine.client_ids.claim_all(_journals_of(transaction, through))
    state.clock_evidence.save(transaction)
    replay = _Replay(state, transaction, through)
    replay.run()
    state.finish_rebuild(through, replay.out_of_order, transaction)
    state.flush(transaction)
    transaction.put_state(_STALE, b"")
    return state


def _start(
    transaction: Transaction,
    opening: PropertyDefinition,
    journal: JournalId,
    stored: StoredRows,
    own_class: DeviceClass,
) -> PropertyState:
    """The state before the first entry that is to be replayed: that of the newest snapshot that reads, or an empty one."""
    heads = kept_snapshots(transaction) if pruned_through(transaction) else []
    for head in reversed(heads):
        transaction.forget_derived()
        try:
            base = load_base(transaction, head)
            state = PropertyState.load(
                transaction, opening, journal, base.vector, 0, stored, own_class, stamps=base.stamps
            )
            state.stand_on(base, head.content, transaction)
        except (SnapshotError, DocumentError) as error:
            logger.warning("the snapshot at position %d is not used: %s", head.through, error)
            continue
        return state
    if heads:
        raise StoreCorrupt(
            "None of the snapshots reads that stand for what was pruned of the log. Keep the file as it is, move it aside, and "
            "start again: what others hold comes back from them."
        )
    transaction.forget_derived()
    return PropertyState(opening, journal, stored, own_class)


def _journals_of(transaction: Transaction, through: int) -> Iterator[JournalId]:
    """The journals that have an entry up to that position, or in a snapshot."""
    for held in transaction.held_journals():
        first = transaction.entry(Dot(held.head.journal, 1))
        if transaction.covered(held.head.journal) or (first is not None and first.position <= through):
            yield held.head.journal


class _Replay:
    """Applies a log in its order, but what an entry supersedes before the entry: a branch may have come into the log after
    entries that rest on it."""

    def __init__(self, state: PropertyState, transaction: Transaction, through: int) -> None:
        self._state = state
        self._transaction = transaction
        self._through = through
        self._waiting: list[Placed] = []
        self.out_of_order: set[str] = set()
        """Documents of which updates were applied after others that stand behind them."""

    def run(self) -> None:
        position = 0
        while placed := self._transaction.entries_after(position, REBUILD_ENTRIES, ENTRY_BYTES_MAX):
            for one in placed:
                if one.position <= self._through:
                    self._take(one)
            self._state.flush(self._transaction)
            position = placed[-1].position
            if position >= self._through:
                break
        # Only invented prefixes make a circle.
        for one in self._waiting:
            self._apply(one)

    def _take(self, placed: Placed) -> None:
        if placed.entry.dot.seq <= self._state.vector.get(placed.entry.dot.journal, 0):
            # The snapshot stands for it, but for updates of documents that wait for others.
            if placed.entry.document:
                self._state.position = placed.position - 1
                self._state.apply_again(placed.entry, self._transaction)
            return
        if not self._is_ready(placed.entry):
            self._waiting.append(placed)
            self.out_of_order.update({placed.entry.document} - {""})
            return
        self._apply(placed)
        while ready := next((one for one in self._waiting if self._is_ready(one.entry)), None):
            self._waiting.remove(ready)
            self._apply(ready)

    def _apply(self, placed: Placed) -> None:
        self._state.position = placed.position - 1
        self._state.apply(placed.entry, self._transaction)

    def _is_ready(self, entry: Entry) -> bool:
        applied = self._state.vector
        if applied.get(entry.dot.journal, 0) != entry.dot.seq - 1:
            return False
        for dot in entry.supersedes:
            if applied.get(dot.journal, 0) < dot.seq and self._state.forks.is_uncertain(dot):
                named = self._transaction.entry(dot)
                if named is not None and named.position <= self._through:
                    return named.entry.prefix != entry.prefixes[dot]
        return True
