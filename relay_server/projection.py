"""The property as PostgreSQL's committed order makes it: merged state in memory, readable tables beside the entries.

The watermark moves in the transaction of what it vouches for. Everything here runs on one thread, the projector's, since
decoded documents may not leave the thread on which they were made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from crdt_pms.desk.administration import removed_devices
from crdt_pms.desk.view import DeskView
from crdt_pms.documents.errors import is_panic
from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.clock import HybridLogicalClock
from crdt_pms.journal.forks import KnownForks
from crdt_pms.journal.identifiers import Dot, JournalId, VersionVector
from crdt_pms.journal.limits import ENTRY_BYTES_MAX
from crdt_pms.ledger.succession import Succession
from crdt_pms.log.branches import rests_on_another
from crdt_pms.log.kept import drop_snapshots, kept_snapshots
from crdt_pms.log.verification import note_held
from crdt_pms.ports.errors import StoreError, StoreUnavailable
from crdt_pms.ports.records import Placed
from crdt_pms.ports.store import Store, Transaction
from crdt_pms.session.clock import Clock
from crdt_pms.state.property_state import PropertyState
from crdt_pms.state.rebuilding import rebuild
from crdt_pms.state.stored_rows import StoredRows
from relay_server.commit import FORK_CHANGES
from relay_server.errors import ProjectionFailed
from relay_server.limits import PROJECT_BYTES_MAX, PROJECT_ENTRIES_MAX
from relay_server.order import vector_of
from relay_server.snapshots import SnapshotMaker

_WATERMARK: Final = "projected"
_LOCK: Final = "projector"
RELOAD_BEYOND_ENTRIES: Final = 5_000
"""When another relay process projected that much further, reading its result back beats applying it here too."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the projection is. `caught_up`: nothing more was committed when it looked."""

    position: int
    caught_up: bool


class ProjectionAhead(StoreUnavailable):
    """PostgreSQL holds less than was projected here. The committer will find out and end the process."""


class Projection:
    """Applies committed entries in order.

    Invariants:
    1. After a transaction the state in memory stands at `position`, and so do the tables; after a failed one the state is
       dropped and loaded again before its next use.
    2. Of several relay processes one at a time projects, and none ever writes rows older than those that are there.
    3. After an `alarm` nothing is projected, read or written here any more in this run of the process.
    """

    def __init__(
        self,
        store: Store,
        definition: PropertyDefinition,
        clock: Clock,
        new_journal: Callable[[], JournalId],
        committers_looks: Callable[[], int],
        snapshots: SnapshotMaker | None = None,
    ) -> None:
        """`snapshots` makes them; without it none is made.

        `new_journal` gives sixteen fresh random bytes: the id under which this process run may write.

        `committers_looks` says how often the committer has found the order of the database whole; it is called on this thread.
        """
        self.definition = definition
        self.wall_clock = clock
        self._store = store
        self._stored = StoredRows(store)
        self._new_journal = new_journal
        self._committers_looks = committers_looks
        self._snapshots = snapshots
        self._ahead_since: int | None = None
        self._state: PropertyState | None = None
        self._one_by_one = 0
        """How many entries are to be applied each in a transaction of its own."""
        self._at: tuple[int, Dot | None] | None = None
        self._newest: Dot | None = None
        self._certificates: dict[JournalId, Certificate] = {}
        self._succession: tuple[PropertyState, Succession] | None = None
        self.alarm: ProjectionFailed | None = None
        """What could not be applied."""
        self._fork_changes: bytes | None = None
        self.journal = JournalId(b"")
        self.removed_devices: frozenset[str] = frozenset()
        """The devices that may not write now, as committed so far; replaced whole, so that other threads may look."""
        self.stamps = HybridLogicalClock()

    @property
    def position(self) -> int | None:
        """How far the state is; None before it is loaded, and after a failure."""
        return None if self._state is None else self._state.position

    def is_current(self) -> bool:
        """Whether the state shows all that is committed at this moment, by whichever process. Raises StoreError.

        Where it does, nothing is written and no other process waits.
        """
        state = self._state
        if state is None:
            return False
        with self._store.transaction() as transaction:
            return (
                _read_watermark(transaction) == state.position
                and not transaction.committed_hashes(state.position, 1)
                and transaction.get_state(FORK_CHANGES) == self._fork_changes
            )

    def catch_up(self) -> Standing:
        """Apply the next committed entries, in one transaction. Raises StoreError; ProjectionFailed when one cannot be applied.

        Then it goes on one by one, so that what stands before that entry is applied, and the alarm names the right one.
        """
        one_by_one = self._one_by_one > 0
        try:
            with self.transaction() as (transaction, state):
                applied = self.apply_next(transaction, state, 1 if one_by_one else PROJECT_ENTRIES_MAX)
        except ProjectionFailed as failed:
            if one_by_one:
                self.alarm = failed
                raise
            self._one_by_one = PROJECT_ENTRIES_MAX
            return self.catch_up()
        self._one_by_one -= min(len(applied), self._one_by_one)
        return Standing(state.position, not (applied if one_by_one else _may_be_followed(applied)))

    def refresh_alerts(self) -> None:
        """Bring the readable alerts up to date. Raises as `catch_up`."""
        try:
            with self.transaction() as (transaction, state), self._applying(state.position, self._newest):
                state.refresh_alerts(transaction, self._journals(transaction, state))
        except ProjectionFailed as failed:
            self.alarm = failed
            raise

    def make_snapshots(self) -> bool:
        """Make a snapshot if one is due, and let go of old ones. Returns whether there is another one to hand out.

        Raises as `catch_up`.
        """
        maker, now_ms = self._snapshots, self.wall_clock.now_ms()
        if maker is None or not maker.is_due(now_ms):
            return False
        with self.transaction() as (transaction, state):
            return maker.look(transaction, state, now_ms)

    def _journals(self, transaction: Transaction, state: PropertyState) -> Succession:
        """The journals of which anything is applied. Each certificate is read, and verified, once for a loaded state."""
        if self._succession is None or self._succession[0] is not state:
            self._succession = (state, Succession())
        succession = self._succession[1]
        for journal, seq in state.vector.items():
            if succession.held(journal) != seq:
                certificate = self._certificates.get(journal) or transaction.certificate(journal)
                assert certificate is not None, "an entry comes after the certificate of its journal"
                self._certificates[journal] = certificate
                note_held(succession, certificate, seq)
        return succession

    def view(self) -> DeskView:
        """The desk as committed so far; loads it if necessary."""
        return self.loaded().view()

    def content_hash(self) -> bytes:
        """Digest of rows and board as of `position`."""
        return self.loaded().content_hash()

    def loaded(self) -> PropertyState:
        """The state, loaded if necessary. For reading only."""
        if self._state is None:
            with self.transaction():
                pass
        assert self._state is not None
        return self._state

    @contextmanager
    def transaction(self) -> Iterator[tuple[Transaction, PropertyState]]:
        """A transaction of the one projector, with a state no older than the tables; flushes and moves the watermark."""
        if self.alarm is not None:
            raise self.alarm
        try:
            with self._store.transaction() as transaction, self._stored.within(transaction):
                transaction.put_state(_LOCK, b"")  # the row's lock keeps other relay processes' projectors out
                watermark = _read_watermark(transaction)
                if self._state is not None and watermark < self._state.position:
                    self._require_order_whole(watermark, self._state.position)
                    self._state = None
                if self._state is None or watermark - self._state.position > RELOAD_BEYOND_ENTRIES:
                    with self._applying(watermark):
                        self._load(transaction, watermark)
                state = self._state
                assert state is not None
                state = self._with_forks(transaction, state)
                self._follow(transaction, state, watermark)
                yield transaction, state
                with self._applying(state.position, self._newest):
                    state.flush(transaction)
                if state.is_stale:
                    self._state = self._rebuilt(transaction, state.position)
                self.removed_devices = removed_devices(state.definition)
                if state.position != watermark:
                    transaction.put_state(_WATERMARK, state.position.to_bytes(8, "big"))
        except ProjectionAhead:
            # The state stays, and with it this refusal: nothing may follow on what went back before the committer saw it.
            raise
        except BaseException as error:
            self._state = None
            at, self._at = self._at, None
            # Only here is it known what was the database's fault.
            if at is None or isinstance(error, StoreError) or not _is_failure(error):
                raise
            position, dot = at
            raise ProjectionFailed(position, dot, error) from error

    def _follow(self, transaction: Transaction, state: PropertyState, watermark: int) -> None:
        """Bring the state up to what another relay process has projected."""
        if state.position < watermark:
            while state.position < watermark:
                self.apply_next(transaction, state, min(PROJECT_ENTRIES_MAX, watermark - state.position))
            state.follow(transaction)

    @contextmanager
    def _applying(self, position: int, dot: Dot | None = None) -> Iterator[None]:
        """What fails within is the fault of that entry."""
        self._at = (position, dot)
        yield
        self._at = None

    def _with_forks(self, transaction: Transaction, state: PropertyState) -> PropertyState:
        """The state, computed anew if an entry in it rests on a branch of which only now is known that it does not count."""
        changes = transaction.get_state(FORK_CHANGES)
        if changes != self._fork_changes:
            known, state.forks = state.forks, KnownForks(transaction.fork_proofs())
            learned = {proof.point.journal for proof in state.forks if known.at(proof.point) != proof}
            if rests_on_another(transaction, learned, state.forks):
                state = self._state = self._rebuilt(transaction, state.position)
            self._fork_changes = changes
        return state

    def _rebuilt(self, transaction: Transaction, position: int) -> PropertyState:
        self._forget_snapshots(transaction)
        return rebuild(transaction, self.definition, self.journal, position, self._stored, is_of_order=True)

    def _forget_snapshots(self, transaction: Transaction) -> None:
        """What follows from the order is not what it was when the kept snapshots were made: the next is made from nothing."""
        drop_snapshots(transaction, kept_snapshots(transaction))
        if self._snapshots is not None:
            self._snapshots.forget()

    def _require_order_whole(self, watermark: int, shown: int) -> None:
        """ProjectionAhead until the committer has looked at the database after this was noticed.

        If the announced order went back, it ends the process. If it did not, what went back is rows, or entries of the origin
        desk of which no other node was told: projecting goes on from what is there.
        """
        looks = self._committers_looks()
        if self._ahead_since is None:
            self._ahead_since = looks
        # One look may have begun before the database went back.
        if looks < self._ahead_since + 2:
            raise ProjectionAhead(
                f"PostgreSQL shows {watermark} entries, {shown} were shown: it is another database or an older backup"
            )
        self._ahead_since = None

    def apply_next(
        self, transaction: Transaction, state: PropertyState, entries_max: int | None = None
    ) -> list[Placed]:
        """Apply some of the entries that follow and return them; none when there are none."""
        placed = transaction.entries_after(state.position, entries_max or PROJECT_ENTRIES_MAX, PROJECT_BYTES_MAX)
        now_ms = self.wall_clock.now_ms()
        for one in placed:
            self._newest = one.entry.dot
            with self._applying(one.position, one.entry.dot):
                state.apply(one.entry, transaction)
            self.stamps.observe(one.entry.stamp, now_ms)
        return placed

    def _load(self, transaction: Transaction, watermark: int) -> None:
        self.journal = self._new_journal()
        vector = _vector_at(transaction, watermark)
        self._state = PropertyState.load(transaction, self.definition, self.journal, vector, watermark, self._stored)
        self._state.is_of_order = True
        if self._state.reconsider_held(transaction):
            self._forget_snapshots(transaction)
        self.stamps = HybridLogicalClock()
        now_ms = self.wall_clock.now_ms()
        for stamp in self._state.clock_evidence.newest:
            self.stamps.observe(stamp, now_ms)


def _is_failure(error: BaseException) -> bool:
    """Whether the program went wrong, rather than being told to end."""
    return isinstance(error, Exception) or is_panic(error)


def _may_be_followed(placed: Sequence[Placed]) -> bool:
    """Whether reading these stopped at a limit, so that more may stand after them."""
    size = sum(one.entry.size for one in placed)
    return len(placed) == PROJECT_ENTRIES_MAX or size + ENTRY_BYTES_MAX > PROJECT_BYTES_MAX


def _read_watermark(transaction: Transaction) -> int:
    return int.from_bytes(transaction.get_state(_WATERMARK) or b"", "big")


def _vector_at(transaction: Transaction, position: int) -> VersionVector:
    """What was held when the committed order ended at `position`: the present, less what came after."""
    if position == 0:
        return {}
    vector = vector_of(transaction.journals())
    after: list[Placed] = []
    while True:
        after = transaction.entries_after(
            after[-1].position if after else position, PROJECT_ENTRIES_MAX, PROJECT_BYTES_MAX
        )
        if not after:
            return vector
        for placed in after:
            journal, seq = placed.entry.dot
            if seq == 1:
                del vector[journal]
            elif journal in vector:
                vector[journal] = min(vector[journal], seq - 1)
