"""What a session needs to know of the node that it serves. Terminals and relays each implement it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.identifiers import JournalId, VersionVector
from crdt_pms.journal.positions import CommittedRun
from crdt_pms.session.session import Identity, Peer


class Node(Protocol):
    """A terminal or a relay. Everything is called on one thread.

    What `read` gives and `vector` names may leave the process. Calls raise JournalError for the peer's faults, StoreError and
    ReplicaError for this node's own troubles. Some are asynchronous, since a relay asks PostgreSQL; a node that has everything
    at hand returns without waiting.
    """

    @property
    def identity(self) -> Identity:
        """Who this node is."""
        ...

    @property
    def is_relay(self) -> bool:
        """Whether this node gives out the committed order."""
        ...

    @property
    def counters(self) -> Counter[str]:
        """What happened so far, by a stable name."""
        ...

    def now_ms(self) -> int:
        """UTC milliseconds as this node believes."""
        ...

    def machine_ms(self) -> int:
        """UTC milliseconds as its machine's clock says, uncorrected."""
        ...

    def vector(self) -> VersionVector:
        """What is held here."""
        ...

    def committed(self) -> tuple[bytes | None, int]:
        """The generation of the relay's database and how far its order is known here."""
        ...

    def certificate(self, journal: JournalId) -> Certificate | None:
        """The certificate of a journal that `read` gave entries of."""
        ...

    async def cursor_for(self, vector: VersionVector) -> int:
        """Where to begin reading for a peer that holds `vector`."""
        ...

    async def read(self, cursor: int, entries_max: int, bytes_max: int) -> tuple[list[Entry], int]:
        """The next entries, at least one if there is any, dependencies first; and where the ones after them begin."""
        ...

    async def committed_runs(self, after: int, positions_max: int) -> list[CommittedRun]:
        """The known committed order after a position."""
        ...

    async def receive_certificates(self, certificates: Sequence[Certificate]) -> None:
        """Learn journals."""
        ...

    async def receive_entries(self, entries: Sequence[Entry], peer: Peer) -> None:
        """Take a batch of entries."""
        ...

    async def receive_committed(self, generation: bytes, runs: Sequence[CommittedRun], peer: Peer) -> None:
        """Take a piece of the committed order."""
        ...

    async def order_digest(self, position: int) -> bytes | None:
        """The digest of the committed order up to a position; None when it is not known so far."""
        ...

    async def receive_standing(self, generation: bytes | None, through: int, digest: bytes, peer: Peer) -> None:
        """Hear how far the peer knows the committed order, and its digest, when a session begins."""
        ...

    def note_offset(self, peer: Peer, offset_ms: int) -> None:
        """Hear how far the peer's machine's clock is ahead of this one's."""
        ...
