"""A terminal as its links see it: the replica behind the `Node` port."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Final

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.forks import Branch, ForkProof
from crdt_pms.journal.identifiers import DeviceId, Dot, JournalId, VersionVector
from crdt_pms.journal.positions import CommittedRun, OrderMark
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.ledger.policies import HOTEL_PMS
from crdt_pms.log.errors import SnapshotError
from crdt_pms.log.snapshot import SnapshotHead
from crdt_pms.replica.replica import Acted, Action, Replica
from crdt_pms.session.clock import Clock
from crdt_pms.session.messages import OrderKnown
from crdt_pms.session.node import OfferAnswer
from crdt_pms.session.openings import Openings
from crdt_pms.session.session import Identity, Peer

logger = logging.getLogger(__name__)

SLICE_ENTRIES_MAX: Final = 10
"""Received entries that are applied without a break: about five milliseconds of work."""


PRUNED_AT_ONCE_MAX: Final = 100
"""Entries that are put away without a break."""


class TerminalNode:
    """The one owner of this process's replica; everything runs on the event loop's thread.

    When a transaction failed, the replica is opened anew from disk before its next use: what was not saved is gone from
    memory too, and nothing unsaved has left the process.
    """

    is_relay = False

    def __init__(
        self,
        definition: PropertyDefinition,
        device: EnrolledDevice,
        clock: Clock,
        open_replica: Callable[[], Replica],
        notify: Callable[[], None],
        openings: Openings,
        let_others_run: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`notify` is called when there may be more to send or to show.

        `let_others_run` is awaited between slices of what one frame brought; without it slices follow at once.
        """
        self.identity = Identity(definition.property_id, definition.root_key, device, is_removed=self._is_removed)
        self.notify = notify
        self.openings = openings
        self._let_others_run = let_others_run
        self.counters: Counter[str] = Counter()
        self._clock = clock
        self._open_replica = open_replica
        self._replica = open_replica()
        self._fork_news: list[ForkProof] = []
        self._order_cuts: list[int] = []

    @property
    def replica(self) -> Replica:
        """The replica, opened anew if its last transaction failed, or if the branch of a journal changed."""
        if self._replica.is_broken:
            logger.warning("a transaction failed; the property is read back from disk")
            self.counters["replica_reopened"] += 1
            self._replica = self._open_replica()
        elif self._replica.is_outdated:
            logger.warning(
                "what follows from the log is computed anew: it stands on a snapshot, or a journal was written twice"
            )
            self.counters["replica_renewed"] += 1
            self._replica = self._open_replica()
        return self._replica

    def _is_removed(self, device: DeviceId) -> bool:
        return self.replica.is_removed(device)

    def act(self, action: Action, staff: str, now_ms: int, new_id: Callable[[], str]) -> Acted:
        """Do what a person asked at this desk, durably. Raises `Refused`; see `Replica.act`.

        What is written goes into a new journal if this one's clock proved to be far ahead.
        """
        if self.replica.is_ahead(now_ms):
            logger.warning(
                "this machine's clock was ahead; a new journal begins with the time that the others agree on"
            )
            self.counters["journals_begun_for_a_wrong_clock"] += 1
            self._replica = self._open_replica()
        return self._replica.act(action, staff, now_ms, new_id, HOTEL_PMS)

    def now_ms(self) -> int:
        """UTC milliseconds, corrected by what the neighbours say."""
        return self._clock.now_ms()

    def machine_ms(self) -> int:
        """UTC milliseconds as the machine's clock says."""
        return self._clock.machine_ms()

    def vector(self) -> VersionVector:
        """What is held here; all of it is durable."""
        return self.replica.vector

    def head(self, journal: JournalId) -> Head | None:
        """The last held entry of a journal."""
        return self.replica.head(journal)

    def order_end(self) -> SignedEnd | None:
        """How far the relay's committed order is known here, in its own signed word."""
        return self.replica.standing.end

    def certificate(self, journal: JournalId) -> Certificate | None:
        """The certificate of a known journal."""
        return self.replica.certificate(journal)

    @property
    def order_cuts(self) -> Sequence[int]:
        """The positions back to which the known order was cut."""
        return self._order_cuts

    async def order_marks(self) -> Sequence[OrderMark]:
        """The digests of the known order at `marked_positions`."""
        return self.replica.order_marks()

    async def common_point(self, marks: Sequence[OrderMark]) -> int:
        """The highest position of a peer's marks up to which the known order is the same."""
        return self.replica.common_point(marks)

    async def heads_beyond(self, position: int) -> Sequence[Head]:
        """The last held entry of each journal that has entries beyond a position of the order, or in none."""
        return self.replica.heads_beyond(position)

    async def cursor_for(self, position: int) -> int:
        """Where to begin reading for a peer that holds the order up to a position."""
        return self.replica.position_before(position)

    async def read(self, cursor: int, position: int, entries_max: int, bytes_max: int) -> tuple[list[Entry], int]:
        """The next entries of the log beyond a position of the order, and the place after which the following ones stand."""
        return self.replica.following(cursor, position, entries_max, bytes_max)

    async def committed_runs(self, after: int, positions_max: int) -> list[CommittedRun]:
        """The known committed order after a position."""
        return self.replica.committed_runs(after, positions_max)

    async def checkpoint(self, position: int) -> SignedEnd | None:
        """The signed end at a checkpoint of the known order."""
        return self.replica.checkpoint(position)

    async def receive_certificates(self, certificates: Sequence[Certificate]) -> None:
        """Learn journals. Raises CertificateRefused."""
        self.replica.receive_certificates(certificates)

    async def receive_entries(self, entries: Sequence[Entry], peer: Peer) -> Collection[JournalId]:
        """Store and apply a batch; durable when this returns. Raises JournalError.

        A slice at a time, so that a person's action never waits for a whole frame of another desk.
        """
        left_out: set[JournalId] = set()
        for begin in range(0, len(entries), SLICE_ENTRIES_MAX):
            if begin and self._let_others_run is not None:
                await self._let_others_run()
            end = begin + SLICE_ENTRIES_MAX
            left_out.update(self.receive_slice(entries[begin:end], peer, durable=end >= len(entries)))
        return left_out

    def receive_slice(self, entries: Sequence[Entry], peer: Peer, *, durable: bool) -> Collection[JournalId]:
        """Store and apply a few entries in one transaction."""
        received = self.replica.receive(entries, self.now_ms(), durable=durable)
        self._note_forks()
        self.counters["entries_received"] += len(received.entries)
        self.counters["entries_repeated"] += received.duplicates
        if received.quarantined:
            self.counters["entries_quarantined"] += received.quarantined
            logger.warning("%d entries from %s are quarantined", received.quarantined, peer.device_id)
        self._note_returned(received.entries, peer)
        if received.entries:
            self.notify()
        return received.left_out

    async def prefixes_of(self, dots: Sequence[Dot]) -> Mapping[Dot, bytes]:
        """The first bytes of the hashes of held entries."""
        return self.replica.prefixes_of(dots)

    async def branch(self, journal: JournalId, seq: int) -> Branch | None:
        """What is held of a journal from a slot on."""
        return self.replica.branch(journal, seq)

    async def receive_branch(self, branch: Branch) -> ForkProof | None:
        """Compare a branch with what is held. Raises JournalError."""
        proof = self.replica.receive_branch(branch)
        self._note_forks()
        return proof

    async def receive_forks(self, proofs: Sequence[ForkProof]) -> None:
        """Learn of forks. Raises JournalError."""
        self.replica.receive_forks(proofs)
        self._note_forks()

    def fork_news(self, after: int | None) -> tuple[Sequence[ForkProof], int]:
        """What is to be told of forks."""
        news = list(self.replica.forks) if after is None else self._fork_news[after:]
        return news, len(self._fork_news)

    def _note_forks(self) -> None:
        """Tell sessions, and people, what was learned of forks."""
        news = self._replica.take_fork_news()
        if news.lost_actions:
            self.counters["actions_lost_in_fork"] += news.lost_actions
            logger.warning(
                "this device wrote a journal twice, as a resumed virtual machine does: %d actions do not count any more and "
                "must be entered again", news.lost_actions,
            )  # fmt: skip
        if news.proofs:
            self._fork_news += news.proofs
            self.notify()

    def _note_returned(self, entries: Sequence[Entry], peer: Peer) -> None:
        """Tell that entries of this very device came from elsewhere: its disk went back with its witness, or was copied.

        All desks hear of it as an alert once this run has written something; this one need not wait for that.
        """
        journals = {entry.dot.journal for entry in entries}
        own = {
            journal
            for journal in journals
            if (known := self._replica.certificate(journal)) is not None
            and known.device_id == self.identity.device.device_id
        }
        if returned := sum(1 for entry in entries if entry.dot.journal in own):
            self.counters["own_entries_returned"] += returned
            logger.warning(
                "%d entries that this device wrote came back from %s: its disk went back to an older state, or was copied. "
                "この端末が書いた記録 %d 件が他から戻りました。ディスクが以前の状態に戻ったか、複製されています。",
                returned, peer.device_id, returned,
            )  # fmt: skip

    async def receive_committed(self, end: SignedEnd, runs: Sequence[CommittedRun], peer: Peer) -> None:
        """Take over a piece of the committed order. Raises CommittedUnknown."""
        if not peer.is_relay and self.replica.standing.generation not in (None, end.generation):
            # A neighbour may not have heard yet that the relay's database was replaced.
            self.counters["foreign_generations_ignored"] += 1
            return
        taken = self.replica.acknowledge(end, runs)
        self._note_cuts()
        self._note_forks()
        if self._replica.is_outdated:
            # The relay committed another branch than the one that was held.
            taken = self.replica.acknowledge(end, runs)
            self._note_cuts()
        if taken:
            self.notify()

    def _note_cuts(self) -> None:
        """Let sessions know that what they know of the order may not be so any more."""
        self._order_cuts += self._replica.take_order_cuts()

    async def receive_order_known(self, known: OrderKnown, peer: Peer) -> bool:
        """Forget at once what another generation of the relay's database had acknowledged otherwise; the rest comes after."""
        if known.end is None:
            return True
        if peer.is_relay and self.replica.follow(known.end, known.marks):
            self._note_cuts()
            self.notify()
        return self.replica.agrees(known.end)

    def snapshot(self) -> SnapshotHead | None:
        """The newest snapshot that is kept here."""
        return self.replica.newest_snapshot

    async def needs_snapshot(self, common: int, peer: Peer) -> bool:
        """Whether what a peer may lack was pruned here."""
        return common < self.replica.pruned_through

    async def snapshot_chunk(self, name: bytes) -> bytes | None:
        """A chunk of a kept snapshot."""
        return self.replica.snapshot_chunk(name)

    async def judge_offer(self, head: SnapshotHead, is_needed: bool, common: int) -> OfferAnswer:
        """Whether a snapshot goes on from what is known here, or is newer than the one that is kept."""
        generation, known = self.replica.standing.generation, self.replica.standing.through
        if head.through <= known:
            newest = self.replica.newest_snapshot
            if not self.replica.is_of_order(head):
                return OfferAnswer.REFUSED
            is_newer = newest is None or newest.through < head.through
            return OfferAnswer.WANTED if is_newer and not is_needed else OfferAnswer.HELD
        # Of two orders that part the relay says which one counts, before it offers anything.
        goes_on = common >= known or head.end.generation == generation
        return OfferAnswer.WANTED if is_needed and goes_on else OfferAnswer.REFUSED

    async def missing_chunks(self, head: SnapshotHead, names_max: int) -> Sequence[bytes]:
        """The names of chunks of a snapshot that are not kept here."""
        return self.replica.missing_chunks(head, names_max)

    async def keep_chunks(self, chunks: Mapping[bytes, bytes]) -> None:
        """Keep chunks of a snapshot."""
        self.replica.keep_chunks(chunks)

    async def take_snapshot(self, head: SnapshotHead, is_needed: bool) -> bool:
        """Stand on a snapshot, or keep it."""
        if is_needed and self.replica.install(head):
            self.counters["snapshots_installed"] += 1
            logger.info("this desk stands on the snapshot at position %d", head.through)
            self.notify()
            return True
        if not is_needed and self.replica.adopt(head):
            self.counters["snapshots_kept"] += 1
            self.notify()
        return False

    def prune(self) -> bool:
        """Put a few entries away for which a snapshot stands. Returns whether there may be more."""
        try:
            removed = self.replica.prune(PRUNED_AT_ONCE_MAX)
        except SnapshotError as error:
            logger.warning("the log is not pruned, since the snapshot that stands for it does not read: %s", error)
            self.counters["prunings_refused"] += 1
            return False
        self.counters["entries_pruned"] += removed
        return removed > 0

    def note_offset(self, peer: Peer, offset_ms: int) -> None:
        """Correct the clock by what a session measured."""
        self._clock.learn(peer.device_id, peer.is_relay, offset_ms)
