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
from crdt_pms.log.errors import SnapshotError, SnapshotMalformed
from crdt_pms.log.kept import kept_snapshots, pruned_through
from crdt_pms.log.snapshot import SnapshotHead
from crdt_pms.log.staleness import mark_fresh
from crdt_pms.ports.errors import StoreCorrupt
from crdt_pms.ports.records import Placed
from crdt_pms.ports.store import Transaction
from crdt_pms.state.property_state import PropertyState
from crdt_pms.state.snapshot_loading import load_base
from crdt_pms.state.stored_rows import StoredRows

logger = logging.getLogger(__name__)

REBUILD_ENTRIES: Final = 512


def rebuild(
    transaction: Transaction,
    opening: PropertyDefinition,
    journal: JournalId,
    through: int,
    stored: StoredRows,
    own_class: DeviceClass = DeviceClass.TERMINAL,
    *,
    is_of_order: bool = False,
    on: SnapshotHead | None = None,
) -> PropertyState:
    """Compute and store what follows from the log up to position `through`, and from a snapshot where the log does not begin
    at the beginning. The caller commits.

    The cost grows with the log, or with what the snapshot holds. The other arguments: see `PropertyState`. Raises StoreCorrupt
    when no snapshot reads that reaches to where the log begins; with `on`, which must be used, SnapshotError when it does not.
    """
    start = _Start(transaction, opening, journal, stored, own_class)
    state = start.newest() if on is None else start.on(on)
    state.is_of_order = is_of_order
    state.forks = KnownForks(transaction.fork_proofs())
    state.quarantine.client_ids.claim_all(_journals_of(transaction, through))
    state.clock_evidence.save(transaction)
    replay = _Replay(state, transaction, through)
    replay.run()
    state.finish_rebuild(through, replay.out_of_order, transaction)
    state.flush(transaction)
    mark_fresh(transaction)
    return state


class _Start:
    """Gives the state before the first entry that is to be replayed."""

    def __init__(
        self,
        transaction: Transaction,
        opening: PropertyDefinition,
        journal: JournalId,
        stored: StoredRows,
        own_class: DeviceClass,
    ) -> None:
        self._transaction = transaction
        self._opening = opening
        self._journal = journal
        self._stored = stored
        self._own_class = own_class

    def newest(self) -> PropertyState:
        """That of the newest kept snapshot that reads, or an empty one where nothing was pruned. Raises StoreCorrupt."""
        heads = kept_snapshots(self._transaction) if pruned_through(self._transaction) else []
        for head in reversed(heads):
            try:
                return self.on(head)
            except SnapshotError as error:
                logger.warning("the snapshot at position %d is not used: %s", head.through, error)
        if heads:
            raise StoreCorrupt(
                "None of the snapshots reads that stand for what was pruned of the log. Keep the file as it is, move it aside, "
                "and start again: what others hold comes back from them."
            )
        self._transaction.forget_derived()
        return PropertyState(self._opening, self._journal, self._stored, self._own_class)

    def on(self, head: SnapshotHead) -> PropertyState:
        """That of one snapshot. Raises SnapshotError."""
        transaction = self._transaction
        transaction.forget_derived()
        try:
            base = load_base(transaction, head)
            state = PropertyState.load(
                transaction, self._opening, self._journal, base.vector, 0, self._stored, self._own_class, base.stamps
            )
        except DocumentError as error:
            raise SnapshotMalformed(f"a document of the snapshot does not load: {error}") from error
        state.stand_on(base, head.content, transaction)
        return state


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
