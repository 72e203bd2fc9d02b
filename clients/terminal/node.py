"""A terminal as its links see it: the replica behind the `Node` port."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import DeviceId, JournalId, VersionVector
from crdt_pms.journal.positions import CommittedRun
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.ledger.policies import HOTEL_PMS
from crdt_pms.replica.replica import Acted, Action, Replica
from crdt_pms.session.clock import Clock
from crdt_pms.session.session import Identity, Peer

logger = logging.getLogger(__name__)


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
    ) -> None:
        """`notify` is called when there may be more to send or to show."""
        self.identity = Identity(definition.property_id, definition.root_key, device, is_removed=self._is_removed)
        self.notify = notify
        self.counters: Counter[str] = Counter()
        self._clock = clock
        self._open_replica = open_replica
        self._replica = open_replica()

    @property
    def replica(self) -> Replica:
        """The replica, opened anew if its last transaction failed."""
        if self._replica.is_broken:
            logger.warning("a transaction failed; the property is read back from disk")
            self.counters["replica_reopened"] += 1
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

    def order_end(self) -> SignedEnd | None:
        """How far the relay's committed order is known here, in its own signed word."""
        return self.replica.standing.end

    def certificate(self, journal: JournalId) -> Certificate | None:
        """The certificate of a known journal."""
        return self.replica.certificate(journal)

    async def cursor_for(self, vector: VersionVector) -> int:
        """Where to begin reading for a peer that holds `vector`."""
        return self.replica.position_before(vector)

    async def read(self, cursor: int, entries_max: int, bytes_max: int) -> tuple[list[Entry], int]:
        """The next entries of the log, and the position after which the following ones stand."""
        entries = self.replica.following(cursor, entries_max, bytes_max)
        return entries, cursor + len(entries)

    async def committed_runs(self, after: int, positions_max: int) -> list[CommittedRun]:
        """The known committed order after a position."""
        return self.replica.committed_runs(after, positions_max)

    async def checkpoint(self, position: int) -> SignedEnd | None:
        """The signed end at a checkpoint of the known order."""
        return self.replica.checkpoint(position)

    async def receive_certificates(self, certificates: Sequence[Certificate]) -> None:
        """Learn journals. Raises CertificateRefused."""
        self.replica.receive_certificates(certificates)

    async def receive_entries(self, entries: Sequence[Entry], peer: Peer) -> None:
        """Store and apply a batch; durable when this returns. Raises JournalError."""
        received = self.replica.receive(entries, self.now_ms())
        self.counters["entries_received"] += len(received.entries)
        self.counters["entries_repeated"] += received.duplicates
        if received.quarantined:
            self.counters["entries_quarantined"] += received.quarantined
            logger.warning("%d entries from %s are quarantined", received.quarantined, peer.device_id)
        self._note_returned(received.entries, peer)
        if received.entries:
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
        if self.replica.acknowledge(end, runs):
            self.notify()

    async def receive_order_end(self, end: SignedEnd, peer: Peer) -> bool:
        """Forget at once what another generation of the relay's database had acknowledged; the order itself comes after."""
        if peer.is_relay and self.replica.follow(end):
            self.notify()
        return self.replica.agrees(end)

    def note_offset(self, peer: Peer, offset_ms: int) -> None:
        """Correct the clock by what a session measured."""
        self._clock.learn(peer.device_id, peer.is_relay, offset_ms)
