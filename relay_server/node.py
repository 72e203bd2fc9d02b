"""A relay as its links see it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from crdt_pms.hotel.property_file import PropertyDefinition
from crdt_pms.journal.certificate import Certificate, Head
from crdt_pms.journal.entry import Entry
from crdt_pms.journal.forks import Branch, ForkProof, branch_of, proof_of
from crdt_pms.journal.identifiers import Dot, JournalId, VersionVector
from crdt_pms.journal.limits import BRANCH_HEADERS_MAX, PREFIX_BYTES
from crdt_pms.journal.positions import CommittedRun, OrderMark, marked_positions
from crdt_pms.journal.signed_end import SignedEnd
from crdt_pms.journal.trust import EnrolledDevice
from crdt_pms.log.snapshot import SnapshotHead
from crdt_pms.ports.errors import StoreUnavailable
from crdt_pms.ports.records import Placed
from crdt_pms.session import limits
from crdt_pms.session.clock import Clock
from crdt_pms.session.messages import OrderKnown
from crdt_pms.session.node import OfferAnswer
from crdt_pms.session.openings import Openings
from crdt_pms.session.session import Identity, Peer
from relay_server.intake import Intake
from relay_server.log import InDatabase, cursor_of, place_of
from relay_server.order import cut_runs

logger = logging.getLogger(__name__)


class OrderReader(Protocol):
    """Reads the committed order from the database. Everything raises StoreError."""

    async def entries_after(self, position: int, entries_max: int, bytes_max: int) -> list[Placed]:
        """The committed entries after a position."""
        ...

    async def committed_runs(self, after: int, positions_max: int) -> list[CommittedRun]:
        """The committed order after a position."""
        ...

    async def journals_beyond(self, position: int) -> list[JournalId]:
        """The journals that have entries after a position."""
        ...

    async def order_marks(self, through: int, digest: bytes) -> list[OrderMark]:
        """What is said of the order up to a position, where it has that digest."""
        ...

    async def common_position(self, marks: Sequence[OrderMark], through: int) -> int:
        """The highest position of the marks up to which the order, up to `through`, is the same; 0 when there is none."""
        ...

    async def order_digest(self, position: int) -> bytes | None:
        """The digest of the committed order up to a position; None when the database holds less."""
        ...

    async def journal_entries(self, journal: JournalId, first_seq: int, entries_max: int) -> list[Placed]:
        """The entries of one journal from a number on."""
        ...

    async def hashes(self, dots: Sequence[Dot]) -> Mapping[Dot, bytes]:
        """The hashes of those entries that are stored."""
        ...

    async def snapshot_chunk(self, name: bytes) -> bytes | None:
        """A chunk of a snapshot, or an index; None when it is not kept."""
        ...


@dataclass(frozen=True, slots=True)
class Around:
    """What a relay's node needs of the process around it."""

    notify: Callable[[], None]
    """Called when there may be more to send."""
    wait_for_room: Callable[[], Awaitable[None]]
    """Returns when the intake may have room again."""
    renew_generation: Callable[[SignedEnd], Awaitable[None]]
    """Gives the database, which lacks or contradicts that end, a new generation, and the order with it; the generation of the
    end counts among the former ones from then on. May raise StoreError."""
    renewing: AbstractAsyncContextManager[object]
    """Held by one at a time."""
    openings: Openings
    """How fast devices may open journals."""
    snapshot: Callable[[], SnapshotHead | None] = lambda: None
    """The newest snapshot that may be handed out."""
    is_removed: Callable[[str], bool] = lambda _device: False
    """Whether the rows that were projected so far say that a device may not write now."""


class RelayNode:
    """Takes entries into the intake, reads from memory or PostgreSQL, and announces what was committed."""

    is_relay = True

    def __init__(
        self,
        definition: PropertyDefinition,
        device: EnrolledDevice,
        clock: Clock,
        intake: Intake,
        readers: OrderReader,
        around: Around,
    ) -> None:
        self.identity = Identity(definition.property_id, definition.root_key, device, is_removed=around.is_removed)
        self._end: SignedEnd | None = None
        self._clock = clock
        self._intake = intake
        self._readers = readers
        self._around = around

    @property
    def counters(self) -> Counter[str]:
        """What happened so far."""
        return self._intake.counters

    @property
    def openings(self) -> Openings:
        """How fast devices may open journals here."""
        return self._around.openings

    def now_ms(self) -> int:
        """UTC milliseconds. No peer corrects a relay's clock."""
        return self._clock.now_ms()

    def machine_ms(self) -> int:
        """UTC milliseconds as the machine's clock says."""
        return self._clock.machine_ms()

    def vector(self) -> VersionVector:
        """What is held here, committed or on its way to PostgreSQL."""
        return self._intake.vector

    def head(self, journal: JournalId) -> Head | None:
        """The last entry that is held of a journal, committed or queued."""
        head = self._intake.gate.head(journal)
        return head if head is not None and head.seq else None

    @property
    def order_cuts(self) -> Sequence[int]:
        """None: a process whose database went back ends."""
        return ()

    def order_end(self) -> SignedEnd:
        """How much is known to be committed, signed."""
        order, end = self._intake.order, self._end
        if end is None or (end.generation, end.through) != (order.generation, order.through):
            end = self._end = self._signed(order.through, order.digest)
        return end

    async def checkpoint(self, position: int) -> SignedEnd | None:
        """The end at a checkpoint of the announced order, signed."""
        digest = await self._digest_at(position)
        return None if digest is None else self._signed(position, digest)

    def certificate(self, journal: JournalId) -> Certificate | None:
        """The certificate of a known journal."""
        return self._intake.gate.certificate(journal)

    async def order_marks(self) -> Sequence[OrderMark]:
        """The digests of the committed order at `marked_positions`; without the database those that are in memory."""
        order = self._intake.order
        try:
            return await self._readers.order_marks(order.through, order.digest)
        except StoreUnavailable:
            # A session does not wait for PostgreSQL to begin.
            known = ((position, order.digest_at(position)) for position in marked_positions(order.through))
            return [OrderMark(position, digest) for position, digest in known if digest is not None]

    async def common_point(self, marks: Sequence[OrderMark]) -> int:
        """The highest position of a peer's marks up to which the committed order is the same."""
        order = self._intake.order
        in_memory = (mark.position for mark in marks if order.digest_at(mark.position) == mark.digest)
        if (found := next(in_memory, None)) is not None:
            return found
        older = [mark for mark in marks if mark.position < order.in_memory_after]
        return await self._readers.common_position(older, order.through) if older else 0

    async def heads_beyond(self, position: int) -> Sequence[Head]:
        """The last entry of each journal that has entries after a position, or queued ones."""
        journals = self._intake.order.journals_beyond(position)
        if journals is None:
            journals = set(await self._readers.journals_beyond(position))
        journals |= self._intake.log.journals_beyond(position)
        return [head for journal in sorted(journals) if (head := self.head(journal)) is not None]

    async def cursor_for(self, position: int) -> int:
        """Where to begin reading for a peer that holds the order up to a position."""
        return cursor_of(InDatabase(position))

    async def read(self, cursor: int, position: int, entries_max: int, bytes_max: int) -> tuple[list[Entry], int]:
        """The next entries beyond a position of the order, or in none, and the cursor after them."""
        place = self._intake.log.resolve(place_of(cursor))
        if isinstance(place, InDatabase):
            placed = await self._readers.entries_after(place.position, entries_max, bytes_max)
            # PostgreSQL may hold entries already, of journals even, that this process has not read in yet.
            placed = [one for one in placed if one.position <= self._intake.order.through]
            after = placed[-1].position if placed else place.position
            return [one.entry for one in placed], cursor_of(InDatabase(after))
        entries, following = self._intake.log.read(place, position, entries_max, bytes_max)
        return entries, cursor_of(following)

    async def committed_runs(self, after: int, positions_max: int) -> list[CommittedRun]:
        """The committed order after a position, as far as it was announced."""
        runs = self._intake.order.runs(after, positions_max)
        if runs is None:
            runs = cut_runs(await self._readers.committed_runs(after, positions_max), self._intake.order.through)
        return runs

    async def receive_certificates(self, certificates: Sequence[Certificate]) -> None:
        """Learn journals. Raises CertificateRefused."""
        await self._room()
        self._intake.receive_certificates(certificates)

    async def receive_entries(self, entries: Sequence[Entry], peer: Peer) -> Collection[JournalId]:
        """Verify, forward and queue a batch. Raises JournalError."""
        await self._room()
        forgotten = self._intake.forgotten(entries)
        return self._intake.receive(entries, await self._readers.hashes(forgotten) if forgotten else {})

    async def prefixes_of(self, dots: Sequence[Dot]) -> Mapping[Dot, bytes]:
        """The first bytes of the hashes of held entries, committed or queued."""
        found = {dot: known for dot in dots if (known := self._intake.log.hash_of(dot)) is not None}
        if len(found) < len(dots):
            try:
                found |= await self._readers.hashes([dot for dot in dots if dot not in found])
            except StoreUnavailable:
                # What is in memory is compared; a session does not wait for PostgreSQL to begin.
                self.counters["hashes_not_looked_up"] += len(dots) - len(found)
        return {dot: entry_hash[:PREFIX_BYTES] for dot, entry_hash in found.items()}

    async def branch(self, journal: JournalId, seq: int) -> Branch | None:
        """What is held of a journal from a slot on, committed or queued."""
        certificate = self.certificate(journal)
        if certificate is None:
            return None
        stored = [one.entry for one in await self._readers.journal_entries(journal, seq, BRANCH_HEADERS_MAX)]
        following = seq + len(stored)
        return branch_of([*stored, *self._intake.log.of_journal(journal, following)], certificate.device_key)

    async def receive_branch(self, branch: Branch) -> ForkProof | None:
        """Compare a branch with what is held. Raises JournalError."""
        branch.require_signed(self._intake.gate.require_certificate(branch.point.journal))
        proof = proof_of(await self.branch(branch.point.journal, branch.point.seq), branch)
        if proof is not None:
            self._intake.receive_forks([proof])
        return self._intake.gate.forks.at(branch.point)

    async def receive_forks(self, proofs: Sequence[ForkProof]) -> None:
        """Learn of forks. Raises JournalError."""
        for proof in proofs:
            proof.require_valid(self._intake.gate.require_certificate(proof.point.journal))
        self._intake.receive_forks(proofs)

    def fork_news(self, after: int | None) -> tuple[Sequence[ForkProof], int]:
        """What is to be told of forks."""
        news = self._intake.fork_news
        return list(self._intake.gate.forks) if after is None else news[after:], len(news)

    async def receive_committed(self, end: SignedEnd, runs: Sequence[CommittedRun], peer: Peer) -> None:
        """A relay takes the order from PostgreSQL alone."""
        self._intake.counters["committed_orders_ignored"] += 1

    async def receive_order_known(self, known: OrderKnown, peer: Peer) -> bool:
        """Notice that PostgreSQL came back from an older backup: it lacks or contradicts an end that a relay had signed."""
        order, end = self._intake.order, known.end
        if end is None:
            return True
        async with self._around.renewing:
            # Of many peers that come back at once, the first is enough. The ends of a former generation were noticed once.
            if end.generation in order.past or await self._holds(end):
                return True
            logger.warning(
                "PostgreSQL does not hold what a relay had signed up to position %d, as device %s shows: it came back from an "
                "older backup. It gets a new generation, and the terminals send again what it lacks.",
                end.through, peer.device_id,
            )  # fmt: skip
            await self._around.renew_generation(end)
            self._around.notify()
            return False

    async def _room(self) -> None:
        while not self._intake.has_room:
            self.counters["waits_for_room"] += 1
            await self._around.wait_for_room()

    async def _holds(self, end: SignedEnd) -> bool:
        """Whether PostgreSQL has that order; another relay process may have committed its end."""
        return await self._digest_at(end.through) == end.digest

    async def _digest_at(self, position: int) -> bytes | None:
        """The digest of the committed order up to a position, in memory if possible."""
        return self._intake.order.digest_at(position) or await self._readers.order_digest(position)

    def _signed(self, through: int, digest: bytes) -> SignedEnd:
        return SignedEnd.sign(self.identity.device, self._intake.order.generation, through, digest)

    def snapshot(self) -> SnapshotHead | None:
        """The newest snapshot that is old enough."""
        return self._around.snapshot()

    async def needs_snapshot(self, common: int, peer: Peer) -> bool:
        """Whether the snapshot is the shorter way for a peer: this relay holds every entry."""
        head = self._around.snapshot()
        if head is None or peer.is_relay:
            return False
        lacking = head.through - common
        is_shorter = lacking * limits.SNAPSHOT_GAIN >= head.through
        return lacking >= limits.SNAPSHOT_INSTEAD_POSITIONS and is_shorter

    async def snapshot_chunk(self, name: bytes) -> bytes | None:
        """A chunk of a kept snapshot."""
        return await self._readers.snapshot_chunk(name)

    async def judge_offer(self, head: SnapshotHead, is_needed: bool, common: int) -> OfferAnswer:
        """Whether what it stands for is held here; a relay makes its own."""
        is_held = await self._digest_at(head.through) == head.end.digest
        return OfferAnswer.HELD if is_held else OfferAnswer.REFUSED

    async def missing_chunks(self, head: SnapshotHead, names_max: int) -> Sequence[bytes]:
        """A relay makes its own."""
        return ()

    async def keep_chunks(self, chunks: Mapping[bytes, bytes]) -> None:
        """A relay makes its own."""

    async def take_snapshot(self, head: SnapshotHead, is_needed: bool) -> bool:
        """A relay makes its own."""
        return False

    def note_offset(self, peer: Peer, offset_ms: int) -> None:
        """No peer corrects a relay's clock."""
