"""A terminal as its sessions see it: the replica behind the `Node` port of the links."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import JournalId, VersionVector
from crdt_pms.journal.keys import DeviceKey
from crdt_pms.journal.positions import CommittedRun
from crdt_pms.replica.replica import Replica
from crdt_pms.runtime.changes import ChangeSignal
from crdt_pms.runtime.clocks import Clock

logger = logging.getLogger(__name__)


class TerminalNode:
    """The one owner of this process's replica; everything runs on the event loop's thread.

    When a transaction failed, the replica is opened anew from disk before its next use: what was not saved is gone from
    memory too, and nothing unsaved has left the process.
    """

    role = "terminal"

    def __init__(
        self, definition: PropertyDefinition, key: DeviceKey, clock: Clock, open_replica: Callable[[], Replica]
    ) -> None:
        self.property_id = definition.property_id
        self.device_key = key
        self.clock = clock
        self.changes = ChangeSignal()
        self.counters: Counter[str] = Counter()
        self._trusted = frozenset(bytes.fromhex(device.public_key) for device in definition.devices)
        self._open_replica = open_replica
        self._replica = open_replica()

    @property
    def replica(self) -> Replica:
        """The replica, opened anew if the last transaction failed."""
        if self._replica.is_broken:
            logger.warning("a transaction failed; reading the property back from disk")
            self.counters["replica_reopened"] += 1
            self._replica = self._open_replica()
        return self._replica

    def is_trusted(self, key: bytes) -> bool:
        """Whether a device key belongs to the property."""
        return key in self._trusted

    def vector(self) -> VersionVector:
        """What is held here."""
        return self.replica.vector

    def durable_vector(self) -> VersionVector:
        """What is durable here: on a terminal, all that is held."""
        return self.replica.vector

    def committed(self) -> tuple[bytes | None, int]:
        """The relay's generation and how far its order is known here."""
        return self.replica.standing

    async def committed_runs(self, after: int, limit: int) -> list[CommittedRun]:
        """The known committed order after a position."""
        return self.replica.committed_runs(after, limit)

    async def cursor_for(self, vector: VersionVector) -> int:
        """Where to begin reading for a peer that holds `vector`."""
        return self.replica.position_before(vector)

    async def read(self, cursor: int, entries_max: int, bytes_max: int) -> tuple[list[Entry], int]:
        """The next entries of the log and where the ones after them begin."""
        placed = self.replica.read(cursor, entries_max, bytes_max)
        return [one.entry for one in placed], placed[-1].position if placed else cursor

    def certificate(self, journal: JournalId) -> Certificate | None:
        """The certificate of a known journal."""
        return self.replica.certificate(journal)

    async def receive_certificates(self, certificates: Sequence[Certificate]) -> None:
        """Learn journals. Raises CertificateRefused."""
        self.replica.receive_certificates(certificates)

    async def receive_entries(self, entries: Sequence[Entry], peer: str) -> None:
        """Store and apply a batch; durable when this returns. Raises JournalError."""
        received = self.replica.receive(entries, self.clock.now_ms())
        self.counters["entries_received"] += len(received.entries)
        self.counters["entries_repeated"] += received.duplicates
        if received.quarantined:
            self.counters["entries_quarantined"] += received.quarantined
            logger.warning("%d entries from %s are quarantined", received.quarantined, peer)
        if received.entries:
            self.changes.notify()

    async def receive_committed(self, generation: bytes, runs: Sequence[CommittedRun]) -> None:
        """Take over a piece of the committed order."""
        self.replica.acknowledge(generation, runs)
        self.changes.notify()
