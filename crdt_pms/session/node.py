"""What a session needs to know of the node that it serves. Terminals and relays each implement it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from enum import Enum, auto
from typing import Protocol

from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.forks import Branch, ForkProof
from crdt_pms.journal.identifiers import Dot, JournalId
from crdt_pms.journal.positions import CommittedRun, OrderMark
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.log.snapshot import SnapshotHead
from crdt_pms.session.messages import OrderKnown
from crdt_pms.session.openings import Openings
from crdt_pms.session.session import Identity, Peer


class OfferAnswer(Enum):
    """What an offered snapshot is to a node."""

    WANTED = auto()
    """To stand on, or for keeping."""
    HELD = auto()
    """All that it stands for is held here."""
    REFUSED = auto()
    """Of no use, or of another order."""


class Node(Protocol):
    """A terminal or a relay. Everything is called on one thread.

    What `read` and `heads_beyond` give may leave the process. Calls raise JournalError for the peer's faults, StoreError and
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

    def head(self, journal: JournalId) -> Head | None:
        """The last entry that is held of a journal; None when nothing is."""
        ...

    def order_end(self) -> SignedEnd | None:
        """How far the committed order is known here; None before the relay said anything of it."""
        ...

    @property
    def order_cuts(self) -> Sequence[int]:
        """The positions back to which the known order was cut since the process began: after each another one came."""
        ...

    async def order_marks(self) -> Sequence[OrderMark]:
        """The digests of the known order at `marked_positions`, as far as they can be looked up now."""
        ...

    async def common_point(self, marks: Sequence[OrderMark]) -> int:
        """The highest position of a peer's marks up to which the order that is known here is the same; 0 when there is none."""
        ...

    async def heads_beyond(self, position: int) -> Sequence[Head]:
        """The last held entry of each journal that has entries beyond a position of the order, or in none."""
        ...

    def certificate(self, journal: JournalId) -> Certificate | None:
        """The certificate of a journal that `read` gave entries of."""
        ...

    async def cursor_for(self, position: int) -> int:
        """Where to begin reading for a peer that holds the order up to a position."""
        ...

    async def read(self, cursor: int, position: int, entries_max: int, bytes_max: int) -> tuple[list[Entry], int]:
        """The next entries that stand beyond that position of the order, or in none, dependencies first; and the cursor after
        them, which stays when there are no more."""
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

    async def receive_order_known(self, known: OrderKnown, peer: Peer) -> bool:
        """Hear when a session begins how far the peer knows the committed order; its end is proven, its marks are its own word.

        Returns whether the order that is known here says the same up to that end, as far as it goes.
        """
        ...

    def snapshot(self) -> SnapshotHead | None:
        """The newest snapshot that may be handed out here; None when there is none."""
        ...

    async def needs_snapshot(self, common: int, peer: Peer) -> bool:
        """Whether a peer that knows the order up to `common` is to be given the snapshot instead of what stands after that."""
        ...

    async def snapshot_chunk(self, name: bytes) -> bytes | None:
        """A chunk of a kept snapshot; None when it is kept no longer."""
        ...

    async def judge_offer(self, head: SnapshotHead, is_needed: bool, common: int) -> OfferAnswer:
        """What a proven snapshot is to this node. `common` is up to where both sides are known to know one order."""
        ...

    async def missing_chunks(self, head: SnapshotHead, names_max: int) -> Sequence[bytes]:
        """The names of chunks of a snapshot that are not kept here. Raises SnapshotError."""
        ...

    async def keep_chunks(self, chunks: Mapping[bytes, bytes]) -> None:
        """Keep chunks by their names. Raises SnapshotError for what is no such chunk."""
        ...

    async def take_snapshot(self, head: SnapshotHead, is_needed: bool) -> bool:
        """Stand on a snapshot of which no chunk is missing, or keep it. Returns whether this node stands on it now.

        Raises SnapshotError, and then nothing changed.
        """
        ...

    def note_offset(self, peer: Peer, offset_ms: int) -> None:
        """Hear how far the peer's machine's clock is ahead of this one's."""
        ...
