"""What two nodes say about snapshots.

A node offers the newest one that it keeps: for keeping, to a peer that knows the order up to there; or because the peer needs
it. The peer asks for the chunks that it lacks, a few at a time. What came before a link ended is not asked for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crdt_pms.log.errors import SnapshotError
from crdt_pms.session.errors import MessageUnexpected, SnapshotInstalled, SnapshotUnusable
from crdt_pms.session.limits import CHUNKS_PER_QUESTION_MAX
from crdt_pms.session.messages import Chunk, ChunksAsked, Message, SnapshotHeld, SnapshotOffered
from crdt_pms.session.node import Node, OfferAnswer
from crdt_pms.session.session import Session

NOTHING: Final[Sequence[Message]] = ()


class SnapshotTalk:
    """The part of one exchange that is about snapshots."""

    def __init__(self, node: Node, session: Session) -> None:
        self._node = node
        self._session = session
        self._offered = 0
        self._needed: set[int] = set()
        """The positions of the snapshots that were offered because the peer needs one: a newer one may follow its answer."""
        self._coming: SnapshotOffered | None = None
        self._awaited: list[bytes] = []
        self._came: dict[bytes, bytes] = {}
        self.is_needed = False
        """Whether the peer needs a snapshot before it can take entries from here."""

    async def begin(self) -> None:
        """Hear that the peer has said what it holds.

        Raises SnapshotUnusable when the peer needs a snapshot and its program knows none.
        """
        assert self._session.peer is not None, "a peer that has said hello"
        head = self._node.snapshot()
        self.is_needed = head is not None and await self._node.needs_snapshot(
            self._session.known_common, self._session.peer
        )
        if self.is_needed and not self._session.knows_snapshots:
            raise SnapshotUnusable(
                "what the peer lacks is kept here as a snapshot only, and its program does not know snapshots: update it"
            )

    def news(self) -> Sequence[Message]:
        """An offer, if there is one that the peer can use and has not heard."""
        head = self._node.snapshot()
        if head is None or head.through <= self._offered or not self._session.knows_snapshots:
            return NOTHING
        if not self.is_needed and (head.through > self._session.peer_through or self._is_for_relay()):
            return NOTHING
        self._offered = head.through
        if self.is_needed:
            self._needed.add(head.through)
        return [SnapshotOffered(head, self.is_needed)]

    async def answer(self, message: SnapshotOffered | SnapshotHeld | ChunksAsked | Chunk) -> Sequence[Message]:
        """What is to be said to a message about snapshots. Raises SnapshotUnusable or SnapshotInstalled."""
        match message:
            case SnapshotOffered():
                return await self._hear_offer(message)
            case SnapshotHeld(through):
                self._hear_held(through)
                return NOTHING
            case ChunksAsked(names):
                return [Chunk(name, await self._node.snapshot_chunk(name)) for name in names]
            case Chunk():
                return await self._take(message)

    def _is_for_relay(self) -> bool:
        return self._session.peer is not None and self._session.peer.is_relay

    async def _hear_offer(self, offer: SnapshotOffered) -> Sequence[Message]:
        if self._coming is not None and self._coming.is_needed and not offer.is_needed:
            return NOTHING
        answer = await self._node.judge_offer(offer.head, offer.is_needed, self._session.known_common)
        if answer is OfferAnswer.HELD and offer.is_needed:
            return [SnapshotHeld(offer.head.through)]
        if answer is not OfferAnswer.WANTED:
            return NOTHING
        self._coming = offer
        return await self._ask(offer)

    def _hear_held(self, through: int) -> None:
        if through not in self._needed:
            raise MessageUnexpected("the peer says that it holds a snapshot that it was not offered")
        self.is_needed = False
        self._session.note_held_through(through)

    async def _ask(self, offer: SnapshotOffered) -> Sequence[Message]:
        """Ask for what is missing still; when nothing is, take the snapshot."""
        try:
            missing = await self._node.missing_chunks(offer.head, CHUNKS_PER_QUESTION_MAX)
            if missing:
                # What was asked for of another snapshot may be a part of this one, and comes all the same.
                asked = tuple(name for name in missing if name not in self._awaited)
                self._awaited += asked
                return [ChunksAsked(asked)] if asked else NOTHING
            self._coming = None
            is_installed = await self._node.take_snapshot(offer.head, offer.is_needed)
        except SnapshotError as error:
            return self._cannot_use(offer, error)
        if is_installed:
            raise SnapshotInstalled(f"the snapshot at position {offer.head.through} stands for all before it")
        return NOTHING

    async def _take(self, chunk: Chunk) -> Sequence[Message]:
        if not self._awaited or chunk.name != self._awaited[0]:
            raise MessageUnexpected("a chunk came that was not asked for")
        del self._awaited[0]
        offer = self._coming
        if chunk.body is not None:
            self._came[chunk.name] = chunk.body
        elif offer is not None:
            # The peer keeps a newer one by now, which it offers.
            self._coming = None
            if offer.is_needed:
                raise SnapshotUnusable(f"the peer keeps the snapshot at position {offer.head.through} no longer")
        if self._awaited:
            return NOTHING
        came, self._came = self._came, {}
        if offer is None or self._coming is None:
            return NOTHING
        try:
            await self._node.keep_chunks(came)
        except SnapshotError as error:
            return self._cannot_use(offer, error)
        return await self._ask(offer)

    def _cannot_use(self, offer: SnapshotOffered, error: SnapshotError) -> Sequence[Message]:
        """A snapshot for keeping may be without use here; one that is needed ends the session, for nothing else can come."""
        self._coming = None
        self._node.counters[f"snapshots_refused_{error.reason}"] += 1
        if offer.is_needed:
            raise SnapshotUnusable(str(error)) from error
        return NOTHING
