"""What a session needs to know of the node that it serves. Terminals and relays each implement it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from crdt_pms.journal.certificate import Certificate
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.forks import Branch, ForkProof
from crdt_pms.journal.identifiers import Dot, JournalId, VersionVector
from crdt_pms.journal.positions import CommittedRun
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.session.openings import Openings
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

    @property
    def openings(self) -> Openings:
        """How fast devices may open journals here."""
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

    def order_end(self) -> SignedEnd | None:
        """How far the committed order is known here; None before the relay said anything of it."""
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

    async def checkpoint(self, position: int) -> SignedEnd | None:
        """The signed end at a checkpoint of the known order; None when it is not known any more."""
        ...

    async def receive_certificates(self, certificates: Sequence[Certificate]) -> None:
        """Learn journals."""
        ...

    async def receive_entries(self, entries: Sequence[Entry], peer: Peer) -> Collection[JournalId]:
        """Take a batch of entries. Returns the forked journals of which it brought another branch than the one held here.

        Raises JournalForked, and takes nothing, for another branch of a journal that is not known to be forked.
        """
        ...

    def head_prefixes(self) -> Mapping[JournalId, bytes]:
        """For each journal of `vector` the first bytes of the hash of the entry that it names."""
        ...

    async def prefixes_of(self, dots: Sequence[Dot]) -> Mapping[Dot, bytes]:
        """The first bytes of the hashes of those entries that are held, and can be looked up now."""
        ...

    async def branch(self, journal: JournalId, seq: int) -> Branch | None:
        """What is held of a journal from a slot on, as a proof needs it; None when that is nothing."""
        ...

    async def receive_branch(self, branch: Branch) -> ForkProof | None:
        """Compare what the peer holds of a journal from a slot on. Returns what is known of the fork there then, if it is
        one."""
        ...

    async def receive_forks(self, proofs: Sequence[ForkProof]) -> None:
        """Take in what the peer knows of forks."""
        ...

    def fork_news(self, after: int | None) -> tuple[Sequence[ForkProof], int]:
        """What is to be told of forks after so many pieces of news, None: everything; and how many pieces there are by now."""
        ...

    async def receive_committed(self, end: SignedEnd, runs: Sequence[CommittedRun], peer: Peer) -> None:
        """Take a piece of the committed order that leads to a proven end."""
        ...

    async def receive_order_end(self, end: SignedEnd, peer: Peer) -> bool:
        """Hear when a session begins how far the peer knows the committed order; it is proven.

        Returns whether the order that is known here says the same up to there, as far as it goes.
        """
        ...

    def note_offset(self, peer: Peer, offset_ms: int) -> None:
        """Hear how far the peer's machine's clock is ahead of this one's."""
        ...
